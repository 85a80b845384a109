import type { CodeTable } from '../core/codes';

/** Codes of `stacks/`: what `cdktf synth` can refuse before Terraform runs. */
export const STACKS_CODES: CodeTable = {
  E_STACK_SETTING: {
    title: 'A setting of the stacks is wrong',
    meaning:
      'The stacks take a few values from environment variables, OVKIT_GATE, OVKIT_ENVIRONMENT and those of docs/settings.md (OVKIT_NAT, OVKIT_CLUSTER_CIDRS and others). One of them does not hold what it must, or contradicts another. A gate mode that is not known is an error, so that a misspelt word never opens the gate.',
    remedy: 'Set the variable to what the message allows, or unset it.',
  },
  E_STACK_MISMATCH: {
    title: 'Plan, verdict and release do not belong together',
    meaning:
      'The gate compares the name and the environment of the release with those of the plan and the verdict. A verdict for a rehearsal, for instance, says nothing about production.',
    remedy:
      'Run `npx ovkit plan` and `npx ovkit check` for the same release and environment; this is a fault in the code that composes the stacks.',
  },
  E_STACK_UNSUPPORTED: {
    title: 'The stacks cannot be made from this plan',
    meaning: 'The plan names something that the stacks do not know how to create, e.g. an AWS target without a region.',
    remedy: 'Read the message; correct the release or the plan.',
  },
  E_STACK_TOKEN: {
    title: 'A stack would be written with a token of CDKTF in it',
    meaning:
      'A reference to something that does not exist yet, such as the id of a VPC, is a token until the synth. Cutting, converting or computing with it in TypeScript destroys it, and CDKTF writes the remains into the JSON without an error: a wrong name, or a number with 298 zeros.',
    remedy:
      'In the construct that sets the attribute which the message names, pass the reference on as it is, or use a function of Terraform on it (`Fn.join`, `Fn.upper`). In a kit that nobody changed this is a fault of the kit: report it.',
  },
};
