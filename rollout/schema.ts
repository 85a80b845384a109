import { z } from 'zod';

/** proved: what runs is what was judged, and it answers; differs: it runs, but is something else or answers wrongly; failed: it does not run; unknown: nobody could tell. */
const ROLLOUT_STATES = ['proved', 'unknown', 'differs', 'failed'] as const;

const RolloutFindingSchema = z.strictObject({
  /** Stable rule id, see `ovkit explain`. */
  rule: z.string().regex(/^OVK-RUN-\d{3}$/),
  severity: z.enum(['error', 'warning', 'note']),
  /** Pod, container or workload that it is about. */
  subject: z.string(),
  message: z.string(),
  expected: z.string().nullable(),
  found: z.string().nullable(),
});
export type RolloutFinding = Readonly<z.infer<typeof RolloutFindingSchema>>;

/** One measured figure beside the range of the plan. */
const MeasurementSchema = z.strictObject({
  name: z.enum(['timeToFirstTokenMs', 'outputTokensPerSecond']),
  measured: z.number().nonnegative(),
  /** Range of the plan; null where the plan does not know. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  verdict: z.enum(['as planned', 'better than planned', 'worse than planned', 'no plan']),
});
export type Measurement = Readonly<z.infer<typeof MeasurementSchema>>;

const RunningPodSchema = z.strictObject({
  name: z.string(),
  node: z.string().nullable(),
  ready: z.boolean(),
  restarts: z.int().nonnegative(),
  /** What the runtime says is running, per container. */
  imageIds: z.record(z.string(), z.string()),
  modelRevision: z.string().nullable(),
  /** Digest of the list of weight files that the init container compared; null when it left none. */
  weightsManifest: z.string().nullable(),
});
export type RunningPod = Readonly<z.infer<typeof RunningPodSchema>>;

/** `out/rollout.json`: what runs in the cluster, beside what was planned and judged. */
export const RolloutSchema = z.strictObject({
  kind: z.literal('rollout'),
  schemaVersion: z.literal(1),
  state: z.enum(ROLLOUT_STATES),
  summary: z.string(),
  at: z.string(),
  release: z.strictObject({ name: z.string(), environment: z.string() }),
  cluster: z.strictObject({ context: z.string(), server: z.string(), namespace: z.string(), version: z.string().nullable() }),
  verdictDigest: z.string(),
  replicas: z.strictObject({ wanted: z.int().nonnegative(), ready: z.int().nonnegative() }),
  pods: z.array(RunningPodSchema),
  findings: z.array(RolloutFindingSchema),
  /** Answers of the smoke test; null when it was not asked. */
  smoke: z.strictObject({ question: z.string(), answer: z.string(), passed: z.boolean(), reasons: z.array(z.string()) }).nullable(),
  measurements: z.array(MeasurementSchema),
  /** Why it does not run, newest first; empty when it does. */
  reasons: z.array(z.string()),
});
export type Rollout = Readonly<z.infer<typeof RolloutSchema>>;
