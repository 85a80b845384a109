import { canonicalJson } from '../../core/canonical-json';

/** Where a package says who it is. */
export const MANIFEST = 'package.json';

/** Who a package is and what it declares, by the package.json in its bytes. */
export interface Manifest {
  /** `name@version`. */
  readonly spec: string;
  /** Each licence that it states, once; npm takes an object for its type, and so does this. Empty: it states none. */
  readonly declares: readonly unknown[];
}

/**
 * Reads the package.json of a packed package.
 * @throws Error for what is no manifest with a name and a version
 */
export function readManifest(bytes: Uint8Array): Manifest {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('it is no object');
  const { name, version, license, licenses } = value as Readonly<Record<string, unknown>>;
  if (typeof name !== 'string' || typeof version !== 'string') throw new Error('it has no name and version');
  const only = Array.isArray(licenses) && licenses.length === 1 ? licenses[0] : licenses;
  return { spec: `${name}@${version}`, declares: withoutRepeats([license, only].filter(isStated).map(typeOf)) };
}

/** The same values, each once. */
export function withoutRepeats(values: readonly unknown[]): readonly unknown[] {
  return [...new Map(values.map((value) => [canonicalJson(value), value])).values()];
}

function isStated(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);
}

function typeOf(value: unknown): unknown {
  const type =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly type?: unknown }).type : undefined;
  return typeof type === 'string' ? type : value;
}
