import { existsSync, readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomically } from '../../core/text-file';
import { LockSubjectSchema } from '../lock-schema';
import type { FinishedTask } from './refresh-lock';

/** How long a run that was broken off can be continued, in milliseconds: then its readings are stale. */
const MAX_AGE_MS = 24 * 3_600_000;

const PartialSchema = z.strictObject({
  kind: z.literal('partial-evidence-lock'),
  /** Model and revision that the run was for. */
  release: z.string(),
  started: z.iso.datetime(),
  tasks: z.array(
    z.strictObject({
      key: z.string(),
      outcome: z.enum(['read', 'unavailable', 'kept', 'not-asked']),
      reason: z.string().nullable(),
      subjects: z.array(LockSubjectSchema),
      texts: z.array(z.base64()),
    }),
  ),
});

/** What a run has read so far, beside the lock; the lock itself is replaced once, at the end. */
export interface PartialFile {
  readonly finished: ReadonlyMap<string, FinishedTask>;
  readonly add: (task: FinishedTask) => void;
  readonly remove: () => void;
}

/** Opens the notes of an interrupted run of the same release, or begins new ones. Notes that cannot be read are written anew. */
export function openPartial(file: string, release: string, now: Date): PartialFile {
  const before = readPartial(file, release, now);
  const tasks: FinishedTask[] = [...(before?.tasks ?? [])];
  const started = before?.started ?? `${now.toISOString().slice(0, 19)}Z`;
  const finished = new Map(tasks.filter((task) => task.outcome === 'read').map((task) => [task.key, task]));
  return {
    finished,
    add: (task) => {
      if (finished.has(task.key)) return;
      tasks.push(task);
      const rows = tasks.map((each) => ({ ...each, texts: each.texts.map((text) => Buffer.from(text).toString('base64')) }));
      writeFileAtomically(file, JSON.stringify({ kind: 'partial-evidence-lock', release, started, tasks: rows }));
    },
    remove: () => rmSync(file, { force: true }),
  };
}

function readPartial(
  file: string,
  release: string,
  now: Date,
): { readonly started: string; readonly tasks: readonly FinishedTask[] } | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const parsed = PartialSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const age = now.getTime() - new Date(parsed.started).getTime();
    if (parsed.release !== release || age < 0 || age > MAX_AGE_MS) return undefined;
    return {
      started: parsed.started,
      tasks: parsed.tasks.map((task) => ({ ...task, texts: task.texts.map((text) => Buffer.from(text, 'base64')) })),
    };
  } catch {
    return undefined;
  }
}
