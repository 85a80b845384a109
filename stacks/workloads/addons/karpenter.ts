import { hclJson } from '../../gate/hcl-text';
import { type KitStack, regionOf } from '../../kit-stack';
import { clusterNameOf, interruptionQueueName } from '../../names';
import { KARPENTER } from '../../system-accounts';
import { type Addon, ON_SYSTEM_NODES } from './addon';

/** Source: karpenter.sh, compatibility: 1.14 supports Kubernetes 1.35 and 1.36; charts at public.ecr.aws/karpenter. */
const VERSION = '1.14.1';
const REPOSITORY = 'oci://public.ecr.aws/karpenter';

/** Karpenter's definitions as a release of their own: Helm never upgrades those in a chart's crds folder. */
export const KARPENTER_CRDS: Addon = {
  id: 'karpenter_crds',
  wait: true,
  release: {
    name: 'karpenter-crd',
    namespace: KARPENTER.namespace,
    repository: REPOSITORY,
    chart: 'karpenter-crd',
    version: VERSION,
    values: hclJson({}),
  },
};

/** Karpenter's controller, on the system nodes: it cannot live on nodes that it makes itself. */
export function karpenterController(stack: KitStack): Addon {
  const { release, settings } = stack.context;
  return {
    id: 'karpenter',
    after: KARPENTER_CRDS.id,
    wait: true,
    release: {
      name: 'karpenter',
      namespace: KARPENTER.namespace,
      repository: REPOSITORY,
      chart: 'karpenter',
      version: VERSION,
      values: hclJson({
        serviceAccount: { create: true, name: KARPENTER.serviceAccount },
        nodeSelector: { 'kubernetes.io/os': 'linux', ...ON_SYSTEM_NODES },
        settings: {
          clusterName: clusterNameOf(stack.context),
          interruptionQueue: interruptionQueueName(release),
          // without NAT the price list cannot be reached; Karpenter then takes the prices that it ships with
          isolatedVPC: settings.nat === 'none',
        },
        controller: {
          env: [{ name: 'AWS_REGION', value: regionOf(release) }],
          resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { memory: '1Gi' } },
        },
      }),
    },
  };
}
