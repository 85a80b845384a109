import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Figure } from '../../core/figure';
import { engineSettings } from '../../planning/engine-flags/settings';
import { fitNode } from '../../planning/fit/fit-node';
import { PlanSchema } from '../../planning/plan';
import { requestShape } from '../../planning/request';
import type { Release } from '../../release/schema';
import { CATALOG, type Change, model, node, plan, release } from './support';

const FAMILIES = [...new Set(CATALOG.instances.map((instance) => instance.family))];
const PAIRS = CATALOG.models.flatMap((found) =>
  CATALOG.engines.flatMap((engine) =>
    found.weights.map((weights) => ({ id: found.id, engine: engine.name, precision: weights.precision })),
  ),
);

/** Valid changes of the puppet show, sane and absurd. */
const change: fc.Arbitrary<Change> = fc
  .record({
    pair: fc.constantFrom(...PAIRS),
    load: fc.record({
      imagesPerRequest: fc.integer({ min: 0, max: 64 }),
      imageWidthPx: fc.integer({ min: 1, max: 16384 }),
      imageHeightPx: fc.integer({ min: 1, max: 16384 }),
      promptTokens: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1_000_000 })),
      outputTokens: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.integer({ min: 1, max: 1_000_000 })),
      peakRequestsPerSecond: fc.double({ min: 1e-6, max: 1e5, noNaN: true }),
      hoursPerMonth: fc.double({ min: 1, max: 744, noNaN: true }),
    }),
    targets: fc.record({
      timeToFirstTokenMs: fc.double({ min: 1, max: 3.6e6, noNaN: true }),
      timePerOutputTokenMs: fc.double({ min: 1, max: 3.6e6, noNaN: true }),
    }),
    region: fc.constantFrom(...CATALOG.prices.regions),
    capacity: fc.subarray(['on-demand', 'spot', 'reserved'] as const, { minLength: 1 }),
    families: fc.subarray(FAMILIES, { minLength: 1, maxLength: 3 }),
    maxReplicas: fc.integer({ min: 1, max: 1000 }),
  })
  .map(({ pair, load, targets, region, capacity, families, maxReplicas }) => ({
    model: { id: pair.id, precision: pair.precision },
    engine: { name: pair.engine },
    load: { ...load, averageRequestsPerSecond: undefined },
    targets,
    placement: { region, capacity, instanceFamilies: families, minReplicas: 1, maxReplicas },
  }));

describe('for any valid release', () => {
  it('the plan meets its schema, holds no NaN or infinity, and every figure lies in its range', () => {
    fc.assert(
      fc.property(change, (edit) => {
        const made = plan(edit);
        PlanSchema.parse(made);
        walk(made, (value) => expect(Number.isFinite(value)).toBe(true));
        for (const figure of figures(made)) {
          if (figure.value === null) expect([figure.low, figure.high, figure.basis]).toEqual([null, null, 'unknown']);
          else expect((figure.low as number) <= figure.value && figure.value <= (figure.high as number)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('every allowed type stands exactly once per capacity, chosen or rejected', () => {
    fc.assert(
      fc.property(change, (edit) => {
        const made = plan(edit);
        const families = edit.placement?.instanceFamilies ?? [];
        const expected =
          CATALOG.instances.filter((instance) => families.includes(instance.family)).length * (edit.placement?.capacity?.length ?? 0);
        const chosen = made.candidates.filter((candidate) => candidate.chosen).map((candidate) => candidate.candidate);
        const all = [...chosen, ...made.rejected.map((item) => item.candidate)];
        expect(all).toHaveLength(expected);
        expect(new Set(all).size).toBe(expected);
        for (const { candidate, chosen: isChosen } of made.candidates) {
          if (!isChosen) expect(made.rejected.find((item) => item.candidate === candidate)?.code).toMatch(/^E_(COSTS_MORE|PRICE_UNKNOWN)$/);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('the lines sum to the month, and the chosen one is the cheapest of those that would do', () => {
    fc.assert(
      fc.property(change, (edit) => {
        const { cost, candidates } = plan(edit);
        if (cost.usdPerMonth.value === null) return;
        const sum = cost.lines.reduce((total, line) => total + (line.usdPerMonth.value ?? Number.NaN), 0);
        expect(sum).toBeCloseTo(cost.usdPerMonth.value, 6);
        const prices = candidates.flatMap((candidate) => candidate.usdPerMonth.value ?? []);
        expect(cost.usdPerMonth.value).toBe(Math.min(...prices));
      }),
      { numRuns: 100 },
    );
  });
});

describe('monotonic', () => {
  const question = (edit: Change) => {
    const of: Release = release(edit);
    const found = model(of.model.id);
    const engine = CATALOG.engines.find((candidate) => candidate.name === of.engine.name) as (typeof CATALOG.engines)[number];
    return { release: of, catalog: CATALOG, model: found, engine, request: requestShape(of.load, found), region: 'us-east-1' };
  };

  it('more memory never turns a fit into a misfit, and never holds fewer tokens', () => {
    const of = question({});
    const base = node('g6.xlarge');
    fc.assert(
      fc.property(
        fc.double({ min: 8, max: 80, noNaN: true }),
        fc.double({ min: 0, max: 40, noNaN: true }),
        fc.integer({ min: 1, max: 64 }),
        (gib, more, inFlight) => {
          const at = (visible: number) =>
            fitNode(of, { ...base, gpuMemoryBytes: visible * 2 ** 30 }, engineSettings(of, inFlight, 1), inFlight);
          const small = at(gib);
          const large = at(gib + more);
          if (small.shortage === null) expect(large.shortage).toBeNull();
          expect(large.fit.kvCache.tokens ?? 0).toBeGreaterThanOrEqual(small.fit.kvCache.tokens ?? 0);
          expect(large.fit.shortByBytes).toBeLessThanOrEqual(small.fit.shortByBytes);
        },
      ),
    );
  });

  it('more load never needs fewer replicas, nor costs less', () => {
    const at = (peak: number) =>
      plan({
        load: { peakRequestsPerSecond: peak, averageRequestsPerSecond: undefined },
        placement: { instanceFamilies: ['g6.xlarge'], maxReplicas: 1000 },
      });
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 50, noNaN: true }), fc.double({ min: 1, max: 4, noNaN: true }), (peak, factor) => {
        const less = at(peak);
        const more = at(peak * factor);
        expect(more.placement.replicas).toBeGreaterThanOrEqual(less.placement.replicas);
        expect(more.cost.usdPerMonth.value ?? 0).toBeGreaterThanOrEqual((less.cost.usdPerMonth.value ?? 0) - 1e-6);
      }),
      { numRuns: 60 },
    );
  });

  it('fewer requests at once never need more tokens', () => {
    const of = question({});
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (inFlight) => {
        const needed = (count: number) => fitNode(of, node('g6e.xlarge'), engineSettings(of, count, 1), count).fit.kvCache.tokensNeeded;
        expect(needed(inFlight + 1)).toBeGreaterThanOrEqual(needed(inFlight));
      }),
    );
  });
});

function figures(value: unknown): Figure[] {
  if (value === null || typeof value !== 'object') return [];
  if ('basis' in value && 'low' in value) return [value as Figure];
  return Object.values(value).flatMap(figures);
}

function walk(value: unknown, visit: (number: number) => void): void {
  if (typeof value === 'number') visit(value);
  else if (value !== null && typeof value === 'object') for (const inner of Object.values(value)) walk(inner, visit);
}
