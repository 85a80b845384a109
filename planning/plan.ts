import { z } from 'zod';
import { ExitCode } from '../core/error';
import { FigureSchema } from '../core/figure';
import { CAPACITIES, ENVIRONMENTS, PRECISIONS } from '../release/schema';
import { ScalingSchema } from './scaling/schema';

/** One term of a memory sum, with its formula as in the source. */
export const FitTermSchema = z.strictObject({
  name: z.string().min(1),
  /** Bytes on one GPU (or in host RAM for CPU engines). */
  bytes: z.number().nonnegative(),
  low: z.number().nonnegative(),
  high: z.number().nonnegative(),
  /** Device memory of one GPU, host RAM of the node, or its disk. */
  pool: z.enum(['gpu', 'host', 'disk']),
  formula: z.string().min(1),
  source: z.string().min(1),
});
export type FitTerm = Readonly<z.infer<typeof FitTermSchema>>;

export const FIT_VERDICTS = ['fits', 'fits-with-flags', 'does-not-fit', 'unknown'] as const;

export const FitSchema = z.strictObject({
  verdict: z.enum(FIT_VERDICTS),
  /** One sentence: why. */
  because: z.string().min(1),
  /** Candidate that the terms belong to, e.g. "g6.xlarge". */
  candidate: z.string(),
  device: z.string(),
  tensorParallel: z.int().positive(),
  /** Memory of one GPU as CUDA reports it, or RAM that the node can give; null when unknown. */
  capacityBytes: z.number().nonnegative().nullable(),
  /** What the engine may take of it (gpu_memory_utilization x capacity). */
  budgetBytes: z.number().nonnegative().nullable(),
  terms: z.array(FitTermSchema),
  kvCache: z.strictObject({
    bytesPerToken: z.number().nonnegative(),
    /** Tokens the cache holds after all other terms at their high end, so that "fits" is never false. */
    tokens: z.number().nonnegative().nullable(),
    tokensNeeded: z.number().nonnegative(),
    /** Requests of the stated load that it holds at once. */
    concurrentRequests: z.number().nonnegative().nullable(),
  }),
  /** How many bytes are missing in the worst pool; 0 when it fits. */
  shortByBytes: z.number().nonnegative(),
});
export type Fit = Readonly<z.infer<typeof FitSchema>>;

export const ShortBySchema = z.strictObject({ value: z.number(), unit: z.string() });

/** Why a candidate is not the placement. */
export const RejectedSchema = z.strictObject({
  candidate: z.string(),
  code: z.string(),
  reason: z.string(),
  /** By how much it fails, null for reasons without a quantity (no bf16, not offered). */
  shortBy: ShortBySchema.nullable(),
});
export type Rejected = Readonly<z.infer<typeof RejectedSchema>>;

export const PerformanceSchema = z.strictObject({
  timeToFirstTokenMs: FigureSchema,
  timePerOutputTokenMs: FigureSchema,
  requestsPerSecondPerReplica: FigureSchema,
  outputTokensPerSecondPerReplica: FigureSchema,
  /** What bounds the requests of a second: the engine, or the server, which prepares one image after the other; null when nobody can tell. */
  boundBy: z.enum(['engine', 'image-preparation']).nullable(),
  /** Requests in flight per replica at the peak. */
  concurrencyPerReplica: FigureSchema,
});
export type Performance = Readonly<z.infer<typeof PerformanceSchema>>;

/** A placement that meets every target, for the price-against-throughput chart. */
export const CandidateSchema = z.strictObject({
  candidate: z.string(),
  instanceType: z.string().nullable(),
  gpu: z.string().nullable(),
  gpuCount: z.number().nonnegative(),
  tensorParallel: z.int().positive(),
  capacity: z.enum(CAPACITIES).nullable(),
  replicas: z.int().nonnegative(),
  usdPerHour: FigureSchema,
  usdPerMonth: FigureSchema,
  usdPerThousandImages: FigureSchema,
  performance: PerformanceSchema,
  /** No other candidate is both as cheap a month and as quick to answer, and better in one of them. */
  paretoOptimal: z.boolean(),
  chosen: z.boolean(),
});
export type Candidate = Readonly<z.infer<typeof CandidateSchema>>;

