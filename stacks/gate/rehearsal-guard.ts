import type { DataAwsCallerIdentity } from '@cdktf/provider-aws/lib/data-aws-caller-identity';
import type { TerraformStack } from 'cdktf';
import { TerraformData } from './terraform-data';

/** Account of the AWS stand-in. AWS gives no account this number, so a rehearsal can never reach one. */
export const REHEARSAL_ACCOUNT = '000000000000';

/** Refuses a stack of environment "rehearsal" unless its credentials belong to the stand-in. */
export function createRehearsalGuard(stack: TerraformStack, account: DataAwsCallerIdentity): TerraformData {
  return new TerraformData(stack, 'rehearsal_guard', {
    precondition: [
      {
        condition: `\${${account.fqn}.account_id == "${REHEARSAL_ACCOUNT}"}`,
        errorMessage:
          `Environment "rehearsal" is only for the stand-in (account ${REHEARSAL_ACCOUNT}); these credentials belong to another account. ` +
          'Next: npm run rehearse, or set metadata.environment to the environment that you mean.',
      },
    ],
  });
}
