import { readFileSync } from 'node:fs';
import { fromRoot } from '../../core/project-root';
import { licenceId } from '../expression/licence-ids';
import { normaliseText } from './normalise';

/** The texts that count as this licence, as normalised words joined by spaces. */
export interface LicenceTemplate {
  readonly id: string;
  readonly variants: readonly string[];
}

const cache = new Map<string, LicenceTemplate | undefined>();

/**
 * The accepted texts of one licence, from the SPDX texts in the package spdx-license-list (offline).
 * Variants: with and without its title line, and for Apache-2.0 with and without the appendix that tells how to apply it.
 * @returns undefined when the package has no text for the id
 */
export function licenceTemplate(id: string): LicenceTemplate | undefined {
  if (!cache.has(id)) cache.set(id, readTemplate(id));
  return cache.get(id);
}

const TITLES: Readonly<Record<string, readonly string[]>> = {
  MIT: ['mit license', 'the mit license', 'the mit license (mit)', '(the mit license)', 'mit license (mit)'],
  ISC: ['isc license', 'the isc license', 'isc license:'],
  'BSD-2-Clause': ['bsd 2-clause license', 'the 2-clause bsd license', 'bsd license', 'the bsd 2-clause license'],
  'BSD-3-Clause': ['bsd 3-clause license', 'the 3-clause bsd license', 'bsd license', 'the bsd 3-clause license'],
  '0BSD': ['bsd zero clause license', 'zero-clause bsd'],
};

function readTemplate(id: string): LicenceTemplate | undefined {
  // The id goes into a path: only ids of the SPDX table are looked up.
  if (licenceId(id) !== id) return undefined;
  let text: string;
  try {
    text = (JSON.parse(readFileSync(fromRoot('node_modules/spdx-license-list/licenses', `${id}.json`), 'utf8')) as { licenseText: string })
      .licenseText;
  } catch {
    return undefined;
  }
  const full = normaliseText(text).words.join(' ');
  const body = withoutTitle(full, id);
  const variants = new Set([full, body, ...(TITLES[id] ?? []).map((title) => `${title} ${body}`)]);
  if (id === 'Apache-2.0') for (const variant of [...variants]) for (const shape of apacheShapes(variant)) variants.add(shape);
  return { id, variants: [...variants] };
}

function withoutTitle(full: string, id: string): string {
  const title = TITLES[id]?.find((candidate) => full.startsWith(`${candidate} `));
  return title === undefined ? full : full.slice(title.length + 1);
}

const END_OF_TERMS = 'end of terms and conditions';
const HOW_TO_APPLY = 'appendix: how to apply the apache license to your work.';

/** The Apache text ends at END OF TERMS, or goes on with its own appendix (brackets written as [] or, in older copies, as {}). Nothing else may follow. */
function apacheShapes(variant: string): string[] {
  const end = variant.indexOf(END_OF_TERMS);
  if (end < 0) return [];
  const terms = variant.slice(0, end + END_OF_TERMS.length);
  const appendix = variant.slice(end + END_OF_TERMS.length + 1);
  if (!appendix.startsWith(HOW_TO_APPLY)) return [terms];
  const notice = appendix.indexOf('licensed under the apache license');
  return [
    terms,
    terms.slice(0, end).trimEnd(),
    `${terms} ${appendix.replace('"[]"', '"{}"')}`,
    ...(notice > 0 ? [`${terms} ${appendix.slice(notice)}`] : []),
  ];
}
