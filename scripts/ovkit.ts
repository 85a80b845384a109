import '../core/zod-in-english';
import { Command, CommanderError, Option } from 'commander';
import { ExitCode, KitError } from '../core/error';
import { kitVersion } from '../core/project-root';
import { ENVIRONMENTS } from '../release/vocabulary';
import { type CommandContext, type CommandResult, type CommandSpec, type CommonOptions, DEFAULT_RELEASE } from './command';
import { processContext } from './process-context';
import { COMMANDS } from './specs';

/** Entry point of the executable: runs one command and sets the exit code of the process. */
export async function main(argv: readonly string[]): Promise<void> {
  const { context, dispose } = processContext();
  try {
    process.exitCode = await runCli(argv, context);
  } finally {
    dispose();
  }
}

/** Parses the command line, runs the command, prints its result or its error, and gives back the exit code. */
export async function runCli(argv: readonly string[], context: CommandContext): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.pass;
  const program = new Command('ovkit')
    .description('Releases LLaVA-OneVision-1.5 onto Kubernetes in AWS, with the price and the licences proven first.')
    .version(kitVersion())
    .exitOverride()
    .configureOutput({ writeOut: context.stdout, writeErr: context.stderr })
    .showHelpAfterError('Next: ovkit --help')
    .addHelpText(
      'after',
      `\nExit codes: 0 pass, 1 violations, 2 unknown or unavailable, 3 bad input, 4 internal error.\nExample: npx ovkit plan`,
    );
  for (const spec of COMMANDS) {
    addCommand(program, spec, async (options, args) => {
      exitCode = await execute(spec, options, args, context);
    });
  }
  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? ExitCode.pass : ExitCode.badInput;
  }
}

type Action = (options: CommonOptions & Record<string, unknown>, args: readonly string[]) => Promise<void>;

function addCommand(program: Command, spec: CommandSpec, action: Action): void {
  const command = program
    .command(spec.name)
    .description(spec.summary)
    .option('--release <file>', 'release file', DEFAULT_RELEASE)
    .option('--json', 'print one JSON document on stdout and nothing else', false)
    .option('--out <dir>', 'folder for output files', 'out')
    .option('--quiet', 'print nothing but errors', false)
    .addOption(new Option('--environment <name>', 'judge as if metadata.environment were this').choices(ENVIRONMENTS))
    .option('--debug', 'show stack traces', false)
    .addHelpText('after', `\nExample: ${spec.example}`);
  spec.configure?.(command);
  command.action(async () => action(command.opts(), command.args));
}

async function execute(
  spec: CommandSpec,
  options: CommonOptions & Record<string, unknown>,
  args: readonly string[],
  context: CommandContext,
): Promise<ExitCode> {
  try {
    const command = await spec.load();
    const result = await command.run(options, args, context);
    print(result, options, context);
    return result.exitCode;
  } catch (error) {
    return reportError(error, options, context);
  }
}

function print(result: CommandResult, options: CommonOptions, context: CommandContext): void {
  if (options.json) context.stdout(`${JSON.stringify(result.json, null, 2)}\n`);
  else if (!options.quiet && result.text !== '') context.stdout(result.text.endsWith('\n') ? result.text : `${result.text}\n`);
}

function reportError(error: unknown, options: CommonOptions & Record<string, unknown>, context: CommandContext): ExitCode {
  const interrupted = context.signal.aborted;
  const known = error instanceof KitError;
  const exitCode = interrupted ? ExitCode.interrupted : known ? ExitCode.badInput : ExitCode.internal;
  const message = interrupted
    ? 'interrupted; nothing half-written was left behind.'
    : known
      ? error.message
      : `E_INTERNAL: ${String(error)} Next: run again with --debug and report it.`;
  context.stderr(`${message}\n`);
  if (options.debug && error instanceof Error) context.stderr(`${error.stack}\n`);
  if (options.json) {
    const problems = known && !interrupted ? error.problems : [{ code: interrupted ? 'E_INTERRUPTED' : 'E_INTERNAL', message }];
    context.stdout(`${JSON.stringify({ kind: 'error', exitCode, problems }, null, 2)}\n`);
  }
  return exitCode;
}
