import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { signEnvelope } from '../../compliance/attestation/dsse';
import { expectedOf } from '../../compliance/attestation/expected';
import { readPrivateKey, readPublicKey } from '../../compliance/attestation/keys';
import { PAYLOAD_TYPE, statementOf } from '../../compliance/attestation/statement';
import { type AttestationCheck, type Expected, verifyAttestation } from '../../compliance/attestation/verify';
import { checkRelease, gatherInputs } from '../../compliance/check-release';
import { exitCodeOf } from '../../compliance/state';
import { ExitCode } from '../../core/error';
import { printable } from '../../core/printable';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';
import type { CommandContext, CommandResult, CommonOptions } from '../command';
import { clockOf } from '../instant';
import { unknownVerb } from '../verbs';

interface VerdictOptions extends CommonOptions {
  readonly key?: string;
  readonly at?: string;
  readonly verdict?: string;
  readonly envelope?: string;
  readonly alone?: boolean;
}

/** `ovkit verdict sign|verify`: judges and signs in one go, so that nobody signs a file that somebody else wrote. */
export async function run(options: VerdictOptions, args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const files = {
    verdict: options.verdict ?? join(options.out, 'verdict.json'),
    envelope: options.envelope ?? join(options.out, 'verdict.dsse.json'),
  };
  if (args[0] === 'sign') return signVerdict(options, files, context);
  if (args[0] === 'verify') return verifyVerdict(options, files, context);
  throw unknownVerb('verdict', args[0], ['sign', 'verify']);
}

interface Files {
  readonly verdict: string;
  readonly envelope: string;
}

function signVerdict(options: VerdictOptions, files: Files, context: CommandContext): CommandResult {
  const key = readPrivateKey(options.key ?? '', process.env.OVKIT_KEY_PASSPHRASE);
  const at = clockOf(options.at, context);
  const verdict = checkRelease(loadRelease(options.release, { environment: options.environment }), loadCatalog(), at);
  const bytes = Buffer.from(`${JSON.stringify(verdict, null, 2)}\n`);
  const statement = statementOf(verdict, { name: 'verdict.json', bytes }, at);
  const envelope = signEnvelope(PAYLOAD_TYPE, Buffer.from(JSON.stringify(statement)), key.key, key.id);
  writeFileAtomically(files.verdict, bytes);
  writeFileAtomically(files.envelope, `${JSON.stringify(envelope, null, 2)}\n`);
  const result = statement.predicate.verificationResult;
  return {
    exitCode: exitCodeOf(verdict.state),
    json: { kind: 'signed-verdict', schemaVersion: 1, result, state: verdict.state, key: key.id, files, statement },
    text: [`${result}: ${printable(verdict.summary)}`, `signed by ${key.id}`, `wrote ${files.verdict}`, `wrote ${files.envelope}`].join(
      '\n',
    ),
  };
}

const NEXT = 'write it with `npx ovkit verdict sign --key FILE`.';

function verifyVerdict(options: VerdictOptions, files: Files, context: CommandContext): CommandResult {
  const key = readPublicKey(options.key ?? '');
  const envelope = readTextFile(files.envelope, 'the envelope', NEXT);
  readTextFile(files.verdict, 'the verdict', NEXT);
  // The bytes as they lie there: a byte order mark in front would be a change too.
  const bytes = readFileSync(files.verdict);
  const at = clockOf(options.at, context);
  const check = verifyAttestation(envelope, bytes, key.key, options.alone ? null : expected(options), at);
  const exitCode = EXIT_CODES[check.state];
  return {
    exitCode,
    json: {
      kind: 'verdict-check',
      schemaVersion: 1,
      state: check.state,
      problems: check.problems,
      key: key.id,
      statement: check.statement,
    },
    text: [
      `${check.state}${options.alone ? ' (not compared with a release)' : ''}`,
      ...check.problems.map((text) => `  ${printable(text)}`),
    ].join('\n'),
  };
}

const EXIT_CODES: Readonly<Record<AttestationCheck['state'], ExitCode>> = {
  valid: ExitCode.pass,
  invalid: ExitCode.violations,
  expired: ExitCode.unknown,
};

/** What lies here now. */
function expected(options: VerdictOptions): Expected {
  return expectedOf(gatherInputs(loadRelease(options.release, { environment: options.environment }), loadCatalog()));
}
