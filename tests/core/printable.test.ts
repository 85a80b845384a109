import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KitError } from '../../core/error';
import { printable, shorten, showValue } from '../../core/printable';

it('leaves plain text in any script as it is', () => {
  for (const text of ['puppet show', 'Größe', '人形劇', '👩‍🎤'.replace('\u200d', ''), 'a"b\\c']) expect(printable(text)).toBe(text);
});

it('lets no control character, line separator, bidirectional control or lone surrogate through', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that must not come through
      expect(printable(text)).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
    }),
  );
  expect(printable('\ud800x')).toBe('\\ud800x');
});

it('shows numbers as YAML writes them', () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, -0, 5].map((value) => showValue(value))).toEqual(['.nan', '.inf', '0', '5']);
});

it('cuts long texts', () => {
  expect(shorten('abcdef', 5)).toBe('ab...');
  expect(shorten('abc', 5)).toBe('abc');
});

it('keeps a message with a hostile file name on one line', () => {
  expect(new KitError({ code: 'E_X', message: 'bad.', location: { file: 'a\nb\u001b[2J', line: 1 } }).message).toBe(
    'a\\nb\\u001b[2J:1: E_X: bad.',
  );
});
