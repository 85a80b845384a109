import type { Catalog } from '../../catalog/schema';
import type { Release } from '../../release/schema';
import { loadDocumented, withDocumented } from '../lock-documented';
import type { EvidenceLock, LockSubject } from '../lock-schema';
import type { Transport } from '../transport/http';
import { readGithub } from './github';
import { readHub } from './hub';
import { readImage } from './oci';
import { type ReadContext, type Reading, unavailable } from './reading';
import { type ReadingTask, readingTasks } from './subject-ids';

/** One repository that has been read, as a run reports and keeps it. */
export interface FinishedTask {
  readonly key: string;
  readonly subjects: readonly LockSubject[];
  readonly texts: readonly Uint8Array[];
  readonly outcome: 'read' | 'unavailable' | 'kept' | 'not-asked';
  readonly reason: string | null;
}

export interface RefreshInputs {
  readonly release: Release;
  readonly catalog: Catalog;
  readonly old: EvidenceLock | null;
  readonly transport: Transport;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Tasks that an interrupted run had finished, by key. */
  readonly finished: ReadonlyMap<string, FinishedTask>;
  readonly onTask: (task: FinishedTask, done: number, total: number) => void;
}

export interface Refreshed {
  readonly lock: EvidenceLock;
  readonly tasks: readonly FinishedTask[];
}

const GATHERED_BY = 'ovkit lock refresh';

/**
 * Reads the evidence of a release again. What cannot be read for a reason that may pass keeps its older evidence, whose age then counts;
 * what is not there any more, or never was to be read, becomes unavailable with the reason. Bytes that are pinned by a hash are not
 * asked for again: they cannot have changed. Nothing is invented.
 * @throws the signal's reason when interrupted
 */
export async function refreshLock(inputs: RefreshInputs): Promise<Refreshed> {
  const { release, catalog, old, finished, signal } = inputs;
  const tasks = readingTasks(release, catalog, old);
  const known = new Map((old?.subjects ?? []).map((subject) => [subject.id, subject]));
  const documented = loadDocumented();
  const done: FinishedTask[] = [];
  for (const task of tasks) {
    signal.throwIfAborted();
    const key = task.ids[0] ?? '';
    const result =
      finished.get(key) ??
      settle(task, await readTask(task, { transport: inputs.transport, now: instant(inputs.now()) }), known, instant(inputs.now()));
    const subjects = result.subjects.map((subject) => withDocumented(subject, documented.get(subject.id)));
    done.push({ ...result, subjects });
    inputs.onTask({ ...result, subjects }, done.length, tasks.length);
  }
  return {
    lock: {
      kind: 'evidence-lock',
      schemaVersion: 1,
      model: { id: release.model.id, revision: release.model.revision },
      gathered: instant(inputs.now()),
      gatheredBy: GATHERED_BY,
      subjects: done.flatMap((task) => task.subjects).sort((a, b) => (a.id < b.id ? -1 : 1)),
    },
    tasks: done,
  };
}

/** RFC 3339, UTC, whole seconds. */
export function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

async function readTask(task: ReadingTask, context: ReadContext): Promise<Reading | null> {
  if (task.kind === 'hub') return readHub(task.ids, task.revision, context);
  if (task.kind === 'github') return readGithub(task.ids, context);
  if (task.kind === 'image' && task.image) return readImage(task.ids[0] ?? '', task.image, context);
  return null;
}

const NOT_ASKED: readonly (readonly [prefix: string, reason: string])[] = [
  ['oci:', 'no tag or digest is pinned for it, so any image that was read would be a guess'],
  ['data:', 'terms of a data source are prose; a person has to read them'],
  ['arxiv:', 'the kit has no reader for it'],
];
const REGISTRY_PACKAGE = 'packages of registries are read by scripts/dev/assemble-lock.ts through their own clients';

function settle(task: ReadingTask, reading: Reading | null, known: ReadonlyMap<string, LockSubject>, now: string): FinishedTask {
  const key = task.ids[0] ?? '';
  const old = task.ids.flatMap((id) => known.get(id) ?? []);
  const readBefore = old.some((subject) => subject.retrieval.status === 'retrieved');
  if (reading === null) {
    if (readBefore) return { key, subjects: old, texts: [], outcome: 'not-asked', reason: null };
    const reason = NOT_ASKED.find(([prefix]) => key.startsWith(prefix))?.[1] ?? REGISTRY_PACKAGE;
    const subjects = task.ids.map((id) => known.get(id) ?? unavailable(id, id, now, null, reason));
    return { key, subjects, texts: [], outcome: 'not-asked', reason };
  }
  if (reading.transient !== null && readBefore) return { key, subjects: old, texts: [], outcome: 'kept', reason: reading.transient };
  const failed = reading.subjects.find((subject) => subject.retrieval.status === 'unavailable');
  return {
    key,
    subjects: reading.subjects,
    texts: reading.texts,
    outcome: failed ? 'unavailable' : 'read',
    reason: failed?.retrieval.reason ?? null,
  };
}
