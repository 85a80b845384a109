import { parseAllowList } from '../../compliance/expression/allow-list';
import { judgeLicence, type LicenceTerms } from '../../compliance/expression/evaluate';
import { exitCodeOf } from '../../compliance/state';
import { printable, shorten } from '../../core/printable';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

interface SpdxOptions extends CommonOptions {
  readonly allow?: string;
  readonly orLater?: boolean;
}

/** Characters of the way to the decision that a terminal shows. */
const MAX_WAY = 400;

/** `ovkit spdx EXPRESSION --allow A,B`: judges one licence expression; the exit code is its state. */
export async function run(options: SpdxOptions, args: readonly string[], _context: CommandContext): Promise<CommandResult> {
  const terms: LicenceTerms = {
    allowed: parseAllowList(options.allow ?? ''),
    denied: new Set(),
    orLater: options.orLater ? 'same-or-later' : 'exact',
  };
  const judgement = judgeLicence(args[0] ?? '', terms);
  const way = judgement.path.length > 1 ? `\n  ${judgement.path.join(' > ')}` : '';
  return {
    exitCode: exitCodeOf(judgement.state),
    json: { kind: 'spdx-judgement', schemaVersion: 1, ...judgement, allow: [...terms.allowed], orLater: terms.orLater },
    text: `${judgement.state}: ${printable(judgement.because)}${shorten(way, MAX_WAY)}`,
  };
}
