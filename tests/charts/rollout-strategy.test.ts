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
    expect(rolloutOf({ placement: { replicas: 1, maxReplicas: 2 } })).toEqual([1, 0]);
  });

  it('keeps all but one serving when every GPU is taken', () => {
    expect(rolloutOf({ placement: { replicas: 3, maxReplicas: 3 } })).toEqual([0, 1]);
    expect(rolloutStrategy(3, 0).reason).toContain('2 keep serving');
  });

  it('counts a GPU that is left over on a node as spare', () => {
    expect(rolloutOf({ placement: { replicas: 3, maxReplicas: 3, gpuCount: 4, tensorParallel: 2 } })).toEqual([1, 0]);
    expect(rolloutOf({ placement: { replicas: 4, maxReplicas: 4, gpuCount: 4, tensorParallel: 2 } })).toEqual([0, 1]);
  });

  it('can always go on: never both zero, and it adds a pod only where there is room', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), (replicas, spare) => {
        const { maxSurge, maxUnavailable, reason } = rolloutStrategy(replicas, spare);
        expect(maxSurge + maxUnavailable).toBeGreaterThan(0);
        expect(maxSurge).toBeLessThanOrEqual(spare);
        expect(reason).not.toBe('');
      }),
    );
  });
});
