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
  return typeof entry.resolved !== 'string' || !isArchive(entry.resolved);
}

/**
 * Whether npm downloads an address as one file. It takes every page of a host of repositories for the repository itself and clones it, also by
 * https. Source: npm-package-arg 13.0.2 and hosted-git-info 9.0.3, as npm 11.19 brings them.
 */
function isArchive(resolved: string): boolean {
  if (/^file:.*\.(?:tgz|tar|tar\.gz)$/.test(resolved)) return true;
  if (!/^https?:\/\/\S+$/i.test(resolved) || !URL.canParse(resolved)) return false;
  const { hostname, pathname } = new URL(resolved);
  const host = hostname.replace(/^www\./, '');
  return !REPOSITORY_HOSTS.has(host) || (host === 'github.com' && GITHUB_DOWNLOAD.test(pathname));
}

const REPOSITORY_HOSTS: ReadonlySet<string> = new Set(['github.com', 'gitlab.com', 'bitbucket.org', 'gist.github.com', 'git.sr.ht']);
/** Files that GitHub hands out below a repository; on the other hosts such a path may be a repository in a group. */
const GITHUB_DOWNLOAD = /^\/[^/]+\/[^/]+\/(?:archive|tarball|releases)\/./;
