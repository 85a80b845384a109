import { describe, expect, it } from 'vitest';
import { type ClusterFacts, productionSigns } from '../../rehearsal/cluster/production-signs';

const DESK: ClusterFacts = {
  context: 'kind-try',
  server: 'https://127.0.0.1:6443',
  namespaces: ['default', 'kube-system'],
  nodes: 1,
  environments: [],
};

describe('productionSigns', () => {
  it('finds none in a cluster of a desk, nor in words that only begin alike', () => {
    expect(productionSigns(DESK)).toEqual([]);
    expect(productionSigns({ ...DESK, context: 'product-catalogue', namespaces: ['delivery', 'olive'] })).toEqual([]);
  });

  it.each<[string, Partial<ClusterFacts>]>([
    ['its name', { context: 'eks-prod-1' }],
    ['its name in capitals', { context: 'LIVE' }],
    ['a cloud', { server: 'https://ABC.gr7.us-east-1.eks.amazonaws.com' }],
    ['a namespace', { namespaces: ['shop-production'] }],
    ['its size', { nodes: 6 }],
    ['a production release', { environments: ['rehearsal', 'production'] }],
  ])('takes %s for one', (_sign, facts) => {
    expect(productionSigns({ ...DESK, ...facts })).toHaveLength(1);
  });
});
