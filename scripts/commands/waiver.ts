import { relative, resolve } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { readPrivateKey } from '../../compliance/attestation/keys';
import { gatherInputs } from '../../compliance/check-release';
import { judge, openPoints } from '../../compliance/judge';
import { loadWaivers } from '../../compliance/waiver';
import { draftWaivers, signWaivers } from '../../compliance/waiver-sign';
import { type WaiverStatus, waiverStatus } from '../../compliance/waiver-status';
import { ExitCode, KitError } from '../../core/error';
import { printable } from '../../core/printable';
import { projectRoot } from '../../core/project-root';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';
import type { CommandContext, CommandResult, CommonOptions } from '../command';
import { clockOf } from '../instant';
import { unknownVerb } from '../verbs';

interface WaiverOptions extends CommonOptions {
  readonly key?: string;
  readonly id?: readonly string[];
  readonly subject?: readonly string[];
  readonly days?: string;
  readonly at?: string;
}

const NEXT = 'write drafts with `npx ovkit waiver draft > FILE`.';
/** Waivers that run out within this time are named. */
const WARN_DAYS = 30;

/** `ovkit waiver draft|sign|verify`: writes drafts for open points, signs them, and says what each waiver comes to. */
export async function run(options: WaiverOptions, args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const [verb, file] = args;
  if (verb === 'draft') return draft(options, context);
  if (verb === 'sign') return sign(options, file);
  if (verb === 'verify') return verify(options, file, context);
  throw unknownVerb('waiver', verb, ['draft', 'sign', 'verify']);
}

function draft(options: WaiverOptions, context: CommandContext): CommandResult {
  const at = clockOf(options.at, context);
  const inputs = gatherInputs(loadRelease(options.release, { environment: options.environment }), loadCatalog());
  const subjects = options.subject ?? [];
  const points = openPoints(inputs, at).filter((point) => subjects.length === 0 || subjects.includes(point.subject));
  const text = draftWaivers(points, inputs.release.metadata.environment, at, daysOf(options.days ?? ''));
  return { exitCode: ExitCode.pass, json: { kind: 'waiver-drafts', schemaVersion: 1, text }, text };
}

function sign(options: WaiverOptions, file: string | undefined): CommandResult {
  if (file === undefined || options.key === undefined) {
    throw usage('ovkit waiver sign needs the file and --key.', 'npx ovkit waiver sign waivers.yaml --key ~/keys/waivers.pem');
  }
  const key = readPrivateKey(options.key, process.env.OVKIT_KEY_PASSPHRASE);
  const { text, signed, left } = signWaivers(readTextFile(file, 'the waiver file', NEXT), file, key, options.id);
  writeFileAtomically(file, text);
  const row = `{ id: "${key.id}", publicKey: ${key.publicKey}, owner: NAME, environments: [production] }`;
  return {
    exitCode: ExitCode.pass,
    json: { kind: 'signed-waivers', schemaVersion: 1, file, key: { id: key.id, publicKey: key.publicKey }, signed, left },
    text: [
      `signed ${signed.length}, left ${left.length} as they were`,
      ...signed.map((id) => `  ${printable(id)}`),
      'They count once the policy trusts the key (trustedKeys):',
      `  - ${row}`,
    ].join('\n'),
  };
}

function verify(options: WaiverOptions, file: string | undefined, context: CommandContext): CommandResult {
  const at = clockOf(options.at, context);
  const inputs = gatherInputs(loadRelease(options.release, { environment: options.environment }), loadCatalog());
  const files = file === undefined ? inputs.waiverFiles : [loadWaivers(inRepository(file))];
  const waivers = waiverStatus(files, judge({ ...inputs, waiverFiles: files }, at), at);
  const bad = waivers.filter((waiver) => waiver.state === 'void');
  return {
    exitCode: bad.length === 0 ? ExitCode.pass : ExitCode.violations,
    json: { kind: 'waivers', schemaVersion: 1, waivers },
    text: waivers.length === 0 ? 'no waivers' : waivers.map(line).join('\n'),
  };
}

function line(waiver: WaiverStatus): string {
  const soon = waiver.state !== 'void' && waiver.daysLeft <= WARN_DAYS ? ` Runs out in ${waiver.daysLeft} days.` : '';
  return printable(`${waiver.state.padEnd(6)}  ${waiver.id}  until ${waiver.expires}: ${waiver.because}${soon}`);
}

/** A path as the shell gave it, as the release would name it. */
function inRepository(file: string): string {
  return relative(projectRoot(), resolve(file));
}

function daysOf(text: string): number {
  const days = Number(text);
  if (Number.isInteger(days) && days > 0) return days;
  throw usage(`--days is "${text}".`, 'give a whole number of days, e.g. --days 90.');
}

function usage(message: string, next: string): KitError {
  return new KitError({ code: 'E_WAIVER_USAGE', message, next });
}
