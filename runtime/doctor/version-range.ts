/** True when a version lies in a range of comparators, such as ">=4.53.1 <5". A version that is no number lies in none. */
export function inRange(version: string, range: string): boolean {
  const found = numbers(version);
  if (found === undefined) return false;
  return range.split(/\s+/).every((comparator) => {
    const [, operator, text] = /^(>=|<=|>|<|=)?(.+)$/.exec(comparator) ?? [];
    const bound = numbers(text ?? '');
    if (bound === undefined) throw new RangeError(`not a version range: ${range}`);
    const order = compare(found, bound);
    switch (operator) {
      case '>=':
        return order >= 0;
      case '<=':
        return order <= 0;
      case '>':
        return order > 0;
      case '<':
        return order < 0;
      default:
        return order === 0;
    }
  });
}

/** True when a version belongs to a release series: 0.32.1 and 0.32.0+cpu to "0.32". */
export function inSeries(version: string, series: string): boolean {
  const found = numbers(version);
  const wanted = numbers(series);
  return found !== undefined && (wanted?.every((part, index) => found[index] === part) ?? false);
}

/** Leading numbers of a version; what follows (`+cpu`, `rc1`, `.dev0`) does not count. */
function numbers(version: string): readonly number[] | undefined {
  const [text] = /^\d+(\.\d+)*/.exec(version.trim()) ?? [];
  return text?.split('.').map(Number);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
