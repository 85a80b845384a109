/** A hash of packed bytes, as package locks write it. */
interface Hash {
  readonly algorithm: string;
  readonly digest: string;
}

const ALGORITHMS = ['sha512', 'sha384', 'sha256', 'sha1'] as const;

/** Hashes of a Subresource Integrity value by its strongest algorithm: npm looks at no weaker one, so that bytes which have only that are others. */
export function hashesOf(integrity: string): readonly Hash[] {
  const hashes = integrity.split(/\s+/).flatMap((part): Hash[] => {
    const [, algorithm, digest] = /^([a-z0-9]+)-([A-Za-z0-9+/]+={0,2})(?:\?\S*)?$/.exec(part) ?? [];
    return algorithm && digest ? [{ algorithm, digest }] : [];
  });
  const strongest = ALGORITHMS.find((known) => hashes.some(({ algorithm }) => algorithm === known));
  return hashes.filter(({ algorithm }) => algorithm === strongest);
}

/**
 * Why an integrity does not say which bytes will be installed; undefined when it does. npm takes bytes that have any one of several hashes,
 * and everything when it knows none of their algorithms; two archives with the same SHA-1 can be made on purpose.
 */
export function integrityProblem(integrity: string): string | undefined {
  const [hash, ...more] = new Map(hashesOf(integrity).map((each) => [each.digest, each])).values();
  if (!hash) return 'the package lock pins it by no hash that npm checks';
  if (more.length > 0) return `the package lock pins ${more.length + 1} hashes for it, and npm takes bytes that have any of them`;
  if (hash.algorithm === 'sha1') return 'the package lock pins it by SHA-1 alone, which can be forged';
  return undefined;
}

/**
 * Whether npm installs an entry of a package lock from elsewhere than a packed archive, and so never looks at its integrity: a linked folder,
 * a workspace, a git repository.
 * @param path  key of the entry
 */
export function ignoresIntegrity(path: string, entry: { readonly link?: boolean | undefined; readonly resolved?: unknown }): boolean {
  if (entry.link === true || !/(?:^|\/)node_modules\/[^/]/.test(path)) return true;
  if (entry.resolved === undefined) return false;
  return typeof entry.resolved !== 'string' || !/^(?:https?:\/\/|file:.*\.(?:tgz|tar|tar\.gz)$)/i.test(entry.resolved);
}
