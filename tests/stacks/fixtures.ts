import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Finding, type Verdict, VerdictSchema } from '../../compliance/verdict';
import { exactFigure } from '../../core/figure';
import { type Plan, PlanSchema } from '../../planning/plan';
import { scalingMode } from '../../planning/scaling/mode';
import { type Release, ReleaseSchema } from '../../release/schema';
import { type AppInput, buildApp } from '../../stacks/app';
import { DEFAULT_SETTINGS, type StackSettings } from '../../stacks/settings';
import { sampleScaling } from '../sample-scaling';

const MODEL = 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct';
const REVISION = 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610';
const DIGEST = `sha256:${'a'.repeat(64)}`;

/** A release for AWS; `change` edits the raw file before it is validated. */
// biome-ignore lint/suspicious/noExplicitAny: the raw form of release.yaml, before the schema has seen it
export function aRelease(change: (raw: any) => void = () => {}): Release {
  const raw = {
    apiVersion: 'onevision-kit/v1',
    metadata: { name: 'puppet-show', environment: 'production', owner: 'puppeteers', costCentre: 'stage-1' },
    model: { id: MODEL, revision: REVISION, precision: 'bf16' },
    engine: { name: 'vllm-onevision', image: { digest: DIGEST } },
    load: {
      imagesPerRequest: 1,
      imageWidthPx: 1280,
      imageHeightPx: 960,
      promptTokens: 200,
      outputTokens: 120,
      peakRequestsPerSecond: 0.5,
      hoursPerMonth: 200,
    },
    targets: { timeToFirstTokenMs: 2000, timePerOutputTokenMs: 80 },
    placement: { target: 'aws', region: 'us-east-1', capacity: ['on-demand'], minReplicas: 1, maxReplicas: 2, instanceFamilies: ['g6'] },
    budget: { monthlyUsd: 500, usdPerThousandImages: 5 },
    compliance: { policy: 'production', requires: 'open-science' },
  };
  change(raw);
  return ReleaseSchema.parse(raw);
}

/** The same, for an existing cluster. */
export function aClusterRelease(): Release {
  return aRelease((raw) => {
    raw.placement = { target: 'cluster', maxReplicas: 1, cluster: { context: 'kind-test', nodeVcpu: 4, nodeMemoryGib: 8 } };
    raw.engine.image = { state: 'host', binary: 'llama-server', source: 'git:example/llama.cpp@1' };
  });
}

const figure = exactFigure(1, 'sourced', 'fixture');

/** A plan for a release: one L4 in g6.xlarge. */
export function aPlan(release: Release, placement: Partial<Plan['placement']> = {}, rest: Partial<Plan> = {}): Plan {
  const onAws = release.placement.target === 'aws';
  return PlanSchema.parse({
    kind: 'plan',
    schemaVersion: 1,
    state: 'ok',
    problems: [],
    release: { name: release.metadata.name, environment: release.metadata.environment, file: 'release.yaml' },
    model: {
      id: release.model.id,
      title: 'a model',
      revision: release.model.revision,
      precision: release.model.precision,
      role: 'primary',
    },
    request: { imageTokens: 1564, promptTokens: 200, outputTokens: 120, totalTokens: 1884, visionPatches: 6256 },
    placement: {
      target: release.placement.target,
      region: release.placement.region ?? null,
      instanceType: onAws ? 'g6.xlarge' : null,
      device: onAws ? 'gpu' : 'cpu',
      gpu: onAws ? 'l4' : null,
      gpuCount: onAws ? 1 : 0,
      tensorParallel: 1,
      capacity: onAws ? 'on-demand' : null,
      replicas: 1,
      replicasRange: { low: 1, high: 1 },
      oneFailure: { survives: false, replicasToSurvive: 2, usdPerMonthMore: 0 },
      minReplicas: release.placement.minReplicas,
      maxReplicas: release.placement.maxReplicas,
      vcpu: 4,
      memoryGib: 16,
      localNvmeGb: onAws ? 250 : 0,
      volumeGib: 73,
      quota: null,
      fallback: null,
      ...placement,
    },
    scaling: sampleScaling({ ...scalingMode(release.placement), maxReplicas: release.placement.maxReplicas }),
    fit: {
      verdict: 'fits',
      because: 'it fits',
      candidate: 'g6.xlarge',
      device: 'l4',
      tensorParallel: 1,
      capacityBytes: 1,
      budgetBytes: 1,
      terms: [],
      kvCache: { bytesPerToken: 1, tokens: 1, tokensNeeded: 1, concurrentRequests: 1 },
      shortByBytes: 0,
    },
    performance: {
      timeToFirstTokenMs: figure,
      timePerOutputTokenMs: figure,
      requestsPerSecondPerReplica: figure,
      outputTokensPerSecondPerReplica: figure,
      boundBy: 'engine',
      concurrencyPerReplica: figure,
    },
    engine: { name: release.engine.name, kind: 'vllm', version: '0.11.0', port: 8000, args: ['--max-model-len=8192'], settings: {} },
    cost: {
      usdPerHour: figure,
      usdPerMonth: figure,
      usdPerThousandImages: figure,
      usdPerMillionTokens: figure,
      saturated: { usdPerThousandImages: figure, usdPerMillionOutputTokens: figure },
      idle: { utilisation: figure, usdPerMonth: figure, halfIdleRequestsPerMonth: null, breakEven: null },
      offHours: null,
      lines: [],
      priceDate: '2026-07-20',
      budget: { monthlyUsd: release.budget.monthlyUsd, usdPerThousandImages: null, withinMonthly: true, withinThousandImages: null },
    },
    candidates: [],
    rejected: [],
    alternatives: [],
    sources: [],
    ...rest,
  });
}

