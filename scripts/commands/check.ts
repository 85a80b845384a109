import { loadCatalog } from '../../catalog/load';
import { checkRelease } from '../../compliance/check-release';
import { exitCodeOf } from '../../compliance/state';
import { KitError } from '../../core/error';
import { kitVersion } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';
import { verdictText } from '../../reports/verdict-text';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

interface CheckOptions extends CommonOptions {
  readonly sarif?: string;
  readonly at?: string;
}

/** `ovkit check`: judges the release offline; the exit code is the verdict's. */
export async function run(options: CheckOptions, _args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const at = options.at === undefined ? context.now() : parseInstant(options.at);
  const verdict = checkRelease(loadRelease(options.release, { environment: options.environment }), loadCatalog(), at);
  if (options.sarif !== undefined) {
    // Loaded only when asked for: the check itself stays fast.
    const [{ toSarif }, { allCodes }] = await Promise.all([import('../../reports/sarif.js'), import('../all-codes.js')]);
    const sarif = toSarif(verdict, undefined, { codes: allCodes(), kitVersion: kitVersion() });
    writeFileAtomically(options.sarif, `${JSON.stringify(sarif, null, 2)}\n`);
  }
  return { exitCode: exitCodeOf(verdict.state), json: verdict, text: verdictText(verdict, { colours: context.colours }) };
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/;

function parseInstant(text: string): Date {
  const date = new Date(text);
  if (INSTANT.test(text) && !Number.isNaN(date.getTime())) return date;
  throw new KitError({
    code: 'E_TIME_INVALID',
    message: `--at is "${text}", which is not a time.`,
    allowed: 'RFC 3339, e.g. 2026-11-23T12:00:00Z.',
    next: 'write it with date, time and zone.',
  });
}
