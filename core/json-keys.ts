/** A key that stands twice in one object of a JSON text. */
export interface RepeatedKey {
  readonly key: string;
  /** Place of its second appearance, in characters. */
  readonly offset: number;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],]/g;

/**
 * The first key that an object of a JSON text holds twice. `JSON.parse` takes the last of them without a word, while a reader, or another
 * program, may take the first: such a text says two things.
 * @param text  well-formed JSON
 */
export function repeatedKey(text: string): RepeatedKey | undefined {
  /** Keys of every open object; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let keyFollows = false;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const keys = open.at(-1);
    if (token === '{' || token === '[') open.push(token === '{' ? new Set() : undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ',' && keyFollows && keys) {
      // "a" and "\u0061" are one key.
      const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      if (keys.has(key)) return { key, offset: index };
      keys.add(key);
    }
    keyFollows = token === '{' || (token === ',' && keys !== undefined);
  }
  return undefined;
}
