import { fillUnknowns, planChange } from '../change';
import type { Cloud } from '../cloud';
import type { Faults, StandInConfig } from '../config';
import { nextFault } from '../faults';
import { isKnown, isMap, UNKNOWN, type Value, type ValueMap } from '../protocol/value';
import type { Block, ProviderSchema } from '../schema/schema';
import { anError, type Diagnostic, type Outcome, type PlannedChange, type StandIn } from '../stand-in';
import { formProblems } from './checks';
import { credentialProblems } from './credentials';
import { readAwsData } from './data-sources';
import { changeRulesOf, identify, valuesAt } from './objects';
import { placementProblems } from './placement-checks';
import { dependencyProblems, duplicateProblems, referenceProblems } from './references';
import { type AwsWorld, createWorld } from './world';

/**
 * A schema-true stand-in for hashicorp/aws. It makes nothing: it keeps what Terraform asks for in a folder and answers as consistently as
 * its tables go. It is not AWS: it does not know AWS's own validation, defaults, replacement rules.
 */
export class AwsStandIn implements StandIn {
  private world: AwsWorld;
  private defaultTags: ValueMap = {};

  constructor(
    readonly schema: ProviderSchema,
    private readonly cloud: Cloud,
    private readonly config: StandInConfig,
    private readonly faults: Faults,
    private readonly env: NodeJS.ProcessEnv,
  ) {
    this.world = createWorld(config, 'us-east-1');
  }

  configure(config: ValueMap): Diagnostic[] {
    const problems = credentialProblems(this.env);
    if (problems.length > 0) return problems;
    const allowed = valuesAt(config, 'allowed_account_ids').filter((id) => typeof id === 'string');
    if (allowed.length > 0 && !allowed.includes(this.config.account))
      return [anError('AWS account ID not allowed', `The stand-in's account is ${this.config.account}.`)];
    this.world = createWorld(this.config, typeof config.region === 'string' ? config.region : this.world.region);
    this.defaultTags = Object.assign({}, ...valuesAt(config, 'default_tags.tags').filter(isMap));
    return [];
  }

  validate(type: string, config: ValueMap): Diagnostic[] {
    return formProblems(type, config);
  }

  plan(type: string, prior: Value, proposed: Value): PlannedChange {
    if (!isMap(proposed)) return { planned: null };
    const block = this.blockOf(type);
    const wanted = this.withTags(block, proposed);
    const { planned, replace } = planChange(block, isMap(prior) ? prior : null, wanted, changeRulesOf(type));
    return { planned, replace };
  }

  async apply(type: string, prior: Value, planned: Value): Promise<Outcome> {
    if (!isMap(planned)) return isMap(prior) ? this.destroy(type, prior) : { state: null };
    return isMap(prior) ? this.update(type, prior, planned) : this.create(type, planned);
  }

  read(type: string, state: ValueMap): Value {
    return this.cloud.get(type, String(state.id))?.value ?? null;
  }

  readData(type: string, config: ValueMap): Promise<Outcome> {
    return readAwsData(type, config, this.blockOf(type, 'dataSources'), this.world, this.cloud);
  }

  private async create(type: string, planned: ValueMap): Promise<Outcome> {
    const known = identify(type, planned, this.world, (id) => this.cloud.get(type, id) !== undefined);
    const value = fillUnknowns(planned, { ...known, ...derived(type, planned, this.cloud) }) as ValueMap;
    const problems = [...this.problems(type, value), ...duplicateProblems(this.cloud, type, value)];
    if (problems.length > 0) return { state: null, diagnostics: problems };
    const id = String(value.id);
    const fault = await nextFault(this.cloud, this.faults, type, id);
    if (fault === 'fail')
      return {
        state: null,
        diagnostics: [anError(`creating ${type} (${id}): InternalFailure`, 'A fault of the rehearsal: nothing was made.')],
      };
    this.cloud.put({ type, id, value });
    // a resource that was made and did not become ready is kept in the state, and Terraform replaces it
    if (fault === 'time-out')
      return {
        state: value,
        diagnostics: [
          anError(`waiting for ${type} (${id}): timeout while waiting for state to become ACTIVE`, 'A fault of the rehearsal.'),
        ],
      };
    return { state: value };
  }

  private update(type: string, prior: ValueMap, planned: ValueMap): Outcome {
    const known = { ...prior, ...derived(type, planned, this.cloud, prior) } as Readonly<Record<string, Value>>;
    const value = fillUnknowns(planned, known) as ValueMap;
    const problems = this.problems(type, value);
    if (problems.length > 0) return { state: prior, diagnostics: problems };
    this.cloud.put({ type, id: String(value.id), value });
    return { state: value };
  }

  private destroy(type: string, prior: ValueMap): Outcome {
    const object = this.cloud.get(type, String(prior.id));
    if (!object) return { state: null };
    const problems = dependencyProblems(this.cloud, object);
    if (problems.length > 0) return { state: prior, diagnostics: problems };
    this.cloud.delete(type, object.id);
    return { state: null };
  }

  private problems(type: string, value: ValueMap): Diagnostic[] {
    return [
      ...formProblems(type, value),
      ...referenceProblems(this.cloud, type, value),
      ...placementProblems(this.world, this.cloud, type, value),
    ];
  }

  /** tags_all is what the provider works out itself: its own default tags under those of the resource. */
  private withTags(block: Block, value: ValueMap): ValueMap {
    if (!('tags_all' in block.attributes)) return value;
    const own = value.tags ?? {};
    return { ...value, tags_all: own !== UNKNOWN && isMap(own) && isKnown(own) ? { ...this.defaultTags, ...own } : UNKNOWN };
  }

  private blockOf(type: string, kind: 'resources' | 'dataSources' = 'resources'): Block {
    const block = this.schema[kind][type];
    if (!block) throw new Error(`the stand-in was made without ${type}`);
    return block;
  }
}

/** The few values that follow from others in a way that a table cannot say. */
function derived(type: string, planned: ValueMap, cloud: Cloud, prior?: ValueMap): Record<string, Value> {
  if (type === 'aws_launch_template' && prior) {
    const latest = Number(prior.latest_version ?? 0) + 1;
    return { latest_version: latest, default_version: planned.update_default_version === true ? latest : (prior.default_version ?? 1) };
  }
  if (type === 'aws_eks_cluster') {
    const [subnet] = valuesAt(planned, 'vpc_config.subnet_ids');
    return { 'vpc_config.vpc_id': cloud.get('aws_subnet', String(subnet))?.value.vpc_id ?? null };
  }
  if (type === 'aws_eks_node_group' && typeof planned.cluster_name === 'string')
    return { version: cloud.get('aws_eks_cluster', planned.cluster_name)?.value.version ?? null };
  return {};
}
