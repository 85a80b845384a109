import { type TextJudgement, verifyLicenceText } from '../../compliance/text/verify';
import type { WordChange } from '../../compliance/text/word-diff';
import { ExitCode } from '../../core/error';
import { printable } from '../../core/printable';
import { readBinaryFile } from '../../core/text-file';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

const EXIT_CODES = { verified: ExitCode.pass, modified: ExitCode.violations, unrecognised: ExitCode.unknown } as const;

/** `ovkit licence-text FILE`: compares a file with all texts of the SPDX list. Exit code 0 verified, 1 modified, 2 unrecognised. */
export async function run(_options: CommonOptions, args: readonly string[], _context: CommandContext): Promise<CommandResult> {
  const file = args[0] ?? '';
  const judgement = verifyLicenceText(readBinaryFile(file, 'licence file', 'name an existing file.'));
  return {
    exitCode: EXIT_CODES[judgement.state],
    json: { kind: 'licence-text', schemaVersion: 1, file, ...judgement },
    text: describe(judgement),
  };
}

function describe({ state, licence, sameTextAs, because, changes, sha256 }: TextJudgement): string {
  const same = sameTextAs.length > 0 ? `\n  the same text stands for ${sameTextAs.join(', ')}` : '';
  return [`${state}${licence ? ` ${licence}` : ''}: ${printable(because)}${same}`, `  sha256 ${sha256}`, ...changes.map(changeLine)].join(
    '\n',
  );
}

/** As `diff` marks them: - what the licence says, + what stands in the file. */
function changeLine({ at, expected, found }: WordChange): string {
  const lines = [...(expected ? [`  - ${printable(expected)}`] : []), ...(found ? [`  + ${printable(found)}`] : [])];
  return [`  word ${at}:`, ...lines].join('\n');
}
