import type { z } from 'zod';

type Path = readonly (string | number)[];

/**
 * The same data with every free string replaced by what `replace` makes of its number: a string is free when the schema takes something else in its place.
 * Two calls with different replacements keep the same strings apart, so that grouping by string stays as it was.
 */
export function replaceFreeStrings<T>(value: T, schema: z.ZodType, replace: (index: number) => string): T {
  let result: unknown = structuredClone(value);
  const strings = new Map<string, string>();
  for (const path of stringPaths(value)) {
    if (!schema.safeParse(withValue(result, path, 'a free string')).success) continue;
    const original = String(valueAt(value, path));
    const own = strings.get(original) ?? replace(strings.size);
    strings.set(original, own);
    result = withValue(result, path, own);
  }
  return result as T;
}

function stringPaths(value: unknown, path: Path = []): Path[] {
  if (typeof value === 'string') return [path];
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => stringPaths(inner, [...path, Array.isArray(value) ? Number(key) : key]));
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((inner, step) => (inner as Record<string | number, unknown>)[step], value);
}

function withValue(value: unknown, path: Path, inner: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return inner;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<string | number, unknown>;
  copy[step] = withValue(copy[step], rest, inner);
  return copy;
}

/** Fragments that have broken out of text, attributes, styles, comments, tables and links elsewhere. */
export const HOSTILE_FRAGMENTS: readonly string[] = [
  '<script>globalThis.pwned=1</script>',
  '"><img src=x onerror="globalThis.pwned=1">',
  "'><svg onload=globalThis.pwned=1>",
  '</style><script>globalThis.pwned=1</script>',
  '</title><script>globalThis.pwned=1</script>',
  '</desc></svg><iframe src=javascript:globalThis.pwned=1>',
  '--><script>globalThis.pwned=1</script><!--',
  'javascript:globalThis.pwned=1',
  'https://evil.example/" onmouseover="globalThis.pwned=1',
  'data:text/html,<script>globalThis.pwned=1</script>',
  '&lt;script&gt;&#60;script&#62;',
  ' onfocus=globalThis.pwned=1 autofocus ',
  '</td></tr></table><form action=https://evil.example><input>',
  '\u0000\u0007\u001b[31m\u202egnp.exe\u2066\ud800',
  '| a | b |\n|---|---|\n| [x](https://evil.example) |',
  '@everyone #1 GH-1 www.evil.example a@b.example ![x](https://evil.example/x.png) `code` $x^2$ **b**',
];