export const PlanProblemSchema = z.strictObject({
  code: z.string(),
  /** error: the plan is refused; warning: it holds, but read this. */
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  next: z.string(),
});
export type PlanProblem = Readonly<z.infer<typeof PlanProblemSchema>>;

const costLine = z.strictObject({
  key: z.string(),
  title: z.string(),
  usdPerMonth: FigureSchema,
  formula: z.string(),
  /** What is bought in a month: so many units at so much each; null when the price is not known. */
  quantity: z.number().nonnegative(),
  unit: z.string(),
  usdPerUnit: z.number().nonnegative().nullable(),
});

/** What the same nodes would cost per unit if they were busy all the time: the floor under every price per image or token. */
const saturatedCost = z.strictObject({
  usdPerThousandImages: FigureSchema,
  usdPerMillionOutputTokens: FigureSchema,
});

/** How much of the bill waits for requests, and from which use on the service pays off. */
const idleCost = z.strictObject({
  /** Requests of the average load over what the nodes could serve at their knee. */
  utilisation: FigureSchema,
  /** Part of the nodes' month that no request uses. */
  usdPerMonth: FigureSchema,
  /** Requests a month below which more than half of the nodes' bill is idle. */
  halfIdleRequestsPerMonth: z.number().nonnegative().nullable(),
  /** Against the external price of the release, if it names one. */
  breakEven: z
    .strictObject({
      externalUsdPerThousandImages: z.number().positive(),
      /** Requests a month from which the own service is cheaper. */
      requestsPerMonth: FigureSchema,
      /** Whether the nodes could serve that many; null when their speed is not known. */
      reachable: z.boolean().nullable(),
      /** Whether the stated average load is beyond it. */
      reached: z.boolean().nullable(),
    })
    .nullable(),
});

const quota = z.strictObject({ code: z.string(), name: z.string(), vcpuNeeded: z.number() });

/** What the schedule of placement.offHours comes to. */
const offHours = z.strictObject({
  schedule: z.string(),
  hoursOffPerMonth: z.number().nonnegative(),
  hoursUpPerMonth: z.number().nonnegative(),
  /** Against nodes that run all month. */
  usdSavedPerMonth: FigureSchema,
});

/** The same release somewhere else or in another precision: a hint, never a decision. */
const AlternativeSchema = z.strictObject({
  kind: z.enum(['region', 'precision']),
  name: z.string(),
  /** Cheapest placement there; null when there is none, and the note says why. */
  candidate: z.string().nullable(),
  usdPerHour: FigureSchema,
  usdPerMonth: FigureSchema,
  note: z.string(),
});
export type Alternative = Readonly<z.infer<typeof AlternativeSchema>>;

