import { distance } from 'fastest-levenshtein';

/** The allowed word nearest to what was typed, or undefined when nothing is near enough to be meant. */
export function nearest(typed: string, allowed: readonly string[]): string | undefined {
  const wanted = typed.toLowerCase();
  let best: { word: string; edits: number } | undefined;
  for (const word of allowed) {
    const edits = distance(wanted, word.toLowerCase());
    if (!best || edits < best.edits) best = { word, edits };
  }
  const tolerance = Math.max(2, Math.floor(wanted.length / 3));
  return best && best.edits <= tolerance ? best.word : undefined;
}

/** " Did you mean …?" or nothing, to be appended to a message. */
export function didYouMean(typed: string, allowed: readonly string[]): string {
  const word = nearest(typed, allowed);
  return word === undefined ? '' : ` Did you mean "${word}"?`;
}
