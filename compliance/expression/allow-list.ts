import { KitError, type Problem } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import { printable, shorten } from '../../core/printable';
import { licenceKey } from './evaluate';
import { licenceId } from './licence-ids';

/**
 * Rows of an allow-list written as `A,B`. An empty list allows nothing.
 * @throws KitError E_ALLOW_INVALID for every entry that is not a single licence: dropped silently, it would look as if it had been judged
 */
export function parseAllowList(text: string): ReadonlySet<string> {
  const problems: Problem[] = [];
  const keys = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .flatMap((entry) => {
      const key = licenceKey(entry);
      if (key === undefined) problems.push(badRow(entry));
      return key ?? [];
    });
  if (problems.length > 0) throw new KitError(problems);
  return new Set(keys);
}

function badRow(entry: string): Problem {
  const joined = licenceId(entry.replaceAll(/\s+/g, '-'));
  return {
    code: 'E_ALLOW_INVALID',
    message: `--allow holds "${shorten(printable(entry), 80)}", which is not one SPDX licence.${joined ? didYouMean(entry, [joined]) : ''}`,
    allowed: 'SPDX ids, WITH pairs and LicenseRef names, separated by commas; no AND, no OR.',
    next: 'write each licence by its SPDX id (https://spdx.org/licenses).',
  };
}
