import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseOffHours } from '../../release/off-hours';

describe('placement.offHours', () => {
  it('is two daily times in a time zone', () => {
    expect(parseOffHours('19:30-07:00 Europe/Amsterdam')).toEqual({
      stop: '30 19 * * *',
      start: '0 7 * * *',
      timeZone: 'Europe/Amsterdam',
      hoursPerDay: 11.5,
    });
    expect(parseOffHours('00:00-23:59 UTC')?.hoursPerDay).toBeCloseTo(23.98, 2);
  });

  it.each(['19:00-07:00', '25:00-07:00 UTC', '19:00-07:60 UTC', '19:00-07:00 Puppet/Stage', '07:00-07:00 UTC', '', 'UTC', '7:00-8:00 UTC'])(
    'is not %j',
    (text) => expect(parseOffHours(text)).toBeUndefined(),
  );

  it('is off for less than a day, and what is off and on makes a day', () => {
    const time = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
    fc.assert(
      fc.property(time, time, (one, other) => {
        fc.pre(one !== other);
        const off = parseOffHours(`${one}-${other} UTC`)?.hoursPerDay ?? 0;
        const on = parseOffHours(`${other}-${one} UTC`)?.hoursPerDay ?? 0;
        expect(off).toBeGreaterThan(0);
        expect(off + on).toBeCloseTo(24, 9);
      }),
    );
  });
});
