import { join } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { checkRelease } from '../../compliance/check-release';
import { exitCodeOf } from '../../compliance/state';
import type { Verdict } from '../../compliance/verdict';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';
import { verdictText } from '../../reports/verdict-text';
import { FORMATS, type Format, formatVerdict } from '../check-formats';
import type { CommandContext, CommandResult, CommonOptions } from '../command';
import { clockOf } from '../instant';

interface CheckOptions extends CommonOptions {
  readonly sarif?: string;
  readonly format?: string;
  readonly output?: string;
  readonly secondOpinion?: boolean;
  readonly at?: string;
}

/** `ovkit check`: judges the release offline; the exit code is the verdict's, whatever is printed or written. */
export async function run(options: CheckOptions, _args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const format = formatOf(options);
  const at = clockOf(options.at, context);
  const loaded = loadRelease(options.release, { environment: options.environment });
  const verdict = checkRelease(loaded, loadCatalog(), at);
  const text = async (name: Format): Promise<string> =>
    name === 'table'
      ? verdictText(verdict, { colours: context.colours && options.output === undefined })
      : formatVerdict(name, verdict, loaded, at);
  if (options.sarif !== undefined) writeFileAtomically(options.sarif, await text('sarif'));
  if (options.output !== undefined) writeFileAtomically(options.output, ensureLineEnd(await text(format)));
  const second = options.secondOpinion ? await askSecond(verdict, options, context) : [];
  const shown = options.output === undefined ? await text(format) : verdictText(verdict, { colours: context.colours });
  const lines = options.output === undefined ? [] : [`wrote ${options.output}`];
  return {
    exitCode: exitCodeOf(verdict.state),
    json: verdict,
    text: format === 'table' || options.output !== undefined ? [shown, ...second, ...lines].join('\n\n') : shown,
  };
}

function formatOf(options: CheckOptions): Format {
  const given = options.format ?? (options.output === undefined ? 'table' : 'json');
  const format = FORMATS.find((name) => name === given);
  if (format === undefined) {
    throw new KitError({
      code: 'E_CHECK_FORMAT',
      message: `there is no format "${given}".`,
      allowed: `${FORMATS.join(', ')}.`,
      next: 'correct --format.',
    });
  }
  const onlyJson = options.json && options.format !== undefined && format !== 'json' && options.output === undefined;
  if (!onlyJson) return format;
  throw new KitError({
    code: 'E_CHECK_FORMAT',
    message: `--json prints the verdict on stdout, so ${format} needs a file of its own.`,
    next: 'add --output FILE, or leave --json away.',
  });
}

/** Outside of the verdict: written beside it, and shown to people; never part of what --json prints. */
async function askSecond(verdict: Verdict, options: CheckOptions, context: CommandContext): Promise<readonly string[]> {
  const [{ runLicenseChecker }, { compareOpinions }, { secondOpinionText }, { runProcess }] = await Promise.all([
    import('../../compliance/second-opinion/run-license-checker.js'),
    import('../../compliance/second-opinion/compare.js'),
    import('../../reports/second-opinion-text.js'),
    import('../../core/run-process.js'),
  ]);
  const opinion = compareOpinions(verdict, await runLicenseChecker(runProcess, fromRoot(), context.signal), 'license-checker 25.0.1');
  const file = join(options.out, 'second-opinion.json');
  writeFileAtomically(file, `${JSON.stringify(opinion, null, 2)}\n`);
  const lines = [secondOpinionText(opinion), `wrote ${file}`];
  const onStdout = !options.json && !options.quiet && (options.format ?? 'table') === 'table';
  if (!onStdout && !options.quiet) context.stderr(`${lines.join('\n')}\n`);
  return onStdout ? lines : [];
}

function ensureLineEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
