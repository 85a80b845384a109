import { AutoscalingSchedule } from '@cdktf/provider-aws/lib/autoscaling-schedule';
import type { EksNodeGroup } from '@cdktf/provider-aws/lib/eks-node-group';
import { type OffHours, parseOffHours } from '../../release/off-hours';
import type { Release } from '../../release/schema';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';
import { nodeScaler } from './autoscaling';
import type { CapacityGroup } from './capacity';
import type { NodeCounts } from './node-counts';

/** The schedule of a release; undefined without one. */
export function offHoursOf({ placement }: Release): OffHours | undefined {
  return placement.offHours === undefined ? undefined : parseOffHours(placement.offHours);
}

/** Takes the nodes of the model to zero in the off hours of each day, and back (placement.offHours). The pods wait meanwhile. */
export function createOffHours(stack: KitStack, group: EksNodeGroup, { id: groupId, counts }: CapacityGroup): void {
  const { min, desired, max } = counts;
  const { release } = stack.context;
  const offHours = offHoursOf(release);
  if (offHours === undefined) return;
  const { stop, start, timeZone } = offHours;
  const autoscalingGroupName = group.resources.get(0).autoscalingGroups.get(0).name;
  const schedule = (id: string, recurrence: string, sizes: NodeCounts) =>
    new AutoscalingSchedule(stack, `${groupId}_nodes_${id}`, {
      autoscalingGroupName,
      scheduledActionName: boundedName(release, `${groupId}-${id.replaceAll('_', '-')}`),
      recurrence,
      timeZone,
      minSize: sizes.min,
      desiredCapacity: sizes.desired,
      maxSize: sizes.max,
    });
  // an autoscaler that sees the waiting pods would bring the nodes back
  schedule('off_hours_stop', stop, { min: 0, desired: 0, max: nodeScaler(stack.context) === 'none' ? max : 0 });
  schedule('off_hours_start', start, { min, desired, max });
}
