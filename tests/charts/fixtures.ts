import type { ChartValues } from '../../charts/chart-values';
import { chartValues } from '../../charts/values';
import type { Verdict } from '../../compliance/verdict';
import { unknownFigure } from '../../core/figure';
import type { FitTerm, Performance, Plan } from '../../planning/plan';
import type { Release, ReleaseImage } from '../../release/schema';
import { sampleScaling } from '../sample-scaling';

/** A release with its plan and verdict, small enough to read. */
export interface Case {
  readonly title: string;
  readonly release: Release;
  readonly plan: Plan;
  readonly verdict: Verdict;
}

const GIB = 2 ** 30;
const nobodyKnows = unknownFigure('not part of this fixture');
const performance: Performance = {
  timeToFirstTokenMs: nobodyKnows,
  timePerOutputTokenMs: nobodyKnows,
  requestsPerSecondPerReplica: nobodyKnows,
  outputTokensPerSecondPerReplica: nobodyKnows,
  boundBy: null,
  concurrencyPerReplica: nobodyKnows,
};

const BUILT: ReleaseImage = {
  digest: `sha256:${'2b'.repeat(32)}`,
  repository: '123456789012.dkr.ecr.us-east-1.amazonaws.com/puppet-show',
};
export const UNBUILT: ReleaseImage = { state: 'unbuilt', recipe: 'runtimes/vllm-onevision' };
const HOST: ReleaseImage = { state: 'host', binary: 'llama-server', source: 'npm:node-llama-cpp@3.22.1' };

export function makeTerm(name: string, gib: number, pool: FitTerm['pool']): FitTerm {
  return { name, bytes: gib * GIB, low: gib * GIB, high: gib * GIB, pool, formula: 'fixture', source: 'fixture' };
}

