import { existsSync } from 'node:fs';
import { fillUnknowns, planChange } from '../change';
import type { Cloud } from '../cloud';
import type { StandInConfig } from '../config';
import { isMap, type Value, type ValueMap } from '../protocol/value';
import type { Block, ProviderSchema } from '../schema/schema';
import { anError, type Diagnostic, type Outcome, type PlannedChange, type StandIn } from '../stand-in';
import { HelmRunner } from './runner';

const RELEASE = 'helm_release';
const RULES = { forceNew: ['name', 'namespace', 'repository'], onUpdate: ['metadata', 'status', 'manifest'] };
/** Helm names releases like Kubernetes names labels, and keeps ten characters for itself. */
const NAME_FORM = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const NAME_CHARACTERS = 53;

/**
 * A schema-true stand-in for hashicorp/helm: the real Helm behind the provider's schema. With a kubeconfig it installs on that API server;
 * without one it renders the chart with the release's values and keeps the manifest, so that a chart that does not render fails the deploy.
 * A chart of a remote repository is not fetched: it is noted, not proved.
 */
export class HelmStandIn implements StandIn {
  private readonly helm: HelmRunner | null;

  constructor(
    readonly schema: ProviderSchema,
    private readonly cloud: Cloud,
    config: StandInConfig,
  ) {
    this.helm = config.helm === null ? null : new HelmRunner(config.helm, config.kubeconfig, config.cloud);
  }

  configure(): Diagnostic[] {
    return [];
  }

  validate(type: string, config: ValueMap): Diagnostic[] {
    const { name } = config;
    if (type !== RELEASE || typeof name !== 'string') return [];
    return NAME_FORM.test(name) && name.length <= NAME_CHARACTERS
      ? []
      : [
          anError(
            `helm_release name is ${JSON.stringify(name)}`,
            `Allowed: up to ${NAME_CHARACTERS} lower-case letters, digits and hyphens.`,
            ['name'],
          ),
        ];
  }

  plan(type: string, prior: Value, proposed: Value): PlannedChange {
    return isMap(proposed) ? planChange(this.blockOf(type), isMap(prior) ? prior : null, proposed, RULES) : { planned: null };
  }

  async apply(type: string, prior: Value, planned: Value): Promise<Outcome> {
    if (!isMap(planned)) return this.uninstall(type, prior as ValueMap);
    const problem = await this.install(planned);
    if (problem) return { state: prior, diagnostics: [problem] };
    const before = this.cloud.get(type, key(isMap(prior) ? prior : planned));
    const revision = Number(isMap(before?.value.metadata) ? before.value.metadata.revision : 0) + 1;
    const name = String(planned.name);
    const value = fillUnknowns(planned, {
      id: name,
      namespace: 'default',
      status: 'deployed',
      metadata: this.metadata(planned, revision),
    }) as ValueMap;
    this.cloud.put({ type, id: key(value), value });
    return { state: value };
  }

  read(type: string, state: ValueMap): Value {
    return this.cloud.get(type, key(state))?.value ?? null;
  }

  async readData(type: string): Promise<Outcome> {
    return { state: null, diagnostics: [anError(`the stand-in has no answer for data source ${type}`, 'It knows helm_release alone.')] };
  }

  private async install(planned: ValueMap): Promise<Diagnostic | undefined> {
    const chart = String(planned.chart);
    if (typeof planned.repository === 'string' || !existsSync(chart)) {
      if (typeof planned.repository !== 'string')
        return anError(`could not find the chart ${chart}`, 'It is looked for in the folder of the stack.', ['chart']);
      this.cloud.note('not-fetched', planned.repository, `${chart} ${String(planned.version ?? '')}`.trim());
      return undefined;
    }
    if (!this.helm) {
      this.cloud.note('not-rendered', chart, key(planned));
      return undefined;
    }
    const said = await this.helm.install(planned, chart);
    return said === undefined ? undefined : anError(`installing ${key(planned)} failed`, said);
  }

  private async uninstall(type: string, prior: ValueMap): Promise<Outcome> {
    const said = await this.helm?.uninstall(prior);
    if (said !== undefined) return { state: prior, diagnostics: [anError(`uninstalling ${key(prior)} failed`, said)] };
    this.cloud.delete(type, key(prior));
    return { state: null };
  }

  /** The object `metadata` with what is known of it; other keys, whichever the schema has, are null. */
  private metadata(planned: ValueMap, revision: number): ValueMap {
    const type = this.blockOf(RELEASE).attributes.metadata?.type;
    const names = Array.isArray(type) && type[0] === 'object' ? Object.keys(type[1] as object) : [];
    const known: Readonly<Record<string, Value>> = {
      name: planned.name as Value,
      namespace: planned.namespace as Value,
      revision,
      chart: String(planned.chart),
    };
    return Object.fromEntries(names.map((name) => [name, known[name] ?? null]));
  }

  private blockOf(type: string): Block {
    const block = this.schema.resources[type];
    if (!block) throw new Error(`the stand-in was made without ${type}`);
    return block;
  }
}

function key(value: ValueMap): string {
  return `${String(value.namespace ?? 'default')}/${String(value.name)}`;
}
