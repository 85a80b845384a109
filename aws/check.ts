/** What a look at the account found, before anything is created. */
export interface Check {
  readonly id: CheckId;
  /** ok; not-ok: a deploy would fail or pay for nothing; unknown: could not be told; not-applicable: nothing to look at. */
  readonly state: 'ok' | 'not-ok' | 'unknown' | 'not-applicable';
  /** One sentence with the values. */
  readonly summary: string;
  /** The command or edit that mends it, or what to think of when it is ok as it is; null when nothing is to be done. */
  readonly next: string | null;
  /** The values behind the sentence, for --json. */
  readonly found: Readonly<Record<string, unknown>>;
}

export const CHECKS = ['account', 'quotas', 'offerings', 'network', 'image', 'weights'] as const;
export type CheckId = (typeof CHECKS)[number];

export function ok(id: CheckId, summary: string, found: Check['found'] = {}): Check {
  return { id, state: 'ok', summary, next: null, found };
}

export function notOk(id: CheckId, summary: string, next: string, found: Check['found'] = {}): Check {
  return { id, state: 'not-ok', summary, next, found };
}

export function unknown(id: CheckId, summary: string, next: string, found: Check['found'] = {}): Check {
  return { id, state: 'unknown', summary, next, found };
}

export function notApplicable(id: CheckId, summary: string): Check {
  return { id, state: 'not-applicable', summary, next: null, found: {} };
}
