import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rolloutStrategy } from '../../charts/rollout-strategy';
import { chartValues } from '../../charts/values';
import { makePlan, makeRelease, makeVerdict } from './fixtures';

const rolloutOf = (placement: Parameters<typeof makePlan>[0] & object) => {
  const { maxSurge, maxUnavailable } = chartValues(makeRelease(), makePlan(placement), makeVerdict()).rollout;
  return [maxSurge, maxUnavailable];
};

describe('rolloutStrategy', () => {
  it('stops the old pod first when the only GPU is taken', () => {
    expect(rolloutOf({ placement: { replicas: 1, maxReplicas: 1 } })).toEqual([0, 1]);
  });

  it('starts the new pod first when another node may come', () => {
    expect(rolloutOf({ placement: { replicas: 1, maxReplicas: 2, minReplicas: 2 } })).toEqual([1, 0]);
  });

  it('never waits for a place that an autoscaler has taken, and never takes the only replica', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 1000 }), (most) => {
        const { maxSurge, maxUnavailable } = rolloutStrategy(1, 0, most);
        // the API rounds maxUnavailable down
        const unavailable = (running: number) => Math.floor((running * Number.parseInt(String(maxUnavailable), 10)) / 100);
        expect(maxSurge).toBe(1);
        expect(unavailable(most)).toBeGreaterThanOrEqual(1);
        expect(unavailable(1)).toBe(0);
        expect(unavailable(most)).toBeLessThanOrEqual(Math.max(1, most / 10));
      }),
    );
  });

  it('keeps all but one serving when every GPU is taken', () => {
    expect(rolloutOf({ placement: { replicas: 3, minReplicas: 3, maxReplicas: 3 } })).toEqual([0, 1]);
    expect(rolloutStrategy(3, 0).reason).toContain('2 keep serving');
  });

  it('counts a GPU that is left over on a node as spare', () => {
    expect(rolloutOf({ placement: { replicas: 3, minReplicas: 3, maxReplicas: 3, gpuCount: 4, tensorParallel: 2 } })).toEqual([1, 0]);
    expect(rolloutOf({ placement: { replicas: 4, minReplicas: 4, maxReplicas: 4, gpuCount: 4, tensorParallel: 2 } })).toEqual([0, 1]);
  });

  it('can always go on: never both zero, and it adds a pod only where there is room', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (replicas, spare) => {
        const { maxSurge, maxUnavailable, reason } = rolloutStrategy(replicas, spare);
        expect(maxSurge + Number(maxUnavailable)).toBeGreaterThan(0);
        expect(maxSurge).toBeLessThanOrEqual(spare);
        expect(reason).not.toBe('');
      }),
    );
  });
});
