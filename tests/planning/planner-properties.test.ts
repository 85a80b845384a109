import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Catalog } from '../../catalog/schema';
import { KitError } from '../../core/error';
import { engineSettings } from '../../planning/engine-flags/settings';
import { fitNode } from '../../planning/fit/fit-node';
import { requestShape } from '../../planning/request';
import { CATALOG, type Change, EIGHT_B, model, node, plan, release } from './support';

const FAMILIES = ['g4dn', 'g5', 'g6', 'g6e', 'p4d', 'p5'] as const;
const VLLM_TYPES = CATALOG.instances.filter(({ gpu, fractionalGpu, arch }) => gpu !== null && !fractionalGpu && arch === 'x86_64');

/** A load that one machine or some can serve, on machines of some families. */
const sane: fc.Arbitrary<Change> = fc
  .record({
    model: fc.constantFrom({}, EIGHT_B.model ?? {}),
    precision: fc.constantFrom('bf16', 'fp16', 'fp8'),
    load: fc.record({
      imagesPerRequest: fc.integer({ min: 0, max: 4 }),
      imageWidthPx: fc.integer({ min: 28, max: 4000 }),
      imageHeightPx: fc.integer({ min: 28, max: 4000 }),
      promptTokens: fc.integer({ min: 1, max: 4000 }),
      outputTokens: fc.integer({ min: 1, max: 1000 }),
      peakRequestsPerSecond: fc.double({ min: 0.01, max: 20, noNaN: true }),
    }),
    region: fc.constantFrom(...CATALOG.prices.regions),
    families: fc.subarray([...FAMILIES], { minLength: 1, maxLength: 2 }),
    surviveOneFailure: fc.boolean(),
  })
  .map(({ model: of, precision, load, region, families, surviveOneFailure }) => ({
    model: { ...of, precision } as Change['model'],
    load: { ...load, averageRequestsPerSecond: undefined },
    placement: { region, instanceFamilies: families, maxReplicas: 32, surviveOneFailure },
  }));

/** What a T4 lacks for a precision, or for pictures in it. */
const WITHOUT: Readonly<Record<string, string>> = { bf16: 'E_GPU_NO_BF16', fp8: 'E_GPU_NO_FP8', fp16: 'E_GPU_FLASH_ATTENTION' };

const made = (edit: Change, catalog: Catalog = CATALOG) => plan(edit, catalog);
type Plan = ReturnType<typeof plan>;

