import type { Value, ValueMap } from './protocol/value';
import type { ProviderSchema } from './schema/schema';

/** What a stand-in has to say; errors stop Terraform. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly summary: string;
  readonly detail?: string;
  /** Attribute at fault, from the top: names, and indexes of lists. */
  readonly path?: Path;
}
export type Path = readonly (string | number)[];

export interface PlannedChange {
  readonly planned: Value;
  /** Attributes whose change cannot be made in place. */
  readonly replace?: readonly Path[];
  readonly diagnostics?: readonly Diagnostic[];
}

export interface Outcome {
  readonly state: Value;
  readonly diagnostics?: readonly Diagnostic[];
}

/** A provider as Terraform sees it, without the wire. Values follow the schema; null stands for "does not exist". */
export interface StandIn {
  readonly schema: ProviderSchema;
  configure(config: ValueMap): readonly Diagnostic[];
  /** Looks at a configuration that may hold unknown values. */
  validate(type: string, config: ValueMap): readonly Diagnostic[];
  plan(type: string, prior: Value, proposed: Value): PlannedChange;
  apply(type: string, prior: Value, planned: Value): Promise<Outcome>;
  read(type: string, state: ValueMap): Value;
  readData(type: string, config: ValueMap): Promise<Outcome>;
}

export function anError(summary: string, detail: string, path?: Path): Diagnostic {
  return { severity: 'error', summary, detail, path };
}
