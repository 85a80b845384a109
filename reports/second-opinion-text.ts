import { printable } from '../core/printable';

/** The part of a second opinion that people read. */
export interface SecondOpinionView {
  readonly tool: string;
  readonly expected: number;
  readonly seen: number;
  readonly agree: number;
  readonly differ: readonly { readonly id: string; readonly verdict: string | null; readonly tool: string }[];
  readonly foreign: readonly string[];
  readonly notSeen: readonly string[];
}

const MAX_SHOWN = 10;

/** A second opinion for the terminal: the numbers, and every kind of disagreement with its first members. */
export function secondOpinionText(opinion: SecondOpinionView): string {
  return [
    printable(
      `second opinion of ${opinion.tool}, which changes nothing of the verdict: it saw ${opinion.seen} of ${opinion.expected} packages and agrees on ${opinion.agree}`,
    ),
    ...list(
      'says another licence',
      opinion.differ.map(({ id, verdict, tool }) => `${id}: the lock ${verdict ?? 'states none'}, the tool ${tool}`),
    ),
    ...list('installed, but not in the package lock, so not judged', opinion.foreign),
    ...list('in the package lock, but not seen by it (other platforms, or overlooked)', opinion.notSeen),
  ].join('\n');
}

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  const more = items.length > MAX_SHOWN ? [`    and ${items.length - MAX_SHOWN} more`] : [];
  return [`  ${title} (${items.length})`, ...items.slice(0, MAX_SHOWN).map((item) => printable(`    ${item}`)), ...more];
}
