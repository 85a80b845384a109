import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';

const FILES = [
  'release.yaml',
  ...readdirSync(fromRoot('examples'))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => `examples/${name}`),
];
const named = (name: string): ReturnType<typeof loadRelease>['release'] => loadRelease(fromRoot(`examples/${name}.yaml`)).release;

it('there is one example for each case that the README names', () => {
  expect(FILES.sort()).toEqual([
    'examples/karpenter.yaml',
    'examples/llava-onevision-1.5-8b.yaml',
    'examples/qwen3-vl-cpu.yaml',
    'examples/refused.yaml',
    'examples/smollm2-cpu.yaml',
    'examples/spot.yaml',
    'release.yaml',
  ]);
});

describe.each(FILES)('%s', (file) => {
  const text = readFileSync(fromRoot(file), 'utf8');
  const { release } = loadRelease(fromRoot(file));
  const catalog = loadCatalog();

  it('opens with a comment, in block style, one key a line', () => {
    expect(text.startsWith('# ')).toBe(true);
    expect(text.split('\n').filter((line) => !line.trim().startsWith('#') && /[[{]|:.*: /.test(line))).toEqual([]);
  });

  it('names a model, a revision, a precision and an engine of the catalogue', () => {
    const model = catalog.models.find((candidate) => candidate.id === release.model.id);
    expect(model?.knownRevisions).toContain(release.model.revision);
    expect(model?.weights.map((weights) => weights.precision)).toContain(release.model.precision);
    expect(catalog.engines.find((engine) => engine.name === release.engine.name)?.architectures).toContain(model?.architecture);
  });

  it('names instance families and a region of the catalogue', () => {
    const families = new Set(catalog.instances.map((instance) => instance.family));
    expect((release.placement.instanceFamilies ?? []).filter((family) => !families.has(family))).toEqual([]);
    if (release.placement.region) expect(catalog.prices.regions).toContain(release.placement.region);
  });

  it('has a placement that meets its targets within its budget', () => {
    const plan = planRelease(release, catalog, { file, today: new Date('2026-11-23') });
    expect(plan.problems.filter((problem) => problem.severity === 'error')).toEqual([]);
    expect(plan.state).toBe('ok');
    expect(plan.cost.budget.withinMonthly).toBe(true);
  });

  it('points editors at the schema', () => {
    expect(text).toMatch(/# yaml-language-server: \$schema=\.{1,2}\/release\/release\.schema\.json/);
  });
});

describe('each example shows what it is there for', () => {
  it('the 8B model on one L40S, since a 24 GB card is too small for it', () => {
    const plan = planRelease(named('llava-onevision-1.5-8b'), loadCatalog(), { file: '', today: new Date('2026-11-23') });
    expect(plan.placement).toMatchObject({ instanceType: 'g6e.xlarge', gpuCount: 1 });
    expect(plan.rejected.find((rejected) => rejected.candidate === 'g6.xlarge')?.shortBy?.value).toBeGreaterThan(0);
    expect(named('llava-onevision-1.5-8b')).toMatchObject({ model: { id: 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct', precision: 'bf16' } });
  });

  it('another model on a CPU, without a claim to open data', () => {
    expect(named('qwen3-vl-cpu')).toMatchObject({ engine: { name: 'llama.cpp' }, compliance: { requires: 'open-weights' } });
  });

  it('spot before on-demand, on the evidence of the same model', () => {
    const spot = named('spot');
    const main = loadRelease(fromRoot('release.yaml')).release;
    expect(spot.placement.capacity).toEqual(['spot', 'on-demand']);
    expect(spot.model).toEqual(main.model);
    expect(spot.compliance.lock).toBe(main.compliance.lock);
  });

  it('a release that only its training data speaks against', () => {
    expect(named('refused')).toMatchObject({ engine: { name: 'vllm' }, compliance: { requires: 'open-science' } });
  });

  it('a release on an existing cluster, with a model file pinned by its digest and a pinned binary', () => {
    expect(named('smollm2-cpu')).toMatchObject({
      model: { revision: 'sha256:b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53' },
      engine: { image: { state: 'host', source: 'npm:node-llama-cpp@3.22.1' } },
      placement: { target: 'cluster' },
      compliance: { policy: 'production' },
    });
  });

  it('each release but those of spot and Karpenter has evidence of its own', () => {
    const locks = FILES.filter((file) => !/spot|karpenter/.test(file)).map((file) => loadRelease(fromRoot(file)).release.compliance.lock);
    expect(new Set(locks).size).toBe(locks.length);
  });
});
