import { describe, expect, it } from 'vitest';
import { type KarpenterPlace, karpenterValues } from '../../charts/karpenter-values';
import { KARPENTER_PLACE } from '../karpenter-place';
import { makePlan, makeRelease } from './fixtures';

const values = (placement: object = {}, place: Partial<KarpenterPlace> = {}) => {
  const plan = makePlan();
  return karpenterValues(makeRelease(), { ...plan, placement: { ...plan.placement, ...placement } }, { ...KARPENTER_PLACE, ...place });
};

describe('what Karpenter may start', () => {
  it('is as many nodes as all replicas need, and one more while a node is replaced', () => {
    expect(values({ maxReplicas: 4, gpuCount: 1 }).maxNodes).toBe(5);
    expect(values({ maxReplicas: 4, gpuCount: 4 }).maxNodes).toBe(2);
    expect(values({ maxReplicas: 3, gpuCount: 4, tensorParallel: 2 }).maxNodes).toBe(3);
    expect(values({ device: 'cpu', gpuCount: 0, maxReplicas: 2 })).toMatchObject({ maxNodes: 3, gpu: { count: 0 } });
  });

  it('stays, when empty, as long as a cold start takes at its slow end, and five minutes at least', () => {
    const plan = makePlan();
    const cold = (high: number | null) =>
      karpenterValues(
        makeRelease(),
        { ...plan, scaling: { ...plan.scaling, coldStartSeconds: { ...plan.scaling.coldStartSeconds, high } } },
        KARPENTER_PLACE,
      );
    expect(cold(800).consolidateAfterSeconds).toBe(800);
    expect(cold(20).consolidateAfterSeconds).toBe(300);
    expect(cold(null).consolidateAfterSeconds).toBe(300);
  });

  it('has the kinds of capacity of the plan, and a named reservation in the place of on-demand', () => {
    expect(values().capacityTypes).toEqual(['on-demand']);
    expect(values({ capacity: 'spot' }).capacityTypes).toEqual(['spot']);
    expect(values({ capacity: 'spot', fallback: { capacity: 'on-demand', quota: null } }).capacityTypes).toEqual(['spot', 'on-demand']);
    expect(values({}, { capacityReservation: 'cr-01' })).toMatchObject({ capacityTypes: ['reserved'], capacityReservationIds: ['cr-01'] });
  });
});