export function makeRelease(over: { image?: ReleaseImage; metadata?: Partial<Release['metadata']> } = {}): Release {
  return {
    apiVersion: 'onevision-kit/v1',
    metadata: { name: 'puppet-show', environment: 'production', owner: 'bbs-puppet-show', costCentre: 'bbs-2026', ...over.metadata },
    model: { id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610', precision: 'bf16' },
    engine: { name: 'vllm-onevision', image: over.image ?? BUILT },
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
    placement: {
      target: 'aws',
      region: 'us-east-1',
      capacity: ['on-demand'],
      nodes: 'managed',
      minReplicas: 1,
      maxReplicas: 1,
      instanceFamilies: ['g6'],
    },
    budget: { monthlyUsd: 500 },
    compliance: { policy: 'production', requires: 'open-weights', lock: 'compliance.lock.json', waivers: [] },
  };
}

interface PlanParts {
  readonly model?: Partial<Plan['model']>;
  readonly placement?: Partial<Plan['placement']>;
  readonly engine?: Partial<Plan['engine']>;
  readonly imageTokens?: number;
  readonly terms?: readonly FitTerm[];
}

/** The 4B model on one L4, unless told otherwise. */
export function makePlan(parts: PlanParts = {}): Plan {
  const placement: Plan['placement'] = {
    target: 'aws',
    region: 'us-east-1',
    instanceType: 'g6.xlarge',
    device: 'gpu',
    gpu: 'L4',
    gpuCount: 1,
    tensorParallel: 1,
    capacity: 'on-demand',
    replicas: 1,
    replicasRange: { low: 1, high: 1 },
    oneFailure: { survives: false, replicasToSurvive: 2, usdPerMonthMore: null },
    minReplicas: 1,
    maxReplicas: 1,
    vcpu: 4,
    memoryGib: 16,
    localNvmeGb: 250,
    volumeGib: 60,
    quota: null,
    fallback: null,
    ...parts.placement,
  };
  const imageTokens = parts.imageTokens ?? 1564;
  return {
    kind: 'plan',
    schemaVersion: 1,
    state: 'ok',
    problems: [],
    release: { name: 'puppet-show', environment: 'production', file: 'release.yaml' },
    model: {
      id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct',
      title: 'LLaVA-OneVision-1.5 4B',
      revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610',
      precision: 'bf16',
      role: 'primary',
      ...parts.model,
    },
    request: { imageTokens, promptTokens: 200, outputTokens: 120, totalTokens: imageTokens + 320, visionPatches: imageTokens * 4 },
    placement,
    scaling: sampleScaling({ mode: placement.minReplicas === placement.maxReplicas ? 'none' : 'keda' }),
    fit: {
      verdict: 'fits',
      because: 'fixture',
      candidate: placement.instanceType ?? 'cluster',
      device: placement.gpu ?? 'cpu',
      tensorParallel: placement.tensorParallel,
      capacityBytes: null,
      budgetBytes: null,
      terms: [
        ...(parts.terms ?? [
          makeTerm('weights', 8.8, 'gpu'),
          makeTerm('weights on disk', 8.6, 'disk'),
          makeTerm('shared memory', 2, 'host'),
        ]),
      ],
      kvCache: { bytesPerToken: 147456, tokens: null, tokensNeeded: 0, concurrentRequests: null },
      shortByBytes: 0,
    },
    performance,
    engine: {
      name: 'vllm-onevision',
      kind: 'vllm',
      version: '0.32.0',
      port: 8000,
      args: ['--max-model-len', '8192', '--max-num-seqs', '16', '--limit-mm-per-prompt', '{"image": 1}'],
      settings: {},
      ...parts.engine,
    },
    cost: {
      usdPerHour: nobodyKnows,
      usdPerMonth: nobodyKnows,
      usdPerThousandImages: nobodyKnows,
      usdPerMillionTokens: nobodyKnows,
      saturated: { usdPerThousandImages: nobodyKnows, usdPerMillionOutputTokens: nobodyKnows },
      idle: { utilisation: nobodyKnows, usdPerMonth: nobodyKnows, halfIdleRequestsPerMonth: null, breakEven: null },
      offHours: null,
      lines: [],
      priceDate: null,
      budget: { monthlyUsd: 500, usdPerThousandImages: null, withinMonthly: null, withinThousandImages: null },
    },
    candidates: [],
    rejected: [],
    alternatives: [],
    sources: [],
  };
}

export function makeVerdict(state: Verdict['state'] = 'allowed'): Verdict {
  return {
    kind: 'verdict',
    schemaVersion: 1,
    state,
    summary: 'fixture',
    environment: 'production',
    requires: 'open-weights',
    release: { name: 'puppet-show', file: 'release.yaml' },
    model: { id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610' },
    policy: { name: 'production', file: 'policy.yaml', digest: `sha256:${'0a'.repeat(32)}` },
    lock: { file: 'compliance.lock.json', digest: `sha256:${'0b'.repeat(32)}` },
    kit: { version: '0.1.0' },
    pins: [],
    openness: {
      mof: { version: '1.1', proven: 'none', atBest: 'none', components: [] },
      osaid: { version: '1.0', state: 'unknown', elements: [] },
    },
    subjectsExpected: 1,
    subjectsChecked: 1,
    counts: { allowed: 1, unavailable: 0, unknown: 0, conflict: 0, denied: 0 },
    findings: [],
    subjects: [],
    waivers: [],
    expiring: [],
    digest: `sha256:${'0c'.repeat(32)}`,
    expires: '2026-12-23T00:00:00Z',
  };
}

const llama = { name: 'llama.cpp', kind: 'llama.cpp', version: 'v0.5.0', port: 8080 } as const;
const verdict = makeVerdict();

/** One case of everything that the chart can render. */
export const CASES: readonly Case[] = [
  { title: 'vLLM, one GPU, no spare', release: makeRelease(), plan: makePlan(), verdict },
  {
    title: 'vLLM, three replicas of two GPUs each on nodes of four',
    release: makeRelease({ metadata: { owner: 'Arbeitsgruppe „Puppen“, BBS Süd', costCentre: '4711/2026' } }),
    plan: makePlan({
      placement: {
        instanceType: 'g6.12xlarge',
        gpuCount: 4,
        tensorParallel: 2,
        replicas: 3,
        minReplicas: 3,
        maxReplicas: 3,
        vcpu: 48,
        memoryGib: 192,
      },
    }),
    verdict,
  },
  {
    title: 'llama.cpp, images, on a CPU instance',
    release: makeRelease({ image: { digest: `sha256:${'3c'.repeat(32)}`, repository: 'registry.example.org/llama.cpp' } }),
    plan: makePlan({
      model: { id: 'Qwen/Qwen3-VL-4B-Instruct-GGUF', revision: 'a'.repeat(40), precision: 'Q4_K_M' },
      placement: {
        instanceType: 'c8g.4xlarge',
        device: 'cpu',
        gpu: null,
        gpuCount: 0,
        replicas: 1,
        maxReplicas: 2,
        vcpu: 16,
        memoryGib: 32,
      },
      engine: { ...llama, args: ['--ctx-size', '8192', '--parallel', '2'] },
      terms: [makeTerm('weights', 3, 'host')],
    }),
    verdict,
  },
  {
    title: 'llama.cpp, a binary on the nodes of an existing cluster',
    release: makeRelease({ image: HOST, metadata: { name: 'smollm2' } }),
    plan: makePlan({
      model: { id: 'HuggingFaceTB/SmolLM2-135M-Instruct-GGUF', revision: `sha256:${'b1'.repeat(32)}`, precision: 'Q4_1' },
      placement: {
        target: 'cluster',
        region: null,
        instanceType: null,
        device: 'cpu',
        gpu: null,
        gpuCount: 0,
        capacity: null,
        vcpu: 2,
        memoryGib: 4,
      },
      engine: { ...llama, args: ['--ctx-size', '2048'] },
      imageTokens: 0,
      terms: [makeTerm('weights', 0.1, 'host')],
    }),
    verdict,
  },
  {
    title: 'vLLM, not built yet, rehearsed',
    release: makeRelease({ image: UNBUILT, metadata: { environment: 'rehearsal' } }),
    plan: makePlan(),
    verdict,
  },
];

/** Values of the n-th case. */
export function valuesOf(index: number): ChartValues {
  const { release, plan, verdict: judged } = CASES[index] as Case;
  return chartValues(release, plan, judged);
}
