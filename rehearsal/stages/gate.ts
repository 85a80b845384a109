import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTerraform, tryGate } from '../gate-trial';
import { required, type Stage } from '../stage';

const NOT_PROVED = 'The gate was applied alone, with the built-in provider; the resources behind it were not.';

/** Takes the gate out of a synthesised stack and applies it with the real Terraform or OpenTofu. */
export const gateStage: Stage = {
  id: 'gate',
  title: 'terraform apply of the gate',
  async run(walk) {
    const terraform = await findTerraform(walk.signal);
    if (!terraform) {
      walk.seen.gate = 'not-run';
      return {
        state: 'not-run',
        detail: 'neither terraform nor tofu is on PATH; install one, or set TERRAFORM_BINARY_NAME',
        notProved: ['The gate on a real terraform apply: no terraform or tofu on this machine.'],
      };
    }
    const folder = required(walk.stacksDir, 'a synthesised stack');
    const stack = JSON.parse(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'));
    const trial = await tryGate(stack, { terraform, signal: walk.signal });
    walk.seen.gate = trial.applied ? 'applied' : 'refused';
    const allowed = walk.seen.synth === 'passes';
    if (trial.applied !== allowed)
      return {
        state: 'failed',
        detail: `the gate ${trial.applied ? 'let through' : 'refused'} what synth ${allowed ? 'passed' : 'refused'}: ${trial.message}`,
      };
    return {
      state: trial.applied ? 'passed' : 'refused-as-expected',
      detail: `${terraform.name} ${terraform.version}: ${trial.applied ? 'applied' : 'refused by the precondition'}; destroy ${trial.destroyed ? 'passes' : 'FAILED'}`,
      notProved: [NOT_PROVED],
    };
  },
};
