import { hclJson } from '../../gate/hcl-text';
import { type Addon, ON_SYSTEM_NODES } from './addon';

/** KEDA, which drives the replicas where placement.autoscaling is keda. Source: kedacore/charts, chart and operator 2.20.2. */
export const KEDA: Addon = {
  id: 'keda',
  // its CRD must be served, and its webhook answer, before a ScaledObject comes
  wait: true,
  release: {
    name: 'keda',
    namespace: 'keda',
    repository: 'https://kedacore.github.io/charts',
    chart: 'keda',
    version: '2.20.2',
    values: hclJson({ nodeSelector: ON_SYSTEM_NODES }),
  },
};
