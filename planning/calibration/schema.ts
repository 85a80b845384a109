import { z } from 'zod';

/** Terms of an estimate that an engine's own output can be held against. */
export const CALIBRATED_TERMS = [
  'weights',
  'activation',
  'non-torch',
  'cuda-graphs',
  'kv-tokens',
  'compute-buffer',
  'tpot',
  'ttft',
  'throughput',
] as const;
export type CalibratedTerm = (typeof CALIBRATED_TERMS)[number];

const comparison = z.strictObject({
  term: z.enum(CALIBRATED_TERMS),
  unit: z.string().min(1),
  estimate: z.number(),
  measured: z.number(),
  /** measured / estimate */
  ratio: z.number().positive(),
  /** File and line that the measurement was read from. */
  from: z.string().min(1),
});
export type Comparison = Readonly<z.infer<typeof comparison>>;

/** Measurements of one engine on one card with one model, against the estimate for the same settings. */
const measuredRun = z.strictObject({
  engine: z.enum(['vllm', 'llama.cpp', 'trtllm']),
  engineVersion: z.string(),
  device: z.string().min(1),
  model: z.string().min(1),
  precision: z.string().min(1),
  comparisons: z.array(comparison).min(1),
});
export type MeasuredRun = Readonly<z.infer<typeof measuredRun>>;

/** The file that `ovkit calibrate` writes and that `ovkit plan` and `ovkit estimate` take with --calibration. */
export const CalibrationSchema = z.strictObject({
  kind: z.literal('calibration'),
  schemaVersion: z.literal(1),
  /** How results that used the file name it. */
  name: z.string().min(1),
  madeAt: z.string().min(1),
  runs: z.array(measuredRun).min(1),
});
export type Calibration = Readonly<z.infer<typeof CalibrationSchema>>;