describe('whatever is asked', () => {
  it('the same question has the same answer, whatever was asked in between and in which order the catalogue lists the machines', () => {
    // All at one price and of one size, so that only the last rule of the ranking tells them apart.
    const instances = CATALOG.instances.map((instance) => ({
      ...instance,
      vcpu: 192,
      price: Object.fromEntries(
        Object.entries(instance.price).map(([region, entry]) => [region, { ...entry, usdPerHour: entry.usdPerHour === null ? null : 1 }]),
      ),
    }));
    const level: Catalog = { ...CATALOG, instances };
    const reversed: Catalog = { ...CATALOG, instances: [...instances].reverse() };
    fc.assert(
      fc.property(sane, sane, (edit, other) => {
        const first = JSON.stringify(made(edit, level));
        made(other, level);
        expect(JSON.stringify(made(edit, level))).toBe(first);
        const { candidates, placement, cost } = made(edit, reversed);
        const before = JSON.parse(first) as Plan;
        expect({ candidates, placement, cost }).toEqual({
          candidates: before.candidates,
          placement: before.placement,
          cost: before.cost,
        });
      }),
      { numRuns: 40 },
    );
  });

  it('a placement fits, holds the tokens of its load, and stands in its own ranges', () => {
    fc.assert(
      fc.property(sane, (edit) => {
        const { placement, fit, candidates } = made(edit);
        if (placement.instanceType === null) return;
        expect(fit.verdict).not.toBe('does-not-fit');
        expect(fit.shortByBytes).toBe(0);
        expect(fit.kvCache.tokens ?? 0).toBeGreaterThanOrEqual(fit.kvCache.tokensNeeded);
        expect(placement.replicasRange.low).toBeLessThanOrEqual(placement.replicas);
        expect(placement.replicasRange.high).toBeGreaterThanOrEqual(placement.replicas);
        expect(placement.replicas).toBeLessThanOrEqual(placement.maxReplicas);
        if (edit.placement?.surviveOneFailure) expect(placement.oneFailure.survives).toBe(true);
        for (const { instanceType } of candidates) {
          const gpu = CATALOG.gpus.find(({ key }) => key === CATALOG.instances.find(({ type }) => type === instanceType)?.gpu);
          if (edit.model?.precision === 'bf16') expect(gpu?.bf16Native).toBe(true);
          if (edit.model?.precision === 'fp8') expect(Number(gpu?.computeCapability)).toBeGreaterThanOrEqual(8);
        }
      }),
      { numRuns: 80 },
    );
  });

  it('every rejected machine says why, in a sentence, and by how much where there is a limit', () => {
    fc.assert(
      fc.property(sane, (edit) => {
        for (const { candidate, code, reason, shortBy } of made(edit).rejected) {
          expect(reason).toMatch(/\.$/);
          expect(reason).not.toMatch(/undefined|NaN|null|Infinity/);
          if (candidate.startsWith('g4dn') && code !== 'E_NOT_OFFERED') expect(code).toBe(WITHOUT[edit.model?.precision as string]);
          if (/^E_(FIT|TARGET|REPLICAS)/.test(code)) expect(shortBy?.value).toBeGreaterThan(0);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('no sentence holds the name of nothing, whatever has no price', () => {
    const capacity = fc.subarray(['on-demand', 'spot', 'reserved'] as const, { minLength: 1 });
    fc.assert(
      fc.property(sane, capacity, (edit, kinds) => {
        const { problems, rejected, alternatives, fit } = made({ ...edit, placement: { ...edit.placement, capacity: kinds } });
        expect(JSON.stringify([problems, rejected, alternatives.map(({ note }) => note), fit.because])).not.toMatch(
          /undefined|NaN|Infinity|\bnull (an?|GiB|ms)\b/,
        );
      }),
      { numRuns: 60 },
    );
  });

  it('a region that is named as an alternative offers the machine that it names', () => {
    fc.assert(
      fc.property(sane, (edit) => {
        for (const { kind, name, candidate, usdPerHour } of made(edit).alternatives) {
          if (kind !== 'region' || candidate === null) continue;
          const type = candidate.replace(/^\d+ x (\S+).*$/, '$1');
          expect(CATALOG.instances.find((instance) => instance.type === type)?.price[name]?.basis).not.toBe('not-offered');
          const there = made({ ...edit, placement: { ...edit.placement, region: name } });
          expect(there.cost.usdPerHour.value).toBe(usdPerHour.value);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('nothing but a KitError is thrown, for sizes, rates and limits from nothing to absurd', () => {
    const extreme = fc.oneof(
      fc.constantFrom(0, 1, -1, 0.5, 1e-300, 2 ** 31, 2 ** 53, 1e300),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const whole = fc.constantFrom(0, 1, 2, 1000, 2 ** 31, 2 ** 53 - 1);
    fc.assert(
      fc.property(
        fc.record({ imagesPerRequest: whole, imageWidthPx: whole, imageHeightPx: whole, promptTokens: whole, outputTokens: whole }),
        extreme.map(Math.abs),
        extreme.map(Math.abs),
        fc.integer({ min: 0, max: 1000 }),
        (load, peakRequestsPerSecond, target, minReplicas) => {
          const edit: Change = {
            load: { ...load, peakRequestsPerSecond, averageRequestsPerSecond: undefined },
            targets: { timeToFirstTokenMs: target, timePerOutputTokenMs: target },
            placement: { instanceFamilies: ['g6.xlarge', 'g6.12xlarge'], minReplicas, maxReplicas: 1000 },
          };
          try {
            made(edit);
          } catch (error) {
            expect(error).toBeInstanceOf(KitError);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('prices', () => {
  /** The catalogue with the price of one type times a factor, in all regions. */
  const dearer = (type: string, factor: number): Catalog => ({
    ...CATALOG,
    instances: CATALOG.instances.map((instance) =>
      instance.type === type
        ? {
            ...instance,
            price: Object.fromEntries(
              Object.entries(instance.price).map(([region, entry]) => [
                region,
                { ...entry, usdPerHour: entry.usdPerHour === null ? null : entry.usdPerHour * factor },
              ]),
            ),
          }
        : instance,
    ),
  });

  it('a machine that gets dearer never ranks better, and no other ranks worse', () => {
    fc.assert(
      fc.property(sane, fc.double({ min: 1, max: 10, noNaN: true }), fc.nat(), (edit, factor, pick) => {
        const before = made(edit).candidates.map(({ candidate }) => candidate);
        if (before.length === 0) return;
        const type = before[pick % before.length] as string;
        const after = made(edit, dearer(type, factor)).candidates.map(({ candidate }) => candidate);
        expect(after.indexOf(type)).toBeGreaterThanOrEqual(before.indexOf(type));
        expect(after.filter((name) => name !== type)).toEqual(before.filter((name) => name !== type));
      }),
      { numRuns: 60 },
    );
  });

  it('a month of more hours never costs less', () => {
    fc.assert(
      fc.property(sane, fc.double({ min: 1, max: 700, noNaN: true }), fc.double({ min: 0, max: 44, noNaN: true }), (edit, hours, more) => {
        const at = (hoursPerMonth: number) => made({ ...edit, load: { ...edit.load, hoursPerMonth } }).cost.usdPerMonth.value ?? 0;
        expect(at(hours + more)).toBeGreaterThanOrEqual(at(hours) - 1e-6);
      }),
      { numRuns: 40 },
    );
  });
});

describe('memory', () => {
  const fitOf = (edit: Change, type: string, inFlight: number, tensorParallel = 1) => {
    const of = release(edit);
    const found = model(of.model.id);
    const engine = CATALOG.engines.find(({ name }) => name === of.engine.name) as (typeof CATALOG.engines)[number];
    const question = { release: of, catalog: CATALOG, model: found, engine, request: requestShape(of.load, found), region: 'us-east-1' };
    return fitNode(question, node(type), engineSettings(question, inFlight, tensorParallel), inFlight).fit;
  };
  const weights = (fit: ReturnType<typeof fitOf>) => fit.terms.find(({ name }) => name === 'weights');

  it('the cards of a replica hold together no less than the weights, and each no more than one card alone', () => {
    fc.assert(
      fc.property(sane, fc.constantFrom(2, 4, 8), (edit, cards) => {
        const [one, shared] = [weights(fitOf(edit, 'g6e.48xlarge', 1)), weights(fitOf(edit, 'g6e.48xlarge', 1, cards))];
        expect(cards * (shared?.bytes ?? 0)).toBeGreaterThanOrEqual((one?.bytes ?? 0) * (1 - 1e-9));
        expect(shared?.bytes ?? 0).toBeLessThanOrEqual(one?.bytes ?? 0);
      }),
      { numRuns: 60 },
    );
  });

  it('a longer answer or prompt never leaves more tokens of cache, nor needs fewer', () => {
    fc.assert(
      fc.property(
        sane,
        fc.constantFrom(...VLLM_TYPES.map(({ type }) => type)),
        fc.nat({ max: 20_000 }),
        fc.integer({ min: 1, max: 50 }),
        (edit, type, more, inFlight) => {
          const longer = { ...edit, load: { ...edit.load, outputTokens: (edit.load?.outputTokens ?? 1) + more } };
          const [short, long] = [fitOf(edit, type, inFlight), fitOf(longer, type, inFlight)];
          expect(long.kvCache.tokens ?? 0).toBeLessThanOrEqual(short.kvCache.tokens ?? 0);
          expect(long.kvCache.tokensNeeded).toBeGreaterThanOrEqual(short.kvCache.tokensNeeded);
          if (long.verdict === 'fits') expect(short.verdict).toBe('fits');
        },
      ),
      { numRuns: 120 },
    );
  });

  it('a verdict agrees with its terms', () => {
    fc.assert(
      fc.property(
        sane,
        fc.constantFrom(...VLLM_TYPES.map(({ type }) => type)),
        fc.integer({ min: 1, max: 200 }),
        (edit, type, inFlight) => {
          const fit = fitOf(edit, type, inFlight);
          for (const { bytes, low, high } of fit.terms as readonly { bytes: number; low: number; high: number }[]) {
            expect(low).toBeLessThanOrEqual(bytes);
            expect(high).toBeGreaterThanOrEqual(bytes);
          }
          if (fit.verdict === 'fits') expect(fit.kvCache.tokens ?? 0).toBeGreaterThanOrEqual(fit.kvCache.tokensNeeded);
          else if (fit.verdict === 'does-not-fit') expect(fit.shortByBytes).toBeGreaterThan(0);
        },
      ),
      { numRuns: 120 },
    );
  });
});
