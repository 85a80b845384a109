import { anError, type Diagnostic } from '../stand-in';

/** What the rehearsal gives to Terraform, so that it never sees credentials of a real account; they open nothing. */
export const REHEARSAL_CREDENTIALS = {
  AWS_ACCESS_KEY_ID: 'REHEARSAL',
  AWS_SECRET_ACCESS_KEY: 'opens-nothing',
  AWS_SESSION_TOKEN: undefined,
  AWS_PROFILE: undefined,
  AWS_WEB_IDENTITY_TOKEN_FILE: undefined,
  AWS_ROLE_ARN: undefined,
} as const;

/**
 * What the provider says when it is configured without credentials. The stand-in looks at the variables alone, never into files or at the
 * network. Source of the title: aws-sdk-go-base, NoValidCredentialSourcesError.
 */
export function credentialProblems(env: Readonly<Record<string, string | undefined>>): Diagnostic[] {
  if (env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY) return [];
  return [anError('No valid credential sources found', 'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set.')];
}
