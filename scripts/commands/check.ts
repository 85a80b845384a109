import { loadCatalog } from '../../catalog/load';
import { checkRelease } from '../../compliance/check-release';
import { exitCodeOf } from '../../compliance/state';
import { kitVersion } from '../../core/project-root';
import { writeFileAtomically } from '../../core/text-file';
import { loadRelease } from '../../release/load';
import { verdictText } from '../../reports/verdict-text';
import type { CommandContext, CommandResult, CommonOptions } from '../command';
import { clockOf } from '../instant';

interface CheckOptions extends CommonOptions {
  readonly sarif?: string;
  readonly at?: string;
}

/** `ovkit check`: judges the release offline; the exit code is the verdict's. */
export async function run(options: CheckOptions, _args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const at = clockOf(options.at, context);
  const verdict = checkRelease(loadRelease(options.release, { environment: options.environment }), loadCatalog(), at);
  if (options.sarif !== undefined) {
    // Loaded only when asked for: the check itself stays fast.
    const [{ toSarif }, { allCodes }] = await Promise.all([import('../../reports/sarif.js'), import('../all-codes.js')]);
    const sarif = toSarif(verdict, undefined, { codes: allCodes(), kitVersion: kitVersion() });
    writeFileAtomically(options.sarif, `${JSON.stringify(sarif, null, 2)}\n`);
  }
  return { exitCode: exitCodeOf(verdict.state), json: verdict, text: verdictText(verdict, { colours: context.colours }) };
}
