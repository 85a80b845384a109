import { garbageReason } from './garbage';
import type { GoldenQuestion } from './questions';

export interface CheckedAnswer {
  readonly passed: boolean;
  /** Why not; empty when it passed. */
  readonly reasons: readonly string[];
}

/** Words that turn the next ones into their opposite; "not" also stands for every "n't". */
const NEGATIONS = new Set(['no', 'not', 'without', 'never', 'neither', 'nor', 'none', 'cannot']);
/** Words after a negation that it reaches: "there is no red dragon". */
const NEGATION_REACH = 3;

/**
 * Does an answer say what the picture shows? It must hold a word of each expected group that is not negated, no word that contradicts
 * it, and read like an answer at all. Meant to tell a service that sees from one that is healthy and answers garbage.
 */
export function checkAnswer(question: GoldenQuestion, answer: string): CheckedAnswer {
  const garbage = garbageReason(answer);
  if (garbage !== undefined) return { passed: false, reasons: [garbage] };
  const said = affirmedWords(answer);
  const missing = question.expect.allOf.filter((group) => !group.some((word) => said.has(word)));
  const wrong = question.expect.noneOf.filter((word) => said.has(word));
  const reasons = [...missing.map((group) => `it does not say ${group.join(' or ')}`), ...wrong.map((word) => `it says ${word}`)];
  return { passed: reasons.length === 0, reasons };
}

/** Words of an answer in lower case, without those that a negation before them takes back. */
function affirmedWords(answer: string): ReadonlySet<string> {
  const said = new Set<string>();
  for (const clause of answer
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll('’', "'")
    .split(/[.,;:!?\n]/)) {
    let reach = 0;
    for (const word of clause.replaceAll(/n't\b/g, ' not').match(/[\p{L}\p{N}]+/gu) ?? []) {
      if (NEGATIONS.has(word)) reach = NEGATION_REACH + 1;
      else if (reach === 0) said.add(word);
      reach = Math.max(0, reach - 1);
    }
  }
  return said;
}
