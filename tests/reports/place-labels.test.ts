import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boxOf, placeLabels } from '../../reports/html/place-labels';

const BOUNDS = { left: 0, top: 0, right: 900, bottom: 400 };

describe('names beside the points of a chart', () => {
  it('never overlap each other and never leave the drawing', () => {
    const wish = fc.record({
      x: fc.integer({ min: 0, max: 900 }),
      y: fc.integer({ min: 0, max: 400 }),
      text: fc.string({ minLength: 1, maxLength: 24 }),
    });
    fc.assert(
      fc.property(fc.array(wish, { maxLength: 30 }), (wishes) => {
        const boxes = placeLabels(wishes, BOUNDS).flatMap((label, index) => {
          const own = wishes[index];
          if (!label || !own) return [];
          return [boxOf(own, { dx: label.x - own.x, dy: label.y - own.y, anchor: label.anchor })];
        });
        for (const [index, a] of boxes.entries()) {
          expect(a.left >= 0 && a.right <= 900 && a.top >= 0 && a.bottom <= 400).toBe(true);
          for (const b of boxes.slice(index + 1)) {
            expect(a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom).toBe(false);
          }
        }
      }),
    );
  });

  it('names the first point even in a crowd', () => {
    const crowd = Array.from({ length: 5 }, (_, index) => ({ x: 450 + index, y: 200, text: `g6.${index}xlarge` }));
    const labels = placeLabels(crowd, BOUNDS);
    expect(labels[0]).not.toBeNull();
    expect(labels.some((label) => label === null)).toBe(true);
  });
});