/** A finding that keeps the verdict from being allowed. */
export function aFinding(change: Partial<Finding> = {}): Finding {
  return {
    rule: 'OVK-LIC-001',
    severity: 'error',
    state: 'unknown',
    subject: 'hf:model/DeepGlint-AI/rice-vit',
    message: 'no licence is declared',
    closes: 'a licence file',
    evidence: [],
    location: { file: 'release.yaml', line: 1, column: 1 },
    waivedBy: null,
    ...change,
  };
}

/** A verdict on a release; allowed unless the state says otherwise. */
export function aVerdict(release: Release, change: Partial<Verdict> = {}): Verdict {
  return VerdictSchema.parse({
    kind: 'verdict',
    schemaVersion: 1,
    state: 'allowed',
    summary: 'allowed',
    environment: release.metadata.environment,
    requires: release.compliance.requires,
    release: { name: release.metadata.name, file: 'release.yaml' },
    model: { id: release.model.id, revision: release.model.revision },
    policy: { name: 'production', file: 'compliance/policies/production.yaml', digest: DIGEST },
    lock: { file: 'compliance.lock.json', digest: DIGEST },
    kit: { version: '0.1.0' },
    pins: [],
    openness: {
      mof: { version: '1.1', proven: 'none', atBest: 'none', components: [] },
      osaid: { version: '1.0', state: 'unknown', elements: [] },
    },
    subjectsExpected: 3,
    subjectsChecked: 3,
    counts: { allowed: 3, unavailable: 0, unknown: 0, conflict: 0, denied: 0 },
    findings: [],
    subjects: [],
    waivers: [],
    expiring: [],
    digest: DIGEST,
    expires: '2099-01-01T00:00:00Z',
    ...change,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: Terraform's JSON, as tests walk it
export type StackJson = any;

export interface Synthesised {
  /** cdk.tf.json by stack. */
  readonly stacks: Readonly<Record<string, StackJson>>;
  /** The same as text, as it lies on disk. */
  readonly texts: Readonly<Record<string, string>>;
  readonly annotations: readonly { readonly stack: string; readonly level: string; readonly message: string }[];
  readonly dependencies: Readonly<Record<string, readonly string[]>>;
}

export interface FixtureInput extends Partial<Omit<AppInput, 'settings' | 'charts'>> {
  readonly settings?: Partial<StackSettings>;
  readonly values?: unknown;
  /** Values of the weights mirror. */
  readonly mirror?: unknown;
}

const seen = new Map<string, Synthesised>();

/** Synthesises the app in a temporary folder, as the CLI would, and reads back what was written. The same input is synthesised once per file. */
export function synthesise(input: FixtureInput = {}): Synthesised {
  const key = JSON.stringify(input);
  const result = seen.get(key) ?? synthesiseOnce(input);
  seen.set(key, result);
  return structuredClone(result);
}

function synthesiseOnce(input: FixtureInput): Synthesised {
  const release = input.release ?? aRelease();
  const folder = mkdtempSync(join(tmpdir(), 'ovk-stacks-'));
  const before = process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS;
  process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS = 'true';
  try {
    const chart = join(folder, 'chart');
    mkdirSync(chart);
    writeFileSync(join(chart, 'Chart.yaml'), 'apiVersion: v2\nname: onevision\nversion: 0.0.1\n');
    const outdir = join(folder, 'out');
    buildApp({
      release,
      plan: input.plan ?? aPlan(release),
      verdict: input.verdict ?? aVerdict(release),
      gate: input.gate ?? 'enforce',
      settings: { ...DEFAULT_SETTINGS, ...input.settings },
      charts: {
        inference: { path: chart, values: input.values ?? { replicas: 1 }, timeoutSeconds: 1200 },
        mirror: { path: chart, values: input.mirror ?? null, timeoutSeconds: 600 },
        admission: { path: chart, values: { scope: 'namespace' }, timeoutSeconds: 120 },
      },
      outdir,
    }).synth();
    return readBack(outdir);
  } finally {
    if (before === undefined) delete process.env.CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS;
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Manifest {
  readonly stacks: Readonly<
    Record<
      string,
      {
        readonly synthesizedStackPath: string;
        readonly annotations: readonly { level: string; message: string }[];
        readonly dependencies: string[];
      }
    >
  >;
}

function readBack(outdir: string): Synthesised {
  const manifest: Manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
  const entries = Object.entries(manifest.stacks);
  const texts = Object.fromEntries(entries.map(([name, stack]) => [name, readFileSync(join(outdir, stack.synthesizedStackPath), 'utf8')]));
  return {
    texts,
    stacks: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, JSON.parse(text)])),
    annotations: entries.flatMap(([name, stack]) => stack.annotations.map(({ level, message }) => ({ stack: name, level, message }))),
    dependencies: Object.fromEntries(entries.map(([name, stack]) => [name, stack.dependencies])),
  };
}

/** Every managed resource of a stack as address and body. */
export function resourcesOf(stack: StackJson): [string, StackJson][] {
  return Object.entries((stack.resource ?? {}) as Record<string, Record<string, StackJson>>).flatMap(([type, byName]) =>
    Object.entries(byName).map(([name, body]): [string, StackJson] => [`${type}.${name}`, body]),
  );
}
