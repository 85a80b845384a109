import { licenceKey } from '../../compliance/expression/evaluate';
import { type TextJudgement, verifyLicenceText } from '../../compliance/text/verify';
import type { WordChange } from '../../compliance/text/word-diff';
import { ExitCode } from '../../core/error';
import { printable } from '../../core/printable';
import { readBinaryFile } from '../../core/text-file';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

const EXIT_CODES = { verified: ExitCode.pass, modified: ExitCode.violations, unrecognised: ExitCode.unknown } as const;

interface TextOptions extends CommonOptions {
  readonly says?: string;
}

/**
 * `ovkit licence-text FILE`: compares a file with all texts of the SPDX list. Exit code 0 verified, 1 modified, 2 unrecognised; with --says
 * also 1 when it is another licence than it is said to be.
 */
export async function run(options: TextOptions, args: readonly string[], _context: CommandContext): Promise<CommandResult> {
  const file = args[0] ?? '';
  const judgement = verifyLicenceText(readBinaryFile(file, 'licence file', 'name an existing file.'));
  const agrees = options.says === undefined ? null : agreesWith(judgement, options.says);
  const contradicted = judgement.state === 'verified' && agrees === false;
  return {
    exitCode: contradicted ? ExitCode.violations : EXIT_CODES[judgement.state],
    json: { kind: 'licence-text', schemaVersion: 1, file, ...judgement, says: options.says ?? null, agrees },
    text: `${describe(judgement)}${agrees === false ? `\n  it is not ${printable(options.says ?? '')}, as it is said to be` : ''}`,
  };
}

/** Whether the text is the licence that somebody says; an expression or a modified text never agrees. */
function agreesWith({ state, licence, sameTextAs }: TextJudgement, says: string): boolean {
  const key = licenceKey(says);
  return state === 'verified' && key !== undefined && [licence, ...sameTextAs].includes(key);
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
