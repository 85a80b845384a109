import { expect, it } from 'vitest';
import { parseInstant } from '../../compliance/instant';

it.each([
  ['2026-12-01T00:00:00Z', '2026-12-01T00:00:00.000Z'],
  ['2028-02-29T23:59:59Z', '2028-02-29T23:59:59.000Z'],
  ['2026-12-01T01:30:00+01:30', '2026-12-01T00:00:00.000Z'],
  ['2026-12-31T23:00:00.123456789-02:00', '2027-01-01T01:00:00.123Z'],
])('%s is a time', (text, same) => {
  expect(parseInstant(text).toISOString()).toBe(same);
});

it.each([
  '',
  '2026-12-01',
  '2026-12-01T00:00:00',
  '2026-12-01 00:00:00Z',
  '2026-12-01T24:00:00Z',
  '2026-12-01T00:60:00Z',
  '2026-12-01T00:00:60Z',
  '2026-02-30T00:00:00Z',
  '2027-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-10T00:00:00Z',
  '2026-12-00T00:00:00Z',
  '2026-12-01T00:00:00+25:00',
  '+002026-12-01T00:00:00Z',
  '1e12',
  'now',
])('"%s" is no time, and is not read as another one', (text) => {
  expect(() => parseInstant(text)).toThrow(expect.objectContaining({ code: 'E_TIME_INVALID' }));
});
