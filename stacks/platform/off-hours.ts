import { AutoscalingSchedule } from '@cdktf/provider-aws/lib/autoscaling-schedule';
import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';
import type { NodeCounts } from './node-counts';

/** Takes the nodes of the model to zero in the off hours of each day, and back (OVKIT_OFF_HOURS). The pods wait meanwhile. */
export function createOffHours(stack: KitStack, group: EksNodeGroup, { min, desired, max }: NodeCounts): void {
  const { settings, release } = stack.context;
  if (settings.offHours === null) return;
  const { stop, start, timeZone } = settings.offHours;
  const autoscalingGroupName = group.resources.get(0).autoscalingGroups.get(0).name;
  const schedule = (id: string, recurrence: string, sizes: NodeCounts) =>
    new AutoscalingSchedule(stack, `model_nodes_${id}`, {
      autoscalingGroupName,
      scheduledActionName: boundedName(release, id.replaceAll('_', '-')),
      recurrence,
      timeZone,
      minSize: sizes.min,
      desiredCapacity: sizes.desired,
      maxSize: sizes.max,
    });
  schedule('off_hours_stop', stop, { min: 0, desired: 0, max });
  schedule('off_hours_start', start, { min, desired, max });
}
