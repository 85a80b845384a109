import { KitError } from '../core/error';
import { type Check, notOk, ok } from './check';
import { type AwsPlace, withClient } from './client';

/** Who asks. */
export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** The account and identity behind the credentials (STS GetCallerIdentity, which needs no permission). @throws KitError, see `withClient`; E_AWS_ANSWER */
export async function readIdentity(place: AwsPlace): Promise<Identity> {
  const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts');
  return withClient(
    place,
    'STS',
    (options) => new STSClient(options),
    async (client, request) => {
      const { Account, Arn } = await client.send(new GetCallerIdentityCommand({}), request);
      if (Account === undefined || Arn === undefined)
        throw new KitError({ code: 'E_AWS_ANSWER', message: 'STS named no account.', next: 'run it again; if it stays, report it.' });
      return { account: Account, arn: Arn };
    },
  );
}

/** Account of the registry of an image, `123456789012` of `123456789012.dkr.ecr.us-east-1.amazonaws.com/show`; undefined for another registry. */
export function registryAccount(repository: string | undefined): string | undefined {
  return /^(\d{12})\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//.exec(repository ?? '')?.[1];
}

export interface AccountExpectation {
  /** Account that the user named, if any. */
  readonly account: string | undefined;
  readonly environment: string;
}

/** Whether these are the credentials of the account that the release is meant for. */
export function judgeAccount({ account, arn }: Identity, expected: AccountExpectation): Check {
  const found = { account, arn, expected: expected.account ?? null };
  if (expected.account !== undefined && expected.account !== account) {
    return notOk(
      'account',
      `E_AWS_ACCOUNT: the credentials belong to account ${account} (${arn}), not to ${expected.account}`,
      'choose the profile of the other account with AWS_PROFILE',
      found,
    );
  }
  if (expected.environment === 'rehearsal') {
    return notOk(
      'account',
      `environment "rehearsal" can never be deployed to a real account, and these are credentials of ${account}`,
      'set metadata.environment, or leave --environment away',
      found,
    );
  }
  return ok('account', `${account} as ${arn}`, found);
}
