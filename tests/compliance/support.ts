import { loadCatalog } from '../../catalog/load';
import { gatherInputs } from '../../compliance/check-release';
import { type JudgeInputs, judge } from '../../compliance/judge';
import { parseLock } from '../../compliance/lock';
import type { EvidenceLock, LockSubject } from '../../compliance/lock-schema';
import type { Verdict } from '../../compliance/verdict';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import type { Environment } from '../../release/schema';

/** A time at which all committed evidence is fresh. */
export const AT = new Date('2026-12-01T00:00:00Z');

const cache = new Map<string, JudgeInputs>();

/** What the verdict of a committed release depends on. */
export function inputsOf(file: string, environment?: Environment): JudgeInputs {
  const key = `${file} ${environment}`;
  const known = cache.get(key) ?? gatherInputs(loadRelease(fromRoot(file), environment ? { environment } : {}), loadCatalog());
  cache.set(key, known);
  return known;
}

export const SMOLLM2 = 'examples/smollm2-cpu.yaml';

/** The verdict of the one release that is allowed, after a change to its lock. */
export function withLock(change: (lock: EvidenceLock) => unknown, at = AT): Verdict {
  const inputs = inputsOf(SMOLLM2);
  const copy = structuredClone(inputs.lock.lock);
  const changed = (change(copy) ?? copy) as EvidenceLock;
  return judge({ ...inputs, lock: parseLock(JSON.stringify(changed, null, 2), inputs.lock.file) }, at);
}

/** A subject of a lock that may be changed in place. */
export type Mutable<T> = {
  -readonly [K in keyof T]: T[K] extends readonly (infer U)[] ? Mutable<U>[] : T[K] extends object ? Mutable<T[K]> : T[K];
};

export function subjectOf(lock: EvidenceLock, id: string): Mutable<LockSubject> {
  const found = lock.subjects.find((subject) => subject.id === id);
  if (!found) throw new Error(`no ${id} in the lock`);
  return found as Mutable<LockSubject>;
}

export function stateOf(verdict: Verdict, id: string): string | undefined {
  return verdict.subjects.find((subject) => subject.id === id)?.state;
}

export function rulesOf(verdict: Verdict, id: string): string[] {
  return verdict.findings.filter((finding) => finding.subject === id && finding.severity === 'error').map((finding) => finding.rule);
}
