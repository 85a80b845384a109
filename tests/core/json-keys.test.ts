import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { repeatedKey } from '../../core/json-keys';

describe('a key that stands twice', () => {
  it.each([
    ['{"a":1,"a":2}', 'a', 7],
    ['{"x":{"a":1,"b":[{"c":1,"c":2}]}}', 'c', 24],
    ['{"a":1,"\\u0061":2}', 'a', 7],
    ['{"":1,"":2}', '', 6],
    ['{"a\\"b":1,"a\\"b":2}', 'a"b', 10],
    ['{"__proto__":1,"__proto__":2}', '__proto__', 15],
    ['[{"a":{}, "a":[]}]', 'a', 10],
  ])('is found in %s', (text, key, offset) => expect(repeatedKey(text)).toEqual({ key, offset }));

  it.each([
    '{"a":"a","b":"a"}',
    '{"a":{"a":{"a":1}}}',
    '[{"a":1},{"a":1}]',
    '["a","a"]',
    '{"a":["b","b",{"b":1}],"b":1}',
    '"a"',
    '{}',
    '{"a":"{\\"a\\":1,\\"a\\":2}"}',
  ])('is none in %s', (text) => expect(repeatedKey(text)).toBeUndefined());

  it('is none in anything that JSON.stringify writes, and is found as soon as one is added', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1, noNullPrototype: true }),
        fc.constantFrom(undefined, 2),
        (value, indent) => {
          const text = JSON.stringify(value, null, indent);
          expect(repeatedKey(text)).toBeUndefined();
          const [first] = Object.keys(value);
          expect(repeatedKey(`${text.slice(0, text.lastIndexOf('}'))},${JSON.stringify(first)}:0}`)?.key).toBe(first);
        },
      ),
    );
  });
});
