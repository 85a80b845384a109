import type { CodeDoc, CodeTable } from '../../core/codes';
import { ExitCode, KitError } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import { allCodes } from '../all-codes';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

/** `ovkit explain [CODE]`: what a code means and what to do; without a code the list of all. */
export async function run(_options: CommonOptions, args: readonly string[], _context: CommandContext): Promise<CommandResult> {
  const codes = allCodes();
  const wanted = args[0]?.toUpperCase();
  if (wanted === undefined) return { exitCode: ExitCode.pass, json: codes, text: list(codes) };
  const doc = codes[wanted];
  if (!doc) {
    throw new KitError({
      code: 'E_CODE_UNKNOWN',
      message: `there is no code "${args[0]}".${didYouMean(wanted, Object.keys(codes))}`,
      next: 'list them with `npx ovkit explain`.',
    });
  }
  return { exitCode: ExitCode.pass, json: { code: wanted, ...doc }, text: page(wanted, doc) };
}

function page(code: string, doc: CodeDoc): string {
  return `${code}: ${doc.title}\n\n${doc.meaning}\n\nWhat to do: ${doc.remedy}`;
}

function list(codes: CodeTable): string {
  const names = Object.keys(codes).sort();
  const width = Math.max(...names.map((name) => name.length));
  return names.map((name) => `${name.padEnd(width)}  ${codes[name]?.title}`).join('\n');
}
