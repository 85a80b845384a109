import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadCatalog } from '../../catalog/load';
import { driftOf } from '../../compliance/drift/drift';
import { type Change, describeChange, diffLocks } from '../../compliance/drift/semantic-diff';
import { loadLock, parseLock } from '../../compliance/lock';
import { writeLock } from '../../compliance/lock-write';
import { openPartial } from '../../compliance/refresh/partial';
import { type FinishedTask, instant, refreshLock } from '../../compliance/refresh/refresh-lock';
import type { Transport } from '../../compliance/transport/http';
import { networkTransport } from '../../compliance/transport/network';
import { recording, replaying } from '../../compliance/transport/recording';
import { withRetries } from '../../compliance/transport/retry';
import { ExitCode, KitError } from '../../core/error';
import { printable } from '../../core/printable';
import { fromRoot } from '../../core/project-root';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';
import type { CommandContext, CommandModule, CommandResult, CommonOptions } from '../command';
import { unknownVerb } from '../verbs';

interface LockOptions extends CommonOptions {
  readonly record?: string;
  readonly replay?: string;
  readonly dryRun?: boolean;
  readonly again?: boolean;
  readonly markdown?: string;
}

const VERBS: Readonly<Record<string, (options: LockOptions, context: CommandContext, args: readonly string[]) => Promise<CommandResult>>> =
  {
    refresh,
    drift,
    diff,
    packages,
  };

/** `ovkit lock refresh|drift|diff|packages`: the only commands that ask the network for evidence. */
export const run: CommandModule['run'] = async (options, args, context) => {
  const [verb = '', ...rest] = args;
  const command = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined;
  if (command) return command(options as LockOptions, context, rest);
  throw unknownVerb('lock', verb, Object.keys(VERBS));
};

/** Reads the evidence again, writes the lock once at the end, and says what changed. 0 everything read, 2 something could not be. */
async function refresh(options: LockOptions, context: CommandContext): Promise<CommandResult> {
  const { release } = loadRelease(options.release, { environment: options.environment });
  const file = release.compliance.lock;
  const old = existsSync(fromRoot(file)) ? loadLock(file).lock : null;
  const partial = openPartial(`${fromRoot(file)}.partial`, `${release.model.id}@${release.model.revision}`, context.now());
  const { lock, tasks } = await refreshLock({
    release,
    catalog: loadCatalog(),
    old,
    transport: transportOf(options, context),
    now: context.now,
    signal: context.signal,
    finished: partial.finished,
    onTask: (task, done, total) => {
      partial.add(task);
      progress(options, context, `[${done}/${total}] ${task.key}: ${task.outcome}${task.reason ? `, ${task.reason}` : ''}`);
    },
  });
  const changes = diffLocks(old, lock);
  context.signal.throwIfAborted();
  if (!options.dryRun)
    writeLock(
      file,
      lock,
      tasks.flatMap((task) => task.texts),
    );
  partial.remove();
  writeMarkdown(options, file, changes);
  const open = tasks.filter((task) => task.outcome === 'unavailable' || task.outcome === 'kept');
  return {
    exitCode: open.length > 0 ? ExitCode.unknown : ExitCode.pass,
    json: { kind: 'lock-refresh', schemaVersion: 1, lock: file, written: !options.dryRun, changes, tasks: tasks.map(summaryOf) },
    text: [
      ...changesText(changes),
      ...open.map((task) => `${task.outcome === 'kept' ? 'kept as it was' : 'unavailable'}: ${task.key}: ${printable(task.reason ?? '')}`),
      `${options.dryRun ? 'would write' : 'wrote'} ${file}: ${lock.subjects.length} subjects, ${lock.subjects.filter((subject) => subject.retrieval.status === 'retrieved').length} retrieved`,
    ].join('\n'),
  };
}

/** Upstream now against the lock. 0 the same, 1 drift, 2 could not tell. It changes neither lock nor verdict. */
async function drift(options: LockOptions, context: CommandContext): Promise<CommandResult> {
  const { release } = loadRelease(options.release, { environment: options.environment });
  const { lock, file } = loadLock(release.compliance.lock);
  const report = await driftOf(lock, file, transportOf(options, context), instant(context.now()), context.signal);
  writeMarkdown(options, file, report.changes);
  const codes = { same: ExitCode.pass, drift: ExitCode.violations, unknown: ExitCode.unknown } as const;
  return {
    exitCode: codes[report.state],
    json: report,
    text: [
      ...changesText(report.changes),
      ...report.unknown.map(({ subject, reason }) => `could not tell: ${subject}: ${printable(reason)}`),
      `${report.state}: ${report.compared.length} subjects compared with ${file}; what was licensed when it was retrieved stays so`,
    ].join('\n'),
  };
}

