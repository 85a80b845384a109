/** One change that a plan announces. */
export interface PlannedAction {
  /** e.g. aws_eks_node_group.model_nodes */
  readonly address: string;
  readonly action: 'create' | 'update' | 'delete' | 'replace';
}

/** Reads the changes out of `terraform plan -json`; reads of data sources and changes of outputs are none. */
export function plannedActions(events: string): PlannedAction[] {
  return events.split('\n').flatMap((line): PlannedAction[] => {
    if (!line.includes('"planned_change"')) return [];
    const { change } = JSON.parse(line) as { change: { resource: { addr: string }; action: string } };
    const action = ACTIONS[change.action];
    return action === undefined ? [] : [{ address: change.resource.addr, action }];
  });
}

const ACTIONS: Readonly<Record<string, PlannedAction['action']>> = {
  create: 'create',
  update: 'update',
  delete: 'delete',
  remove: 'delete',
  replace: 'replace',
};
