import { ExitCode, KitError } from '../../core/error';
import { type RunProcess, runProcess } from '../../core/run-process';
import { type BuiltImage, buildReleaseImage } from '../../runtime/image/build-release-image';
import type { CommandModule } from '../command';

/** `ovkit image build`: builds the recipe of the release; with --push also brings it to the registry and writes the digest into the release. */
export const run: CommandModule['run'] = async (options, args, context) => {
  if (args[0] !== 'build') {
    throw new KitError({
      code: 'E_RUNTIME_VERB',
      message: `there is no "ovkit image ${args[0] ?? ''}".`,
      allowed: 'build.',
      next: 'see `npx ovkit image --help`.',
    });
  }
  const text = (name: string): string | null => (typeof options[name] === 'string' ? options[name] : null);
  const built = await buildReleaseImage(
    {
      releaseFile: options.release,
      push: options.push === true,
      repository: text('repository'),
      engineTool: text('engineTool'),
      recipe: text('recipe'),
      buildArgs: Array.isArray(options.buildArg) ? options.buildArg.map(String) : [],
      now: context.now(),
      onProgress: options.quiet ? undefined : ({ what }) => context.stderr(`${what}\n`),
    },
    { run: options.quiet ? runProcess : shown(context), env: process.env, signal: context.signal },
  );
  return { exitCode: ExitCode.pass, json: built, text: textOf(built) };
};

/** Building takes long: what the container engine says while it builds and pushes is shown as it comes. */
function shown(context: Parameters<CommandModule['run']>[2]): RunProcess {
  return (command, args, options) =>
    runProcess(command, args, { ...options, ...(args[0] === 'build' || args[0] === 'push' ? { onOutput: context.stderr } : {}) });
}

function textOf(built: BuiltImage): string {
  const first = `built ${built.reference} from ${built.recipe} with ${built.engineTool}`;
  if (built.digest === null) return `${first}\nnot pushed, so it has no digest: run it with --push --repository HOST/NAME`;
  return `${first}\npushed ${built.repository}@${built.digest}\nwritten into ${built.written}; judge it with npx ovkit check`;
}
