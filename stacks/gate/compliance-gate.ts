import { TerraformLocal, type TerraformStack } from 'cdktf';
import type { GateDecision } from './decision';
import { hclText } from './hcl-text';
import { TerraformData } from './terraform-data';

/** Names in the synthesised JSON that the rehearsal extracts and that users see in Terraform's messages. */
const GATE = {
  resource: 'compliance_gate',
  verdict: 'compliance_verdict',
  expires: 'compliance_expires',
  planState: 'plan_state',
} as const;

/**
 * The resource that refuses a deploy. Its preconditions are evaluated by every plan and apply, so they also hold for
 * `--skip-synth` and for a raw `terraform apply`; a destroy does not evaluate them.
 *
 * It has no input and no trigger: once created it never changes, so that what depends on it is never deferred or replaced
 * because of a new verdict. It refers to no provider and can be applied offline, alone.
 */
export function createComplianceGate(stack: TerraformStack, decision: GateDecision): TerraformData {
  local(stack, GATE.verdict, decision.verdict);
  local(stack, GATE.expires, hclText(decision.expires));
  local(stack, GATE.planState, decision.planState);
  return new TerraformData(stack, GATE.resource, {
    precondition: [
      { condition: `\${local.${GATE.verdict} == "allowed"}`, errorMessage: hclText(decision.verdictMessage) },
      { condition: `\${local.${GATE.planState} == "ok"}`, errorMessage: hclText(decision.planMessage) },
      {
        condition: `\${try(timecmp(plantimestamp(), local.${GATE.expires}) < 0, false)}`,
        errorMessage: hclText(decision.expiryMessage),
      },
    ],
  });
}

function local(stack: TerraformStack, name: string, value: string): void {
  new TerraformLocal(stack, name, value).overrideLogicalId(name);
}
