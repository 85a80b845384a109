import { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { Annotations, Aspects, type TerraformResource, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { KitError } from '../core/error';
import type { Plan } from '../planning/plan';
import type { Release } from '../release/schema';
import { addBackend } from './backend';
import { createComplianceGate } from './gate/compliance-gate';
import type { GateDecision } from './gate/decision';
import { DependOnGate } from './gate/depend-on-gate';
import { createRehearsalGuard, REHEARSAL_ACCOUNT } from './gate/rehearsal-guard';
import { refuseTokens } from './leaked-tokens';
import type { GateMode, StackSettings } from './settings';
import type { CostTags } from './tags';

/** What every stack is made from. */
export interface StackContext {
  readonly release: Release;
  readonly plan: Plan;
  readonly decision: GateDecision;
  readonly gate: GateMode;
  readonly settings: StackSettings;
  readonly tags: CostTags;
}

export interface KitStackOptions {
  /** false only for bootstrap: without it no image could exist that might be judged. */
  readonly gated: boolean;
  /** false for a stack that touches no AWS at all (placement.target cluster). */
  readonly aws: boolean;
}

/** A stack with backend, provider, tags and, unless it is the bootstrap, the compliance gate on every resource. */
export class KitStack extends TerraformStack {
  readonly context: StackContext;
  /** Account of the credentials; null without AWS. */
  readonly account: DataAwsCallerIdentity | null;
  private readonly gates: readonly TerraformResource[];

  constructor(scope: Construct, id: string, context: StackContext, options: KitStackOptions) {
    super(scope, id);
    this.context = context;
    addBackend(this, context.release, context.settings.stateBucket);
    this.account = options.aws ? this.addAws() : null;
    const gates: TerraformResource[] = [];
    if (options.gated) gates.push(this.addGate());
    this.gates = gates;
    if (this.account && this.rehearsal) gates.push(createRehearsalGuard(this, this.account));
    if (gates.length > 0) Aspects.of(this).add(new DependOnGate(gates));
  }

  /** What an output must wait for; resources wait by themselves. @throws Error in a stack without gate */
  get gate(): TerraformResource {
    const [gate] = this.gates;
    if (!gate) throw new Error(`stack ${this.node.id} has no gate`);
    return gate;
  }

  /** What `cdktf synth` writes for this stack. @throws KitError E_STACK_TOKEN */
  override toTerraform(): unknown {
    const json = super.toTerraform();
    refuseTokens(this.node.id, json);
    return json;
  }

  private get rehearsal(): boolean {
    return this.context.release.metadata.environment === 'rehearsal';
  }

  private addAws(): DataAwsCallerIdentity {
    const account = this.rehearsal ? REHEARSAL_ACCOUNT : this.context.settings.accountId;
    new AwsProvider(this, 'aws', {
      region: regionOf(this.context.release),
      allowedAccountIds: account === null ? undefined : [account],
      defaultTags: [{ tags: { ...this.context.tags } }],
    });
    return new DataAwsCallerIdentity(this, 'account');
  }

  private addGate(): TerraformResource {
    const { decision, gate } = this.context;
    if (!decision.allowed) {
      const text = [decision.verdict === 'allowed' ? '' : decision.verdictMessage, decision.planState === 'ok' ? '' : decision.planMessage]
        .filter((part) => part !== '')
        .join(' ');
      const annotations = Annotations.of(this);
      if (gate === 'report') annotations.addWarning(`OVKIT_GATE=report, apply is still refused. ${text}`);
      else annotations.addError(text);
    }
    return createComplianceGate(this, decision);
  }
}

/** @throws KitError E_STACK_UNSUPPORTED for an AWS target without region */
export function regionOf(release: Release): string {
  const region = release.placement.region;
  if (region) return region;
  throw new KitError({
    code: 'E_STACK_UNSUPPORTED',
    message: 'placement.region is missing; target aws needs it.',
    next: 'add a region, e.g. "region: us-east-1".',
  });
}

/** Account id of a stack that has AWS, as a token. */
export function accountIdOf(stack: KitStack): string {
  if (stack.account === null) throw new Error(`stack ${stack.node.id} has no AWS account`);
  return stack.account.accountId;
}
