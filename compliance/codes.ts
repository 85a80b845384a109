import type { CodeTable } from '../core/codes';
import { RULES } from './rules';

/** Errors of `compliance/`: a policy, lock, waiver file or package lock that cannot be used. Its rules stand in `rules.ts`. */
const ERRORS: CodeTable = {
  E_POLICY_UNKNOWN: {
    title: 'There is no such policy',
    meaning: 'compliance.policy names a policy that is neither in compliance/policies nor a path inside the repository.',
    remedy: 'Name one of the policies that the message lists.',
  },
  E_POLICY_INVALID: {
    title: 'A policy file does not fit its schema',
    meaning:
      'Unknown keys, a row with AND or OR (a row is one licence), an id that SPDX does not know, a row or a settlement that names nothing, a name that is not that of the file, or policies that extend each other or are for more environments than what they extend.',
    remedy: 'Mend the lines that the message names; compliance/policies/production.yaml is the explained example.',
  },
  E_POLICY_ENVIRONMENT: {
    title: 'A policy of another environment',
    meaning:
      'The policy says for which environments it is (`environments`), and that of the release is not among them: the policy of a class room does not judge what goes to production. A rehearsal may rehearse any policy.',
    remedy: 'Name a policy for the environment of the release under compliance.policy, or correct metadata.environment.',
  },
  E_LOCK_INVALID: {
    title: 'An evidence lock cannot be read',
    meaning:
      'It is truncated, is not JSON, does not fit the schema, or names a subject twice. A half-read lock would be a half-made judgement.',
    remedy: 'Restore it from git, or write it again with scripts/dev/assemble-lock.ts.',
  },
  E_LOCK_OTHER_RELEASE: {
    title: 'The evidence lock belongs to another model',
    meaning: 'The lock names another model id than the release. Evidence of one model says nothing of another.',
    remedy: 'Name the lock of this model under compliance.lock.',
  },
  E_RECORDING_INVALID: {
    title: 'A recording cannot be replayed',
    meaning: '--replay names a folder without recorded exchanges, or one of its files is not a recorded exchange.',
    remedy: 'Name a folder that `ovkit lock refresh --record DIR` wrote.',
  },
  E_WAIVER_INVALID: {
    title: 'A waiver file does not fit its schema',
    meaning:
      'A waiver needs subject, revision, rule, licence, environments, notBefore, notAfter, reason, ticket, approver, key and signature.',
    remedy: 'Mend the lines that the message names.',
  },
  E_PACKAGE_LOCK_INVALID: {
    title: 'package-lock.json cannot be read',
    meaning:
      'It is not JSON, not of lockfileVersion 3 (the first that records licences and integrity of every entry), or does not list all that package.json and its own entries ask for.',
    remedy: 'Write it again with `npm install --package-lock-only`, and remove npm-shrinkwrap.json.',
  },
  E_PACKAGE_TEXTS_INVALID: {
    title: 'The record of licence files in packages cannot be read',
    meaning:
      'compliance/package-texts.lock.json is truncated, is not JSON, does not fit the schema, or names a text that it does not hold.',
    remedy: 'Restore it from git, or write it again with `npx ovkit lock packages`.',
  },
  E_ALLOW_INVALID: {
    title: 'A row of an allow-list is not one licence',
    meaning:
      'Each row is one SPDX id, WITH pair or LicenseRef. An unknown id or an expression with AND or OR is refused, since dropping it silently would change what is allowed.',
    remedy: 'Write each licence by its SPDX id, separated by commas.',
  },
  E_TIME_INVALID: {
    title: 'A time is not a time',
    meaning: '--at names the time of the check; it has to be RFC 3339 with date, time and zone.',
    remedy: 'Write it as 2026-11-23T12:00:00Z.',
  },
  E_KEY_INVALID: {
    title: 'A key cannot be used',
    meaning: 'Verdicts are signed by ed25519 or ECDSA P-256, waivers by ed25519; a verification takes the public half only.',
    remedy: 'Make one with `openssl genpkey -algorithm ed25519 -out FILE`, its public half with `openssl pkey -in FILE -pubout`.',
  },
  E_KEY_IN_REPOSITORY: {
    title: 'A private key lies inside the repository',
    meaning: 'What lies in the repository is committed sooner or later; whoever has the key can sign waivers and verdicts.',
    remedy: 'Move it out of the repository. If it was ever committed, make a new one and take the old one out of the policy.',
  },
  E_CHART_UNREADABLE: {
    title: 'Chart.yaml of the kit cannot be read',
    meaning: 'Without its list of dependencies nobody knows which charts are installed, so nothing is judged.',
    remedy: 'Restore charts/onevision/Chart.yaml from git.',
  },
  E_CHECK_FORMAT: {
    title: 'A format of ovkit check that does not exist, or has nowhere to go',
    meaning: 'With --json the one document on stdout is the verdict; every other format then needs a file of its own.',
    remedy: 'Name one of the formats that the message lists, with --output FILE beside --json.',
  },
  E_SECOND_OPINION_FAILED: {
    title: 'The second opinion could not be had',
    meaning: 'license-checker ended without a list of packages. The verdict does not depend on it.',
    remedy: 'Install the tree with `npm ci`, or leave --second-opinion away.',
  },
  E_SECOND_OPINION_EMPTY: {
    title: 'The second opinion has seen nothing',
    meaning: 'license-checker looks at installed packages and found none. It exits 0 for that, which would read like a pass.',
    remedy: 'Install the tree with `npm ci`.',
  },
  E_NOTHING_CHECKED: {
    title: 'There was nothing to check',
    meaning: 'The package lock lists no package. Nothing checked is not a pass: tools that treat it as one let everything through.',
    remedy: 'Write the lock again with `npm install --package-lock-only`.',
  },
};

/** Every error code and rule id of the room. */
export const COMPLIANCE_CODES: CodeTable = { ...ERRORS, ...RULES };
