import { compare } from './findings';
import type { JudgedSubject } from './judge-subject';
import type { Verdict } from './verdict';
import type { Waiver } from './waiver';

const DAY_MS = 86_400_000;

/** When a verdict stops holding: with the first piece of evidence or the first waiver it relies on that runs out. */
export function expiryOf(judged: readonly JudgedSubject[], used: readonly Waiver[]): Date | undefined {
  const until = [...judged.flatMap((each) => each.holdsUntil ?? []), ...used.map((waiver) => new Date(waiver.notAfter))];
  return until.reduce<Date | undefined>((first, date) => (first === undefined || date < first ? date : first), undefined);
}

/** What the verdict relies on and what runs out within `warnDays`, the first to go first. */
export function expiringOf(
  judged: readonly JudgedSubject[],
  used: readonly Waiver[],
  at: Date,
  warnDays: number,
): Verdict['expiring'][number][] {
  const soon = at.getTime() + warnDays * DAY_MS;
  const all = [
    ...judged.flatMap((each) => (each.holdsUntil ? [{ what: `evidence of ${each.verdict.id}`, until: each.holdsUntil }] : [])),
    ...used.map((waiver) => ({ what: `waiver ${waiver.id}`, until: new Date(waiver.notAfter) })),
  ];
  return all
    .filter(({ until }) => until.getTime() <= soon)
    .map(({ what, until }) => ({ what, expires: until.toISOString() }))
    .sort((a, b) => compare(a.expires, b.expires) || compare(a.what, b.what));
}
