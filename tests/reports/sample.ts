import type { SubjectVerdict, Verdict } from '../../compliance/verdict';
import { exactFigure, type Figure, unknownFigure } from '../../core/figure';
import type { Candidate, Plan } from '../../planning/plan';
import type { Release } from '../../release/schema';
import type { RehearsalSummary } from '../../reports/rehearsal-summary';
import { sampleScaling } from '../sample-scaling';

const GIB = 2 ** 30;
const estimate = (value: number, low: number, high: number): Figure => ({
  value,
  low,
  high,
  basis: 'calibrated',
  source: 'roofline with fitted constants',
});
const price = (value: number): Figure => exactFigure(value, 'sourced', 'aws/karpenter-provider-aws@1d927085, 2026-07-20');

/** A release, plan, verdict and rehearsal as the other rooms make them, small enough to read. */
export function sampleRelease(): Release {
  return {
    apiVersion: 'onevision-kit/v1',
    metadata: { name: 'puppet-show', environment: 'production', owner: 'bbs-puppet-show', costCentre: 'bbs-2026' },
    model: { id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610', precision: 'bf16' },
    engine: { name: 'vllm-onevision', image: { state: 'unbuilt', recipe: 'runtimes/vllm-onevision' } },
    load: {
      imagesPerRequest: 1,
      imageWidthPx: 1280,
      imageHeightPx: 960,
      promptTokens: 200,
      outputTokens: 120,
      peakRequestsPerSecond: 0.5,
      averageRequestsPerSecond: 0.2,
      hoursPerMonth: 200,
    },
    targets: { timeToFirstTokenMs: 2000, timePerOutputTokenMs: 80 },
    placement: {
      target: 'aws',
      region: 'us-east-1',
      capacity: ['on-demand'],
      nodes: 'managed',
      minReplicas: 1,
      maxReplicas: 2,
      instanceFamilies: ['g4dn', 'g5', 'g6', 'g6e'],
    },
    budget: { monthlyUsd: 500, usdPerThousandImages: 5 },
    compliance: { policy: 'production', requires: 'open-science', lock: 'compliance.lock.json', waivers: [] },
  };
}

function candidate(name: string, gpu: string, usdPerHour: number, rate: number, chosen = false): Candidate {
  return {
    candidate: name,
    instanceType: name,
    gpu,
    gpuCount: 1,
    tensorParallel: 1,
    capacity: 'on-demand',
    replicas: 1,
    usdPerHour: price(usdPerHour),
    usdPerMonth: price(usdPerHour * 200 + 96),
    usdPerThousandImages: estimate(usdPerHour / 0.72, usdPerHour / 0.9, usdPerHour / 0.5),
    performance: {
      timeToFirstTokenMs: estimate(612, 480, 800),
      timePerOutputTokenMs: estimate(38.4, 33, 46),
      requestsPerSecondPerReplica: estimate(rate, rate * 0.75, rate * 1.25),
      outputTokensPerSecondPerReplica: estimate(rate * 120, rate * 90, rate * 150),
      boundBy: 'engine',
      concurrencyPerReplica: estimate(2.4, 1.9, 3.2),
    },
    paretoOptimal: chosen,
    chosen,
  };
}

const bought = (quantity: number, unit: string, usdPerUnit: number | null) => ({ quantity, unit, usdPerUnit });

/** The plan of the sample: one L4, with rejected options and an unknown part. */
export function samplePlan(): Plan {
  const chosen = candidate('g6.xlarge', 'L4', 0.8048, 1.1, true);
  return {
    kind: 'plan',
    schemaVersion: 1,
    state: 'ok',
    problems: [{ code: 'W_PRICE_OLD', severity: 'warning', message: 'The prices are 126 days old.', next: 'refresh catalog/prices.json.' }],
    release: { name: 'puppet-show', environment: 'production', file: 'release.yaml' },
    model: {
      id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct',
      title: 'LLaVA-OneVision-1.5 4B Instruct',
      revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610',
      precision: 'bf16',
      role: 'instruct',
    },
    request: { imageTokens: 1564, promptTokens: 200, outputTokens: 120, totalTokens: 1884, visionPatches: 6256 },
    placement: {
      target: 'aws',
      region: 'us-east-1',
      instanceType: 'g6.xlarge',
      device: 'gpu',
      gpu: 'L4',
      gpuCount: 1,
      tensorParallel: 1,
      capacity: 'on-demand',
      replicas: 1,
      replicasRange: { low: 1, high: 2 },
      oneFailure: { survives: false, replicasToSurvive: 2, usdPerMonthMore: 160.96 },
      minReplicas: 1,
      maxReplicas: 2,
      vcpu: 4,
      memoryGib: 16,
      localNvmeGb: 250,
      volumeGib: 120,
      quota: { code: 'L-DB2E81BA', name: 'Running On-Demand G and VT instances', vcpuNeeded: 8 },
      fallback: null,
    },
    scaling: sampleScaling(),
    fit: {
      verdict: 'fits',
      because: 'All terms at their high end take 12.8 GiB of the 19.8 GiB that the engine may use on an L4.',
      candidate: 'g6.xlarge',
      device: 'L4',
      tensorParallel: 1,
      capacityBytes: 22.03 * GIB,
      budgetBytes: 19.83 * GIB,
      terms: [
        ['weights', 9.1, 8.9, 9.2, 'gpu', 'parameters x 2 bytes x 1.03'],
        ['activation peak', 2.1, 1.6, 2.4, 'gpu', 'max_num_batched_tokens x hidden x k'],
        ['CUDA graphs', 0.5, 0.3, 0.9, 'gpu', 'measured on L4, 7B VL'],
        ['non-torch', 0.04, 0.01, 0.13, 'gpu', 'CUDA context'],
        ['KV cache', 1.03, 1.03, 1.03, 'gpu', '2 x layers x kv_heads x head_dim x 2 bytes x tokens'],
        ['engine processes', 6.2, 5.5, 7.1, 'host', 'measured'],
        ['image and weights', 42, 40, 45, 'disk', 'image unpacked + weights'],
      ].map(([name, bytes, low, high, pool, formula]) => ({
        name: String(name),
        bytes: Number(bytes) * GIB,
        low: Number(low) * GIB,
        high: Number(high) * GIB,
        pool: pool as 'gpu' | 'host' | 'disk',
        formula: String(formula),
        source: 'vLLM v1 kv_cache_interface; measured points of catalog',
      })),
      kvCache: { bytesPerToken: 147456, tokens: 52300, tokensNeeded: 7536, concurrentRequests: 27 },
      shortByBytes: 0,
    },
    performance: chosen.performance,
    engine: {
      name: 'vllm-onevision',
      kind: 'vllm',
      version: '0.11.0',
      port: 8000,
      args: ['--max-model-len', '4096', '--gpu-memory-utilization', '0.9', '--dtype', 'bfloat16', '--limit-mm-per-prompt', '{"image":1}'],
      settings: { maxModelLen: 4096, gpuMemoryUtilization: 0.9, dtype: 'bfloat16', enforceEager: false },
    },
    cost: {
      usdPerHour: chosen.usdPerHour,
      usdPerMonth: chosen.usdPerMonth,
      usdPerThousandImages: chosen.usdPerThousandImages,
      usdPerMillionTokens: unknownFigure('the average load is not stated'),
      saturated: { usdPerThousandImages: estimate(0.2, 0.16, 0.27), usdPerMillionOutputTokens: estimate(1.7, 1.4, 2.3) },
      idle: {
        utilisation: estimate(0.18, 0.15, 0.24),
        usdPerMonth: estimate(132, 122, 137),
        halfIdleRequestsPerMonth: 396_000,
        breakEven: {
          externalUsdPerThousandImages: 3,
          requestsPerMonth: estimate(85_000, 80_000, 120_000),
          reachable: true,
          reached: true,
        },
      },
      offHours: null,
      lines: [
        {
          key: 'nodes',
          title: 'GPU nodes',
          usdPerMonth: price(160.96),
          formula: '1 replica x 200 h x $0.8048',
          ...bought(200, 'hour', 0.8048),
        },
        { key: 'cluster', title: 'EKS control plane', usdPerMonth: price(73), formula: '730 h x $0.10', ...bought(730, 'hour', 0.1) },
        {
          key: 'nat',
          title: 'NAT gateway',
          usdPerMonth: unknownFigure('traffic is not stated'),
          formula: '730 h x $0.045 + traffic',
          ...bought(730, 'hour', null),
        },
      ],
      priceDate: '2026-07-20',
      budget: { monthlyUsd: 500, usdPerThousandImages: 5, withinMonthly: true, withinThousandImages: null },
    },
    candidates: [
      chosen,
      candidate('g6.2xlarge', 'L4', 0.9776, 1.1),
      candidate('g5.xlarge', 'A10G', 1.006, 1.0),
      candidate('g5.2xlarge', 'A10G', 1.212, 1.0),
      candidate('g6e.xlarge', 'L40S', 1.861, 3.1),
      candidate('g6e.2xlarge', 'L40S', 2.2421, 3.1),
      candidate('g5.12xlarge', 'A10G', 5.672, 1.9),
    ],
    rejected: [
      { candidate: 'g4dn.xlarge', code: 'R_NO_BF16', reason: 'T4 has no bf16.', shortBy: null },
      { candidate: 'g6f.4xlarge', code: 'R_VRAM', reason: 'half an L4 holds 10.7 GiB.', shortBy: { value: 2.14, unit: 'GiB' } },
    ],
    alternatives: [
      {
        kind: 'region',
        name: 'us-west-2',
        candidate: '1 x g6.xlarge (L4)',
        usdPerHour: price(0.8048),
        usdPerMonth: price(256.96),
        note: 'all allowed families are offered there',
      },
    ],
    sources: ['https://github.com/aws/karpenter-provider-aws', 'skypilot-org/skypilot-catalog@00148f2a'],
  };
}

function subject(over: Partial<SubjectVerdict> & { id: string }): SubjectVerdict {
  return {
    title: over.id,
    role: 'released-artifact',
    kind: 'model',
    revision: null,
    licence: 'Apache-2.0',
    strength: 'declared',
    state: 'allowed',
    because: 'its card declares it.',
    partOf: null,
    evidence: [
      {
        channel: 'card',
        says: 'license: apache-2.0',
        source: 'https://huggingface.co/lmms-lab/LLaVA-OneVision-1.5-4B-Instruct',
        retrieved: '2026-11-22T09:00:00Z',
        sha256: 'a'.repeat(64),
      },
    ],
    ...over,
  };
}

/** The verdict of the sample: two open points, one remark, one waiver, a small npm tree. */
export function sampleVerdict(): Verdict {
  const npm = Array.from({ length: 20 }, (_, index) =>
    subject({
      id: `npm:package-${index}`,
      title: `package-${index}`,
      role: 'build-tool',
      kind: 'npm',
      revision: `1.${index}.0`,
      licence: index % 3 === 0 ? 'ISC' : 'MIT',
      strength: 'verified',
      evidence: [],
    }),
  );
  return {
    kind: 'verdict',
    schemaVersion: 1,
    state: 'unknown',
    summary: 'not releasable yet: 2 open points',
    environment: 'production',
    requires: 'open-science',
    release: { name: 'puppet-show', file: 'release.yaml' },
    model: { id: 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610' },
    policy: { name: 'production', file: 'compliance/policies/production.yaml', digest: `sha256:${'1'.repeat(64)}` },
    lock: { file: 'compliance.lock.json', digest: `sha256:${'2'.repeat(64)}` },
    kit: { version: '0.1.0' },
    pins: [],
    openness: {
      mof: { version: '1.1', proven: 'none', atBest: 'none', components: [] },
      osaid: { version: '1.0', state: 'unknown', elements: [] },
    },
    subjectsExpected: 25,
    subjectsChecked: 24,
    counts: { allowed: 22, unavailable: 1, unknown: 1, conflict: 1, denied: 0 },
    findings: [
      {
        rule: 'OVK-LIC-003',
        severity: 'error',
        state: 'unknown',
        subject: 'model:DeepGlint-AI/rice-vit-large-patch14-560',
        message: 'no licence statement was found for the vision tower.',
        closes: 'a licence statement by DeepGlint-AI at a pinned revision, or a signed waiver.',
        evidence: [
          { channel: 'card', says: 'HTTP 404', source: 'https://huggingface.co/DeepGlint-AI', retrieved: '2026-11-22', sha256: null },
        ],
        location: { file: 'release.yaml', line: 15, column: 7 },
        waivedBy: null,
      },
      {
        rule: 'OVK-IMG-001',
        severity: 'error',
        state: 'unavailable',
        subject: 'image:vllm-onevision',
        message: 'the image is not built.',
        closes: 'build runtimes/vllm-onevision and put its digest into the release.',
        evidence: [],
        location: { file: 'release.yaml', line: 24, column: null },
        waivedBy: null,
      },
      {
        rule: 'OVK-LIC-007',
        severity: 'note',
        state: 'allowed',
        subject: 'dataset:ImageNet-21k',
        message: 'non-commercial research terms.',
        closes: 'waived.',
        evidence: [],
        location: { file: 'compliance.lock.json', line: null, column: null },
        waivedBy: 'W-1',
      },
      {
        rule: 'OVK-AGE-001',
        severity: 'warning',
        state: 'allowed',
        subject: 'dataset:COYO-700M',
        message: 'the evidence is 80 days old.',
        closes: 'read it anew.',
        evidence: [],
        location: { file: 'compliance.lock.json', line: 40, column: 1 },
        waivedBy: null,
      },
    ],
    subjects: [
      subject({ id: 'model:4b', title: 'LLaVA-OneVision-1.5 4B Instruct', revision: 'ef3fa61007edd3b5d1d7a22b5edd8d4803995610' }),
      subject({
        id: 'model:rice',
        title: 'RICE-ViT',
        role: 'upstream-artifact',
        licence: null,
        strength: 'none',
        state: 'unknown',
        partOf: 'model:4b',
        evidence: [],
      }),
      subject({
        id: 'dataset:imagenet',
        title: 'ImageNet-21k',
        role: 'data',
        kind: 'dataset',
        licence: null,
        strength: 'documented',
        state: 'conflict',
      }),
      ...npm,
    ],
    waivers: [
      {
        id: 'W-1',
        subject: 'dataset:ImageNet-21k',
        rule: 'OVK-LIC-007',
        reason: 'used for rehearsal only.',
        approver: 'A. Person',
        key: 'rehearsal',
        expires: '2027-01-31T00:00:00Z',
      },
    ],
    expiring: [{ what: 'evidence of model:4b', expires: '2026-12-12T00:00:00Z' }],
    digest: `sha256:${'3'.repeat(64)}`,
    expires: '2026-12-22T09:00:00Z',
  };
}

/** One rehearsed release with a passed, a refused and a skipped stage. */
export function sampleRehearsal(): RehearsalSummary {
  return {
    kind: 'rehearsal',
    schemaVersion: 1,
    release: 'release.yaml',
    environment: 'production',
    stages: [
      { id: 'default/plan', title: 'plan', state: 'passed', durationMs: 42, detail: 'g6.xlarge' },
      {
        id: 'default/synth',
        title: 'synth',
        state: 'refused-as-expected',
        durationMs: 5120,
        detail: '2 open points',
        notProved: ['AWS was not asked.'],
      },
      { id: 'default/apply', title: 'apply', state: 'not-run', durationMs: 0, detail: 'no terraform on this machine' },
    ],
    columns: [
      {
        id: 'default',
        title: 'puppet show 4B, production',
        release: 'release.yaml',
        expected: { check: 2 },
        seen: { check: 2 },
        differences: [],
      },
    ],
    totalMs: 5162,
    notProved: ['No GPU was used.'],
    matchesExpected: true,
  };
}
