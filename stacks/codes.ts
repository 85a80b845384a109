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
};
