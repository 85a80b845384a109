import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ENGINE_PROFILES } from '../../charts/engine-profile';
import { chartValues, HOST_WEIGHTS_PATH } from '../../charts/values';
import { VerdictSchema } from '../../compliance/verdict';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { PlanSchema } from '../../planning/plan';
import { CASES, makePlan, makeRelease, makeTerm, makeVerdict, UNBUILT, valuesOf } from './fixtures';

const schema = JSON.parse(readFileSync(fromRoot('charts/onevision/values.schema.json'), 'utf8'));
const validate = new Ajv({ allErrors: true, strict: false }).compile(schema);
const defaults = parse(readFileSync(fromRoot('charts/onevision/values.yaml'), 'utf8'));

function codeOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return error instanceof KitError ? error.code : String(error);
  }
  return undefined;
}

describe('chartValues', () => {
  it.each(CASES)('satisfies the schema of the chart: $title', ({ release, plan, verdict }) => {
    expect(PlanSchema.safeParse(plan).error).toBeUndefined();
    expect(VerdictSchema.safeParse(verdict).error).toBeUndefined();
    const values = chartValues(release, plan, verdict);
    validate(values);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('passes the arguments of the plan as they are', () => {
    expect(valuesOf(0).engine.args).toEqual(CASES[0]?.plan.engine.args);
  });

  it('refuses arguments of the plan that the chart writes itself', () => {
    for (const kind of ['vllm', 'llama.cpp'] as const) {
      for (const arg of ENGINE_PROFILES[kind].ownedArgs) {
        for (const written of [[arg, 'x'], [`${arg}=x`]]) {
          const plan = makePlan({ engine: { kind, args: ['--fine', ...written] } });
          expect(codeOf(() => chartValues(makeRelease(), plan, makeVerdict()))).toBe('E_CHART_ARGS');
        }
      }
    }
  });

  it('asks Karpenter to leave the pods alone where it may see them, and nobody where it cannot', () => {
    const on = (target: 'aws' | 'cluster', nodes: 'managed' | 'karpenter') => {
      const release = makeRelease();
      return chartValues({ ...release, placement: { ...release.placement, target, nodes } }, makePlan(), makeVerdict()).doNotDisrupt;
    };
    expect([on('aws', 'karpenter'), on('aws', 'managed'), on('cluster', 'managed')]).toEqual([true, false, true]);
  });

  it('serves from a folder that names the model and its revision', () => {
    expect(valuesOf(0).weights.folder).toBe('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct/ef3fa61007edd3b5d1d7a22b5edd8d4803995610');
    expect(valuesOf(3).weights.folder).toBe(`HuggingFaceTB/SmolLM2-135M-Instruct-GGUF/sha256-${'b1'.repeat(32)}`);
  });

  it('names the projector only for requests with images', () => {
    expect(valuesOf(2).weights.projectorFile).toBe('mmproj.gguf');
    expect(valuesOf(3).weights.projectorFile).toBe('');
  });

  it('starts a binary on the nodes by its name, with weights at the same path inside and outside', () => {
    const values = valuesOf(3);
    expect(values.engine.command).toEqual(['llama-server']);
    expect(values.weights.volume).toEqual({ type: 'hostPath', path: HOST_WEIGHTS_PATH });
    expect(values.weights.mountPath).toBe(HOST_WEIGHTS_PATH);
  });

  it('allows placeholder images in a rehearsal and for a binary on the nodes only', () => {
    expect(CASES.map((_, index) => valuesOf(index).rehearsal)).toEqual([false, false, false, true, true]);
    expect(chartValues(makeRelease({ image: UNBUILT }), makePlan(), makeVerdict('unknown')).rehearsal).toBe(false);
  });

  it('refuses a binary with a path, and a digest without a repository', () => {
    const withPath = makeRelease({ image: { state: 'host', binary: '/usr/bin/llama-server', source: 'x' } });
    expect(codeOf(() => chartValues(withPath, makePlan(), makeVerdict()))).toBe('E_CHART_BINARY');
    const digest = `sha256:${'2'.repeat(64)}`;
    const bare = makeRelease({ image: { digest } });
    expect(codeOf(() => chartValues(bare, makePlan(), makeVerdict()))).toBe('E_CHART_REPOSITORY');
    const image = chartValues(bare, makePlan(), makeVerdict(), { imageRepository: 'registry.example.org/a' }).image;
    expect(image).toEqual({ state: 'built', repository: 'registry.example.org/a', digest });
  });

  it('takes the GPUs of one replica, not of the node, and none on a CPU', () => {
    expect([0, 1, 2].map((index) => valuesOf(index).gpu.count)).toEqual([1, 2, 0]);
  });

  it('leaves room for Kubernetes on its own nodes, and takes what the release gives on an existing cluster', () => {
    expect(valuesOf(0).resources).toEqual({ requests: { cpu: '3470m', memory: '13522Mi' }, limits: { memory: '13522Mi' } });
    expect(valuesOf(3).resources).toEqual({ requests: { cpu: '1950m', memory: '3968Mi' }, limits: { memory: '3968Mi' } });
  });

  it('gives well-formed values for a refused plan, which OVKIT_GATE=report still synthesises', () => {
    const nowhere = {
      instanceType: null,
      device: null,
      gpu: null,
      gpuCount: 0,
      capacity: null,
      replicas: 0,
      vcpu: 0,
      memoryGib: 0,
      volumeGib: 0,
    };
    const values = chartValues(makeRelease(), makePlan({ placement: nowhere, terms: [], engine: { args: [] } }), makeVerdict('denied'));
    expect(validate(values), JSON.stringify(validate.errors)).toBe(true);
  });

  it('shares a node between the replicas that its GPUs can carry', () => {
    const memory = Number.parseInt(valuesOf(1).resources.requests.memory, 10);
    expect(memory).toBeGreaterThan(80 * 1024);
    expect(memory * 2).toBeLessThan(192 * 1024 * 0.925);
  });

  it('lets the root file system be written on GPU pods only', () => {
    expect([0, 2].map((index) => valuesOf(index).readOnlyRootFilesystem)).toEqual([false, true]);
  });

  it('takes the size of /dev/shm from the plan, else from the engine', () => {
    const plan = makePlan({ terms: [makeTerm('shared memory', 3, 'host')] });
    expect(chartValues(makeRelease(), plan, makeVerdict()).sharedMemoryMib).toBe(3072);
    expect(chartValues(makeRelease(), makePlan({ terms: [] }), makeVerdict()).sharedMemoryMib).toBe(2048);
    expect(valuesOf(3).sharedMemoryMib).toBe(0);
  });

  it('gives the weights room on disk, and heavier weights more time to start', () => {
    const heavy = chartValues(makeRelease(), makePlan({ terms: [makeTerm('weights on disk', 17, 'disk')] }), makeVerdict());
    expect(valuesOf(0).weights.volume).toEqual({ type: 'emptyDir', sizeGib: 12 });
    expect(heavy.weights.volume).toEqual({ type: 'emptyDir', sizeGib: 23 });
    expect([valuesOf(0).startup.budgetSeconds, heavy.startup.budgetSeconds, valuesOf(3).startup.budgetSeconds]).toEqual([840, 1020, 180]);
    expect(heavy.startup.progressDeadlineSeconds).toBeGreaterThan(heavy.startup.budgetSeconds);
  });

  it('keeps the schema for any placement that a plan may hold', () => {
    const placement = fc.record({
      gpuCount: fc.constantFrom(1, 2, 4, 8),
      tensorParallel: fc.constantFrom(1, 2, 4, 8),
      replicas: fc.integer({ min: 0, max: 20 }),
      maxReplicas: fc.integer({ min: 1, max: 20 }),
      vcpu: fc.integer({ min: 2, max: 192 }),
      memoryGib: fc.integer({ min: 4, max: 2048 }),
    });
    fc.assert(
      fc.property(placement, (parts) => {
        const values = chartValues(makeRelease(), makePlan({ placement: parts }), makeVerdict());
        expect(validate(values), JSON.stringify(validate.errors)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('values.schema.json', () => {
  it('lists exactly the keys of values.yaml, at every depth', () => {
    const unlisted: string[] = [];
    const walk = (node: Record<string, unknown>, value: Record<string, unknown>, path: string) => {
      const properties = (node.properties ?? {}) as Record<string, Record<string, unknown>>;
      if (node.additionalProperties !== false) return;
      const keys = new Set([...Object.keys(properties), ...Object.keys(value)]);
      keys.delete('global');
      for (const key of keys) {
        const child = value[key];
        if (!(key in properties) || !(key in value)) unlisted.push(`${path}${key}`);
        else if (typeof child === 'object' && child !== null && !Array.isArray(child)) {
          walk(properties[key] ?? {}, child as Record<string, unknown>, `${path}${key}.`);
        }
      }
    };
    walk(schema, defaults, '');
    expect(unlisted).toEqual([]);
  });

  it('says of every value what it means', () => {
    const silent: string[] = [];
    const walk = (node: Record<string, unknown>, path: string) => {
      for (const [key, child] of Object.entries((node.properties ?? {}) as Record<string, Record<string, unknown>>)) {
        if (typeof child.description !== 'string') silent.push(`${path}${key}`);
        walk(child, `${path}${key}.`);
      }
    };
    walk(schema, '');
    expect(silent).toEqual([]);
  });

  it('refuses the arguments that the chart writes, the same list as the code', () => {
    for (const kind of ['vllm', 'llama.cpp'] as const) {
      for (const arg of ENGINE_PROFILES[kind].ownedArgs) {
        const values = valuesOf(0);
        expect(validate({ ...values, engine: { ...values.engine, kind, args: [arg] } }), `${kind} ${arg}`).toBe(false);
      }
    }
  });

  it('refuses a planted mistake in any single value', () => {
    const good = valuesOf(0);
    const bad: readonly [string, object][] = [
      ['misspelt key', { ...good, replica: 2 }],
      ['misspelt nested key', { ...good, startup: { ...good.startup, budgetSecond: 9 } }],
      ['tag instead of a digest', { ...good, image: { ...good.image, digest: 'latest' } }],
      ['tag in the repository', { ...good, image: { ...good.image, repository: 'registry.example.org/a:latest' } }],
      ['tag as a key', { ...good, image: { ...good.image, tag: 'v1' } }],
      ['upper-case digest', { ...good, image: { ...good.image, digest: `sha256:${'A'.repeat(64)}` } }],
      ['no digest', { ...good, image: { state: 'built', repository: 'a/b' } }],
      ['host without binary', { ...good, image: { state: 'host' } }],
      ['branch as revision', { ...good, model: { ...good.model, revision: 'main' } }],
      ['number as text', { ...good, replicas: '1' }],
      ['negative replicas', { ...good, replicas: -1 }],
      ['both zero', { ...good, rollout: { maxSurge: 0, maxUnavailable: '0%' } }],
      ['root', { ...good, runAs: { user: 0 } }],
      ['privileged port', { ...good, engine: { ...good.engine, port: 80 } }],
      ['GPU fraction', { ...good, gpu: { count: 0.5 } }],
      ['memory without number', { ...good, resources: { ...good.resources, limits: { memory: 'lots' } } }],
      ['way out of the mount', { ...good, weights: { ...good.weights, folder: '../../etc' } }],
      ['claim without name', { ...good, weights: { ...good.weights, volume: { type: 'persistentVolumeClaim', claimName: '' } } }],
      ['ingress for everybody', { ...good, networkPolicy: { ingress: [{ name: 'all', podLabels: {} }] } }],
      ['unknown state', { ...good, verdict: { ...good.verdict, state: 'compliant' } }],
    ];
    expect(validate(good)).toBe(true);
    for (const [mistake, values] of bad) expect(validate(values), mistake).toBe(false);
  });
});
