import { z } from 'zod';

/** What became of one stage of a rehearsal. `refused-as-expected`: the gate said no, and that is what was to be shown. */
const STAGE_STATES = ['passed', 'failed', 'refused-as-expected', 'not-run'] as const;

const RehearsalStageSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  state: z.enum(STAGE_STATES),
  durationMs: z.number().nonnegative(),
  /** One sentence: what was seen, or why it was not run. */
  detail: z.string(),
  /** What this stage leaves open even though it passed. */
  notProved: z.array(z.string()).optional(),
});
export type RehearsalStage = Readonly<z.infer<typeof RehearsalStageSchema>>;

/** One release as it was rehearsed: what is recorded in rehearsal/expected.json, what was seen, and where they differ. */
const RehearsalColumnSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  /** File of the release. */
  release: z.string(),
  /** null when nothing is recorded of this release. */
  expected: z.record(z.string(), z.unknown()).nullable(),
  seen: z.record(z.string(), z.unknown()),
  /** One sentence per difference; empty when everything is as recorded. */
  differences: z.array(z.string()),
});

/** `out/rehearsal.json`: what one walk of the releases through all stages showed, and what it did not. */
export const RehearsalSummarySchema = z.strictObject({
  kind: z.literal('rehearsal'),
  schemaVersion: z.literal(1),
  /** File of the release whose report this belongs to. */
  release: z.string(),
  environment: z.string(),
  /** Stages in the order they ran; with several columns the id is `column/stage`. */
  stages: z.array(RehearsalStageSchema),
  columns: z.array(RehearsalColumnSchema),
  totalMs: z.number().nonnegative(),
  notProved: z.array(z.string()),
  /** Whether what was seen is what rehearsal/expected.json records. */
  matchesExpected: z.boolean(),
});
export type RehearsalSummary = Readonly<z.infer<typeof RehearsalSummarySchema>>;
