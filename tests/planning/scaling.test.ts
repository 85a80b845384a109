import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scalingMode } from '../../planning/scaling/mode';
import { ScalingSchema } from '../../planning/scaling/schema';
import { SIGNALS } from '../../planning/scaling/signals';
import { scaleDownWindow, scaleUpWindow } from '../../planning/scaling/windows';
import { loadRelease } from '../../release/load';
import { type Change, plan, release } from './support';

const SMOLLM2 = loadRelease('examples/smollm2-cpu.yaml').release;
const smol = (change: Change = {}) => plan(change, undefined, SMOLLM2).scaling;

describe('who scales', () => {
  const mode = (placement: Change['placement']) => scalingMode(release({ placement }).placement).mode;

  it('is KEDA in a cluster of the kit and the HPA of an existing one, as soon as there is a range', () => {
    expect(mode({ target: 'aws', minReplicas: 1, maxReplicas: 2 })).toBe('keda');
    expect(mode({ target: 'cluster', minReplicas: 1, maxReplicas: 2 })).toBe('hpa');
    expect(mode({ target: 'aws', minReplicas: 2, maxReplicas: 2 })).toBe('none');
  });

  it('is nobody where the first request would find no replica', () => {
    expect(mode({ target: 'aws', minReplicas: 0, maxReplicas: 2 })).toBe('none');
  });

  it('is whom the release names', () => {
    for (const autoscaling of ['none', 'hpa', 'keda'] as const)
      expect(mode({ autoscaling, minReplicas: 1, maxReplicas: 3 })).toBe(autoscaling);
  });
});

describe('signals', () => {
  it.each(['vllm', 'llama.cpp'] as const)('of %s ask for the pods of the release in every series, and sum them', (engine) => {
    for (const { query } of SIGNALS[engine]) {
      const selectors = query.match(/\{[^}]*\}/g) ?? [];
      expect(selectors.length).toBeGreaterThan(0);
      for (const selector of selectors) expect(selector).toContain('$PODS');
      expect(query.match(/sum\(/g)).toHaveLength(selectors.length);
      expect(query).not.toContain('vector(0)');
    }
  });

  it('are left out where nobody scales', () => {
    expect(smol({ placement: { autoscaling: 'none' } }).signals).toEqual([]);
  });
});

describe('targets', () => {
  const target = (scaling: ReturnType<typeof smol>, id: string) =>
    scaling.signals.find((signal) => signal.id === id)?.target.value ?? Number.NaN;

  it('follow the plan: a looser target for the first token lets more requests wait', () => {
    const strict = smol({ targets: { timeToFirstTokenMs: 1_500 } });
    const loose = smol({ targets: { timeToFirstTokenMs: 60_000 } });
    expect(target(loose, 'waiting')).toBeGreaterThan(target(strict, 'waiting'));
  });

  it('follow the plan: a stricter target per token lets fewer requests run at once', () => {
    const at = (timePerOutputTokenMs: number) =>
      target(plan({ targets: { timePerOutputTokenMs }, placement: { maxReplicas: 4 } }).scaling, 'in-flight');
    expect(at(45)).toBeLessThan(at(200));
  });

  it('hold for any load, between one request and the places of the engine', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 5, noNaN: true }),
        fc.integer({ min: 20, max: 400 }),
        (peakRequestsPerSecond, timePerOutputTokenMs) => {
          const { scaling, engine, placement } = plan({
            load: { peakRequestsPerSecond, averageRequestsPerSecond: peakRequestsPerSecond / 2 },
            targets: { timePerOutputTokenMs, timeToFirstTokenMs: 5_000 },
            placement: { maxReplicas: 8 },
            budget: { monthlyUsd: 100_000 },
          });
          expect(ScalingSchema.safeParse(scaling).error).toBeUndefined();
          if (placement.replicas === 0) return;
          const inFlight = target(scaling, 'in-flight');
          expect(inFlight).toBeGreaterThanOrEqual(1);
          expect(inFlight).toBeLessThanOrEqual(Math.max(1, Number(engine.settings.maxNumSeqs ?? Number.POSITIVE_INFINITY)));
          expect(target(scaling, 'waiting')).toBeGreaterThanOrEqual(1);
          expect(scaling.fallbackReplicas.value).toBe(placement.replicas);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('do not need the speed of the nodes', () => {
    const scaling = smol({ placement: { cluster: { ...SMOLLM2.placement.cluster, nodeMemoryBandwidthGbPerSecond: undefined } as never } });
    expect(target(scaling, 'waiting')).toBe(2);
    expect(target(scaling, 'in-flight')).toBeGreaterThanOrEqual(1);
  });
});

describe('windows', () => {
  it('stay inside what autoscaling/v2 takes, whatever the cold start', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 100_000 }), fc.integer({ min: 0, max: 999 }), (coldStart, range) => {
        for (const { stabilizationSeconds, periodSeconds, replicas } of [scaleUpWindow(coldStart, range), scaleDownWindow(coldStart)]) {
          expect(stabilizationSeconds.value).toBeGreaterThanOrEqual(0);
          expect(stabilizationSeconds.value).toBeLessThanOrEqual(3600);
          expect(periodSeconds.value).toBeGreaterThan(0);
          expect(periodSeconds.value).toBeLessThanOrEqual(1800);
          expect(replicas.value).toBeGreaterThanOrEqual(1);
        }
      }),
    );
  });

  it('take a replica away no sooner than twice its cold start, and let one cold start pass before the next comes', () => {
    expect(scaleDownWindow(400).stabilizationSeconds.value).toBe(800);
    expect(scaleUpWindow(400, 9)).toMatchObject({ replicas: { value: 5 }, periodSeconds: { value: 400 } });
  });

  it('know that a binary on the nodes needs neither node nor image', () => {
    expect(smol().coldStartSeconds.high).toBeLessThan(60);
    expect(plan().scaling.coldStartSeconds.value).toBeGreaterThan(300);
  });
});
