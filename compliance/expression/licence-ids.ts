import exceptions from 'spdx-exceptions';
import currentIds from 'spdx-license-ids';
import deprecatedIds from 'spdx-license-ids/deprecated.json';

const fold = (ids: readonly string[]): ReadonlyMap<string, string> => new Map(ids.map((id) => [id.toLowerCase(), id]));

/** Only these characters make an id; JavaScript lower-cases letters of other scripts to ASCII ones (the Kelvin sign to k). */
const PLAIN = /^[\x21-\x7e]+$/;

const LICENCES = fold([...deprecatedIds, ...currentIds]);
const EXCEPTIONS = fold(exceptions);
const DEPRECATED: ReadonlySet<string> = new Set(deprecatedIds);

/** The SPDX spelling of a licence id, whatever its case; undefined when SPDX does not know it. Case-folding is by this table only, never by guessing. */
export function licenceId(token: string): string | undefined {
  return PLAIN.test(token) ? LICENCES.get(token.toLowerCase()) : undefined;
}

/** The SPDX spelling of an exception id, or undefined. */
export function exceptionId(token: string): string | undefined {
  return PLAIN.test(token) ? EXCEPTIONS.get(token.toLowerCase()) : undefined;
}

export function isDeprecatedId(id: string): boolean {
  return DEPRECATED.has(id);
}

/**
 * What a deprecated id may mean today. The GNU ids without a suffix were written for both "this version only" and
 * "this version or later", and nobody can tell which one the author meant.
 * Source: SPDX License List 3.0 release notes, "deprecated identifiers".
 */
export function readingsOf(id: string, exception: string | undefined): readonly string[] | undefined {
  const withException = (base: string, name: string | undefined) =>
    [`${base}-only`, `${base}-or-later`].map((reading) => (name ? `${reading} WITH ${name}` : reading));
  if (GNU_BARE.has(id)) return withException(id, exception);
  if (exception === undefined && Object.hasOwn(RENAMED, id)) return [RENAMED[id] as string];
  const merged = exception === undefined ? MERGED_EXCEPTIONS[id] : undefined;
  return merged && withException(merged[0], merged[1]);
}

const GNU_BARE: ReadonlySet<string> = new Set(deprecatedIds.filter((id) => /^(A|L)?GPL-[\d.]+$|^GFDL-[\d.]+$/.test(id)));

/** Deprecated ids that SPDX replaced by exactly one other spelling of the same terms. Source: SPDX License List, notes of the deprecated ids. */
const RENAMED: Readonly<Record<string, string>> = {
  'eCos-2.0': 'GPL-2.0-or-later WITH eCos-exception-2.0',
  wxWindows: 'LGPL-2.0-or-later WITH WxWindows-exception-3.1',
  'StandardML-NJ': 'SMLNJ',
  'BSD-2-Clause-NetBSD': 'BSD-2-Clause',
};

const MERGED_EXCEPTIONS: Readonly<Record<string, readonly [string, string]>> = {
  'GPL-2.0-with-GCC-exception': ['GPL-2.0', 'GCC-exception-2.0'],
  'GPL-2.0-with-autoconf-exception': ['GPL-2.0', 'Autoconf-exception-2.0'],
  'GPL-2.0-with-bison-exception': ['GPL-2.0', 'Bison-exception-2.2'],
  'GPL-2.0-with-classpath-exception': ['GPL-2.0', 'Classpath-exception-2.0'],
  'GPL-2.0-with-font-exception': ['GPL-2.0', 'Font-exception-2.0'],
  'GPL-3.0-with-GCC-exception': ['GPL-3.0', 'GCC-exception-3.1'],
  'GPL-3.0-with-autoconf-exception': ['GPL-3.0', 'Autoconf-exception-3.0'],
};
