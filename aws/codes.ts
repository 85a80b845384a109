import type { CodeTable } from '../core/codes';

/** Codes of `aws/`: what can go wrong when the kit itself asks AWS. */
export const AWS_CODES: CodeTable = {
  E_AWS_CREDENTIALS: {
    title: 'There are no AWS credentials, or AWS does not take them',
    meaning:
      'The kit looks for credentials where every AWS tool does: environment variables, the shared files (AWS_PROFILE), single sign-on, the role of the machine. None was found, or AWS says that they are wrong or expired.',
    remedy: 'Log in (`aws sso login`), or set AWS_PROFILE, and try `aws sts get-caller-identity`.',
  },
  E_AWS_ACCOUNT: {
    title: 'The credentials belong to another AWS account',
    meaning: '--account, or the image repository of the release, names an account, and the credentials are of another one.',
    remedy: 'Choose the right profile with AWS_PROFILE, or correct the account.',
  },
  E_AWS_REGION: {
    title: 'The region does not exist, is not enabled, or lacks the service',
    meaning: 'AWS has no such endpoint, or refuses the credentials there because the account did not opt in to the region.',
    remedy: 'Correct placement.region, or enable the region in the account settings.',
  },
  E_AWS_DENIED: {
    title: 'The credentials may not do what was asked',
    meaning: 'AWS answered that the action is not allowed for this identity.',
    remedy: 'Give the identity the action that the message names; docs/iam.md lists all that the kit needs.',
  },
  E_AWS_THROTTLED: {
    title: 'AWS asks to come back later',
    meaning: 'The account sends too many requests; the kit tried again several times with growing pauses.',
    remedy: 'Wait a minute and run the command again.',
  },
  E_AWS_UNREACHABLE: {
    title: 'AWS does not answer',
    meaning: 'No connection could be made, or no answer came in time.',
    remedy: 'See that this machine reaches AWS (proxy, VPN, VPC endpoints), and run the command again.',
  },
  E_AWS_SERVICE: {
    title: 'AWS answered with a failure',
    meaning: 'The failure is of AWS itself or of the SDK, and none that the kit knows. A fault of the kit is never named so.',
    remedy: 'Read the words of AWS in the message; run the command again when it is a passing one.',
  },
  E_AWS_ANSWER: {
    title: 'AWS answered with something that the kit does not understand',
    meaning: 'The answer lacks what the documentation of the service promises.',
    remedy: 'Run the command again; if it stays, report it with the message.',
  },
  E_PREFLIGHT_OPTION: {
    title: 'ovkit preflight was asked for something it does not have',
    meaning: '--only names checks, --account a number of twelve digits.',
    remedy: 'Use one of the values that the message lists.',
  },
  E_PREFLIGHT_TARGET: {
    title: 'There is nothing in AWS to look at for this release',
    meaning: 'The release goes to an existing cluster, or its plan names no instance type.',
    remedy: 'Run `npx ovkit plan`; preflight is for releases with placement.target aws.',
  },
  E_COST_OPTION: {
    title: 'An option of ovkit cost is missing or wrong',
    meaning: 'The verb is "actual"; the month is a year and a month that has begun; --by names a cost tag.',
    remedy: 'Correct the option that the message names; `npx ovkit cost --help` lists them.',
  },
};
