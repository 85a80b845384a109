import pc from 'picocolors';
import type { Preflight } from '../aws/preflight';
import { printable } from '../core/printable';

const WORDS: Readonly<Record<string, string>> = { ok: 'ok', 'not-ok': 'NOT OK', unknown: 'unknown', 'not-applicable': 'nothing to see' };

const CLOSING: Readonly<Record<Preflight['state'], string>> = {
  ok: 'Nothing of this stands in the way of a deploy. Nothing was changed.',
  'not-ok': 'A deploy would fail or pay for nothing: mend what is NOT OK first. Nothing was changed.',
  unknown: 'Something could not be told; a deploy may find out the dear way. Nothing was changed.',
};

/** One table for people: what was looked at, how it is, and what to do. */
export function preflightText({ account, region, state, checks }: Preflight, { colours }: { readonly colours: boolean }): string {
  const paint = pc.createColors(colours);
  const colour = (name: string, text: string): string =>
    name === 'ok' ? paint.green(text) : name === 'not-ok' ? paint.red(text) : name === 'unknown' ? paint.yellow(text) : paint.dim(text);
  const idWidth = Math.max(...checks.map(({ id }) => id.length));
  const stateWidth = Math.max(...Object.values(WORDS).map((word) => word.length));
  const lines = checks.flatMap((check) => {
    const head = `  ${check.id.padEnd(idWidth)}  ${colour(check.state, (WORDS[check.state] ?? check.state).padEnd(stateWidth))}  ${printable(check.summary)}`;
    return check.next === null ? [head] : [head, `  ${' '.repeat(idWidth + stateWidth + 2)}  Next: ${printable(check.next)}`];
  });
  return [`Preflight of account ${account} in ${region}`, ...lines, CLOSING[state]].join('\n');
}
