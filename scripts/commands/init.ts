import { existsSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { ExitCode, KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { RELEASE_JSON_SCHEMA_FILE } from '../../release/json-schema';
import { type StarterAnswers, starterDefaults, starterRelease } from '../../release/starter';
import type { CommandContext, CommandResult, CommonOptions } from '../command';
import { askStarterAnswers } from '../init-prompts';

/** Options of `ovkit init`, as the command line gives them. */
type InitOptions = CommonOptions & Partial<StarterAnswers> & { readonly force?: boolean };

/**
 * `ovkit init`: writes a commented release file that is valid as it stands.
 * Asks for what no option gives, in a terminal only; elsewhere the defaults stand in.
 * @throws KitError E_RELEASE_EXISTS, E_INIT_OPTION, E_OUT_UNWRITABLE
 */
export async function run(options: InitOptions, _args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const file = options.release;
  refuseToOverwrite(file, options.force);
  const given = givenAnswers(options);
  const asks = context.interactive && !options.json && !options.quiet;
  const answers = asks ? await askStarterAnswers(given, context.signal) : { ...starterDefaults(given.model ?? '4B'), ...given };
  if (answers === undefined || context.signal.aborted) return interrupted(context);
  const template = readTextFile(
    fromRoot('release/template.yaml'),
    'the template of a release',
    'restore it from the repository of the kit.',
  );
  const schemaPath = relative(dirname(resolve(file)), fromRoot(RELEASE_JSON_SCHEMA_FILE)).replaceAll('\\', '/');
  const text = starterRelease(template, answers, schemaPath.startsWith('.') ? schemaPath : `./${schemaPath}`);
  refuseToOverwrite(file, options.force);
  writeFileAtomically(file, text);
  const next = file === 'release.yaml' ? '' : ` --release ${file}`;
  return {
    exitCode: ExitCode.pass,
    json: { kind: 'init', file, answers },
    text: `Wrote ${file}.\nNext: npx ovkit plan${next}, then npx ovkit check${next}`,
  };
}

function givenAnswers(options: InitOptions): Partial<StarterAnswers> {
  const { name, owner, costCentre, model, region, monthlyUsd } = options;
  const all = { name, owner, costCentre, model: model?.toUpperCase(), region, monthlyUsd };
  return Object.fromEntries(Object.entries(all).filter(([, answer]) => answer !== undefined));
}

function refuseToOverwrite(file: string, force: boolean | undefined): void {
  if (force || !existsSync(file)) return;
  throw new KitError({
    code: 'E_RELEASE_EXISTS',
    message: 'the file exists, and init does not overwrite it.',
    location: { file },
    next: 'add --force to overwrite it, or name another one with --release FILE.',
  });
}

function interrupted(context: CommandContext): CommandResult {
  context.stderr('interrupted; nothing was written.\n');
  return { exitCode: ExitCode.interrupted, json: { kind: 'init', file: null }, text: '' };
}
