import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { SqsQueue } from '@cdktf/provider-aws/lib/sqs-queue';
import { Annotations } from 'cdktf';
import { KitError } from '../../core/error';
import type { KitStack } from '../kit-stack';
import type { Network } from '../network/network-stack';
import { nodeScaler } from './autoscaling';
import { createAutoscalerRole } from './cluster-autoscaler';
import type { ClusterBase } from './cluster-base';
import { createKarpenter } from './karpenter/karpenter';
import { createModelNodes } from './model-nodes';
import { createNodeRole } from './node-role';

/** Nodes for the model, or what Karpenter needs to make them. */
export interface ModelCapacity {
  readonly nodeGroups: readonly EksNodeGroup[];
  /** Queue that Karpenter reads; null without it. */
  readonly interruptions: SqsQueue | null;
}

/**
 * Makes nodes for the model as the release wants them. None while the plan has no placement; the gate then refuses anyway.
 * @throws KitError E_STACK_UNSUPPORTED for a reservation beside spot
 */
export function createModelCapacity(stack: KitStack, base: ClusterBase, network: Network): ModelCapacity {
  const { plan, settings } = stack.context;
  const { instanceType } = plan.placement;
  if (instanceType === null) {
    Annotations.of(stack).addWarning('The plan has no instance type: no nodes for the model are made.');
    return { nodeGroups: [], interruptions: null };
  }
  const { capacityReservation } = settings;
  if (capacityReservation !== null && plan.placement.capacity === 'spot') throw spotReservation(capacityReservation);
  const { cluster, after } = base;
  const subnetIds = network.modelSubnetIds;
  const scaler = nodeScaler(stack.context);
  if (scaler === 'karpenter') return { nodeGroups: [], interruptions: createKarpenter(stack, cluster.name, subnetIds) };
  const nodeRole = base.nodeRole ?? createNodeRole(stack);
  const nodeGroups = createModelNodes(stack, instanceType, { cluster, nodeRole, subnetIds, after });
  if (scaler === 'cluster-autoscaler' && settings.addons === 'needed') {
    createAutoscalerRole(stack, cluster.name, base.systemNodes ? [base.systemNodes, ...nodeGroups] : nodeGroups);
  }
  return { nodeGroups, interruptions: null };
}

function spotReservation(reservation: string): KitError {
  return new KitError({
    code: 'E_STACK_UNSUPPORTED',
    message: `OVKIT_CAPACITY_RESERVATION is ${reservation}, but the plan chose spot, which uses no reservation.`,
    next: 'unset it, or put reserved alone, or before on-demand, into placement.capacity.',
  });
}