export const PlanSchema = z.strictObject({
  kind: z.literal('plan'),
  schemaVersion: z.literal(1),
  /** ok: deploy it; refused: something in `problems` is an error; unknown: nothing is wrong, but a needed figure is not known. */
  state: z.enum(['ok', 'refused', 'unknown']),
  problems: z.array(PlanProblemSchema),
  release: z.strictObject({ name: z.string(), environment: z.enum(ENVIRONMENTS), file: z.string() }),
  model: z.strictObject({ id: z.string(), title: z.string(), revision: z.string(), precision: z.enum(PRECISIONS), role: z.string() }),
  request: z.strictObject({
    imageTokens: z.int().nonnegative(),
    promptTokens: z.int().nonnegative(),
    outputTokens: z.int().nonnegative(),
    /** Image, text and output tokens of one request. */
    totalTokens: z.int().nonnegative(),
    visionPatches: z.int().nonnegative(),
  }),
  placement: z.strictObject({
    target: z.enum(['aws', 'cluster']),
    region: z.string().nullable(),
    /** null when no placement was found, or for an existing cluster. */
    instanceType: z.string().nullable(),
    device: z.enum(['gpu', 'cpu']).nullable(),
    gpu: z.string().nullable(),
    gpuCount: z.number().nonnegative(),
    tensorParallel: z.int().positive(),
    capacity: z.enum(CAPACITIES).nullable(),
    /** Replicas needed for the peak, at least minReplicas. */
    replicas: z.int().nonnegative(),
    /** Replicas at the fast and at the slow end of the speed constants; the slow end stops at maxReplicas. */
    replicasRange: z.strictObject({ low: z.int().nonnegative(), high: z.int().nonnegative() }),
    /** One node fails at the peak. */
    oneFailure: z.strictObject({
      /** Whether the nodes that are left hold the peak within the targets. */
      survives: z.boolean(),
      /** Replicas with which they would; null when no placement was found. */
      replicasToSurvive: z.int().nonnegative().nullable(),
      /** What these cost more a month; null when the price is not known, 0 when it survives already. */
      usdPerMonthMore: z.number().nonnegative().nullable(),
    }),
    minReplicas: z.int().nonnegative(),
    maxReplicas: z.int().nonnegative(),
    vcpu: z.number().nonnegative(),
    memoryGib: z.number().nonnegative(),
    localNvmeGb: z.number().nonnegative(),
    /** Root or data volume per node in GiB: image, weights and room to unpack. */
    volumeGib: z.int().nonnegative(),
    /** vCPU quota that maxReplicas needs, with the quota's code; null for clusters and unknown families. */
    quota: quota.nullable(),
    /** Capacity that takes over when the chosen one has none, and the quota that it needs then; null without. */
    fallback: z.strictObject({ capacity: z.enum(CAPACITIES), quota: quota.nullable() }).nullable(),
  }),
  /** How the number of replicas follows the load. */
  scaling: ScalingSchema,
  fit: FitSchema,
  performance: PerformanceSchema,
  engine: z.strictObject({
    name: z.string(),
    kind: z.enum(['vllm', 'llama.cpp']),
    version: z.string(),
    port: z.int().positive(),
    /** Command-line arguments on which the estimate depends; the chart passes exactly these. */
    args: z.array(z.string()),
    /** The same settings by name, for reports. */
    settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  }),
  cost: z.strictObject({
    usdPerHour: FigureSchema,
    usdPerMonth: FigureSchema,
    usdPerThousandImages: FigureSchema,
    usdPerMillionTokens: FigureSchema,
    saturated: saturatedCost,
    idle: idleCost,
    /** null without placement.offHours. */
    offHours: offHours.nullable(),
    /** Monthly parts whose sum is usdPerMonth. */
    lines: z.array(costLine),
    priceDate: z.string().nullable(),
    budget: z.strictObject({
      monthlyUsd: z.number(),
      usdPerThousandImages: z.number().nullable(),
      withinMonthly: z.boolean().nullable(),
      withinThousandImages: z.boolean().nullable(),
    }),
  }),
  candidates: z.array(CandidateSchema),
  rejected: z.array(RejectedSchema),
  alternatives: z.array(AlternativeSchema),
  sources: z.array(z.string()),
});

/** What fits, how fast, at what price, and why not the others: the answer of `planning/` to a release. */
export type Plan = Readonly<z.infer<typeof PlanSchema>>;

/** Exit code of `ovkit plan`: 0 ok, 1 refused, 2 unknown. */
export function exitCodeOfPlan(plan: Pick<Plan, 'state'>): ExitCode {
  if (plan.state === 'ok') return ExitCode.pass;
  return plan.state === 'refused' ? ExitCode.violations : ExitCode.unknown;
}