/** The semantic diff of two lock files, e.g. of two commits. 0 the same, 1 changes. */
async function diff(options: LockOptions, _context: CommandContext, args: readonly string[]): Promise<CommandResult> {
  const [before, after] = args.map((file) => parseLock(readTextFile(file, 'evidence lock', 'name two lock files.'), file).lock);
  if (!before || !after)
    throw new KitError({ code: 'E_VERB_UNKNOWN', message: 'lock diff needs two files.', next: 'write `npx ovkit lock diff OLD NEW`.' });
  const changes = diffLocks(before, after);
  writeMarkdown(options, args[1] ?? '', changes);
  return {
    exitCode: changes.length > 0 ? ExitCode.violations : ExitCode.pass,
    json: { kind: 'lock-diff', schemaVersion: 1, changes },
    text: changesText(changes).join('\n'),
  };
}

/**
 * Reads the licence files in the packed npm packages of package-lock.json and writes the record; packages that it holds already are not read again
 * unless --again. 0 everything is read, 1 with --dry-run: the committed record is another, 2 some package could not be had.
 */
async function packages(options: LockOptions, context: CommandContext): Promise<CommandResult> {
  const [
    { gatherPackageTexts },
    { npmCache },
    { PACKAGE_TEXTS_FILE, parsePackageTexts, printPackageTexts },
    { readPackageLock },
    { runProcess },
  ] = await Promise.all([
    import('../../compliance/package-texts/gather.js'),
    import('../../compliance/package-texts/tarballs.js'),
    import('../../compliance/package-texts/record.js'),
    import('../../compliance/subjects/npm.js'),
    import('../../core/run-process.js'),
  ]);
  const lock = readPackageLock(readTextFile(fromRoot('package-lock.json'), 'package-lock.json', 'run `npm install`.'), 'package-lock.json');
  const file = fromRoot(PACKAGE_TEXTS_FILE);
  const before = existsSync(file) ? readTextFile(file, PACKAGE_TEXTS_FILE, 'restore it from git.') : null;
  const known = before === null || options.again ? null : parsePackageTexts(before).record;
  const store = await npmCache(runProcess, fromRoot(), context.signal);
  const { record, open, read } = await gatherPackageTexts(lock.subjects, store, known, (id, done, total) => {
    context.signal.throwIfAborted();
    progress(options, context, `[${done}/${total}] ${id}`);
  });
  const text = printPackageTexts(record);
  const changed = text !== before;
  if (changed && !options.dryRun) writeFileAtomically(file, text);
  const states = Object.values(record.texts).map(({ state }) => state);
  const count = (state: string) => states.filter((each) => each === state).length;
  return {
    exitCode: open.length > 0 ? ExitCode.unknown : changed && options.dryRun ? ExitCode.violations : ExitCode.pass,
    json: { kind: 'lock-packages', schemaVersion: 1, file: PACKAGE_TEXTS_FILE, changed, written: changed && !options.dryRun, read, open },
    text: [
      ...open.map(({ id, reason }) => `not read: ${printable(id)}: ${printable(reason)}`),
      `${changed ? (options.dryRun ? 'would write' : 'wrote') : 'unchanged:'} ${PACKAGE_TEXTS_FILE}: ${Object.keys(record.packages).length} packages, ${states.length} texts (${count('verified')} verified, ${count('modified')} modified, ${count('unrecognised')} unrecognised); ${read} archives read`,
    ].join('\n'),
  };
}

function transportOf(options: LockOptions, context: CommandContext): Transport {
  if (options.replay !== undefined) return replaying(options.replay);
  const transport = withRetries(networkTransport(context.signal), {
    now: context.now,
    sleep: (ms) => sleep(ms, undefined, { signal: context.signal }),
    onWait: (ms, why) => progress(options, context, `waiting ${Math.ceil(ms / 1000)} s: ${why}`),
  });
  return options.record === undefined ? transport : recording(transport, options.record);
}

function progress(options: LockOptions, context: CommandContext, line: string): void {
  if (!options.quiet) context.stderr(`${printable(line)}\n`);
}

function changesText(changes: readonly Change[]): readonly string[] {
  return changes.length === 0 ? ['nothing changed'] : changes.map((change) => `changed: ${printable(describeChange(change))}`);
}

function summaryOf({ key, outcome, reason }: FinishedTask): Readonly<Record<string, unknown>> {
  return { key, outcome, reason };
}

/** For the description of a pull request. */
function writeMarkdown(options: LockOptions, lock: string, changes: readonly Change[]): void {
  if (options.markdown === undefined) return;
  const rows = changes.map(({ kind, subject, before, after }) => `| ${[kind, subject, before ?? '', after ?? ''].map(cell).join(' | ')} |`);
  const table = rows.length === 0 ? ['Nothing changed.'] : ['| change | subject | before | after |', '| --- | --- | --- | --- |', ...rows];
  writeFileAtomically(options.markdown, [`### Evidence of ${cell(lock)}`, '', ...table, ''].join('\n'));
}

/** As code, so that no string of upstream can become markup. */
function cell(text: string): string {
  return text === '' ? '' : `\`${printable(text).replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}
