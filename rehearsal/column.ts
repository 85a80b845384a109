import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fromRoot } from '../core/project-root';
import { ENVIRONMENTS } from '../release/vocabulary';

/** What a walk through the kit shows of one release. */
export const ObservedSchema = z.strictObject({
  /** Exit code of `ovkit plan`. */
  plan: z.int(),
  /** Exit code of `ovkit check`. */
  check: z.int(),
  synth: z.enum(['passes', 'refused']),
  /** What Terraform did with the gate of a synthesised stack; not-run without a terraform or tofu binary. */
  gate: z.enum(['applied', 'refused', 'not-run']),
  chart: z.enum(['valid', 'invalid', 'not-run']),
  /** What became of `cdktf deploy '*'` on stand-ins of the providers; not-run without a terraform or tofu binary. */
  deploy: z.enum(['deployed', 'refused', 'failed', 'not-run']),
  /** What became of it on a real API server; only of a release whose engine this machine can have. */
  cluster: z.enum(['proved', 'failed', 'not-run']).optional(),
});
export type Observed = z.infer<typeof ObservedSchema>;

const columnSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  release: z.string(),
  environment: z.enum(ENVIRONMENTS).nullable(),
  /** null for a release that nothing is recorded of: then only contradictions between stages count. */
  expected: ObservedSchema.nullable(),
});
/** One release, in one environment, with what is recorded for it. */
export type Column = Readonly<z.infer<typeof columnSchema>>;

const expectedSchema = z.strictObject({ _about: z.string(), columns: z.array(columnSchema).min(1) });

/** The columns of `rehearsal/expected.json`. */
export function loadColumns(): readonly Column[] {
  return expectedSchema.parse(JSON.parse(readFileSync(fromRoot('rehearsal', 'expected.json'), 'utf8'))).columns;
}

/** What of a walk differs from what is recorded. A stage that this machine cannot run is not a difference; it is named as not proved. */
export function differences(expected: Observed | null, seen: Partial<Observed>): string[] {
  if (expected === null) return [];
  return (Object.keys(expected) as (keyof Observed)[]).flatMap((key) => {
    const was = seen[key];
    if (was === expected[key] || was === 'not-run') return [];
    return [`${key}: expected ${expected[key]}, saw ${was ?? 'nothing'}`];
  });
}
