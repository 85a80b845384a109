import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { startupBudget } from '../../charts/startup-budget';
import { planRelease } from '../../planning/plan-release';
import { scalingMode } from '../../planning/scaling/mode';
import { ScalingSchema } from '../../planning/scaling/schema';
import { SIGNALS } from '../../planning/scaling/signals';
import { scaleDownWindow, scaleUpWindow } from '../../planning/scaling/windows';
import { loadRelease } from '../../release/load';
import type { Release } from '../../release/schema';
import { CATALOG, type Change, plan, release, TODAY } from './support';

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

describe('a measured start', () => {
  const measured = (startup: Release['startup']) => planRelease({ ...release(), startup }, CATALOG, { file: 'release.yaml', today: TODAY });

  it('takes the place of the estimate, alone or both, and moves the windows', () => {
    const guessed = plan().scaling;
    const engineOnly = measured({ engineSeconds: 50, measured: 'one start' }).scaling;
    expect(engineOnly.engineSeconds).toEqual({ value: 50, low: 50, high: 75, basis: 'sourced', source: 'measured: one start' });
    expect(engineOnly.arrivalSeconds).toEqual(guessed.arrivalSeconds);
    expect(engineOnly.coldStartSeconds.basis).toBe('extrapolated');
    const both = measured({ engineSeconds: 50, arrivalSeconds: 150, measured: 'one start' }).scaling;
    expect(both.coldStartSeconds).toMatchObject({ value: 200, low: 200, high: 300, basis: 'derived', source: 'measured: one start' });
    expect(both.scaleUp.periodSeconds.value).toBe(200);
    expect(both.scaleDown.stabilizationSeconds.value).toBe(600);
    expect(guessed.scaleDown.stabilizationSeconds.value).not.toBe(600);
  });

  it('leaves probes and deadline more than it took, whatever it was, and tells what they go by', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 20_000, noNaN: true }),
        fc.double({ min: 0.1, max: 20_000, noNaN: true }),
        (engineSeconds, arrivalSeconds) => {
          const startup = startupBudget(measured({ engineSeconds, arrivalSeconds, measured: 'five starts' }));
          expect(startup.budgetSeconds).toBeGreaterThanOrEqual(2 * engineSeconds);
          expect(startup.budgetSeconds).toBeLessThanOrEqual(3 * engineSeconds + 60);
          expect(startup.progressDeadlineSeconds - startup.budgetSeconds).toBeGreaterThanOrEqual(2 * arrivalSeconds);
          expect(startup.reason).toContain('measured: five starts');
        },
      ),
      { numRuns: 30 },
    );
  });

  it('is never better known than the high end of an estimate: both budgets cover it in every example', () => {
    for (const file of [
      'release.yaml',
      ...readdirSync('examples').flatMap((name) => (name.endsWith('.yaml') ? [`examples/${name}`] : [])),
    ]) {
      const made = planRelease(loadRelease(file).release, CATALOG, { file, today: TODAY });
      if (made.placement.replicas === 0) continue;
      const startup = startupBudget(made);
      expect(startup.budgetSeconds).toBeGreaterThanOrEqual(made.scaling.engineSeconds.high ?? 0);
      expect(startup.progressDeadlineSeconds).toBeGreaterThanOrEqual(startup.budgetSeconds + (made.scaling.arrivalSeconds.high ?? 0));
      expect(startup.reason).toMatch(/estimated at [\d.]+ s \([\d.]+ to [\d.]+ s\), not measured/);
    }
  });
});
