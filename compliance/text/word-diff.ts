/** One place where a text departs from the licence it was made from. */
export interface WordChange {
  /** Place in the normalised text, counted from 1. */
  readonly at: number;
  readonly kind: 'inserted' | 'deleted' | 'replaced';
  readonly expected: string;
  readonly found: string;
}

/** A run of words: `from` in the reference and `to` in the text, either of which may be empty. */
export interface Run {
  readonly expectedAt: number;
  readonly expected: readonly string[];
  readonly foundAt: number;
  readonly found: readonly string[];
}

/** Differences beyond which two texts are told apart as a whole: the search costs the square of them. */
const MAX_EDITS = 1500;

/**
 * Shortest edit from the expected words to the found ones, as runs of changes.
 * Source: Myers, "An O(ND) difference algorithm and its variations", 1986, the greedy form.
 */
export function diffWords(expected: readonly string[], found: readonly string[]): readonly Run[] {
  let head = 0;
  while (head < expected.length && head < found.length && expected[head] === found[head]) head += 1;
  let tail = 0;
  while (
    tail < expected.length - head &&
    tail < found.length - head &&
    expected[expected.length - 1 - tail] === found[found.length - 1 - tail]
  ) {
    tail += 1;
  }
  const a = expected.slice(head, expected.length - tail);
  const b = found.slice(head, found.length - tail);
  if (a.length === 0 && b.length === 0) return [];
  const whole: Run = { expectedAt: head, expected: a, foundAt: head, found: b };
  if (a.length === 0 || b.length === 0) return [whole];
  const kept = keptPairs(a, b);
  if (!kept) return [whole];
  const runs: Run[] = [];
  let x = 0;
  let y = 0;
  for (const [nextX, nextY] of [...kept, [a.length, b.length] as const]) {
    if (nextX > x || nextY > y)
      runs.push({ expectedAt: head + x, expected: a.slice(x, nextX), foundAt: head + y, found: b.slice(y, nextY) });
    x = nextX + 1;
    y = nextY + 1;
  }
  return runs;
}

/** Runs as changes for people and JSON. */
export function describeRuns(runs: readonly Run[]): readonly WordChange[] {
  return runs.map(({ foundAt, expected, found }) => ({
    at: foundAt + 1,
    kind: expected.length === 0 ? 'inserted' : found.length === 0 ? 'deleted' : 'replaced',
    expected: expected.join(' '),
    found: found.join(' '),
  }));
}

/** Pairs of equal words that stay, in order; undefined when the texts are too far apart. */
function keptPairs(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] | undefined {
  const max = Math.min(MAX_EDITS, a.length + b.length);
  const trace: Int32Array[] = [];
  let furthest = new Int32Array(2 * max + 3);
  const offset = max + 1;
  for (let edits = 0; edits <= max; edits += 1) {
    trace.push(furthest.slice(offset - edits - 1, offset + edits + 2));
    const next = furthest;
    for (let k = -edits; k <= edits; k += 2) {
      const down = k === -edits || (k !== edits && (furthest[offset + k - 1] ?? 0) < (furthest[offset + k + 1] ?? 0));
      let x = down ? (furthest[offset + k + 1] ?? 0) : (furthest[offset + k - 1] ?? 0) + 1;
      let y = x - k;
      while (x < a.length && y < b.length && a[x] === b[y]) {
        x += 1;
        y += 1;
      }
      next[offset + k] = x;
      if (x >= a.length && y >= b.length) return walkBack(trace, a, b, edits);
    }
    furthest = next;
  }
  return undefined;
}

function walkBack(
  trace: readonly Int32Array[],
  a: readonly string[],
  b: readonly string[],
  edits: number,
): readonly (readonly [number, number])[] {
  const kept: [number, number][] = [];
  let x = a.length;
  let y = b.length;
  for (let edit = edits; edit > 0; edit -= 1) {
    // trace[edit] holds diagonals -edit-1 … edit+1 as they were before this edit.
    const before = trace[edit] as Int32Array;
    const read = (k: number) => before[k + edit + 1] ?? 0;
    const k = x - y;
    const down = k === -edit || (k !== edit && read(k - 1) < read(k + 1));
    const from = down ? k + 1 : k - 1;
    const fromX = read(from);
    const fromY = fromX - from;
    while (x > fromX && y > fromY && x > 0 && y > 0 && !(x === (down ? fromX : fromX + 1) && y === (down ? fromY + 1 : fromY))) {
      x -= 1;
      y -= 1;
      kept.push([x, y]);
    }
    x = fromX;
    y = fromY;
  }
  while (x > 0 && y > 0) {
    x -= 1;
    y -= 1;
    kept.push([x, y]);
  }
  return kept.reverse();
}
