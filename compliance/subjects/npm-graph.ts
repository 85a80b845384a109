/** What an entry of a package lock says of what it needs. */
export interface LockEntry {
  readonly link?: boolean | undefined;
  readonly resolved?: unknown;
  readonly dependencies?: unknown;
  readonly optionalDependencies?: unknown;
  readonly peerDependencies?: unknown;
  readonly peerDependenciesMeta?: unknown;
  readonly devDependencies?: unknown;
}

/**
 * Paths of the packages that come along when the root is installed without its development dependencies, by what each needs and where Node
 * would find it. The lock also marks each entry `dev`, but that is a word in a file, and nobody checks it against the rest.
 * @param packages  the entries of a package-lock.json of version 3, by their path; "" is the root
 */
export function runtimePaths(packages: Readonly<Record<string, LockEntry>>): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [''];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entry = packages[path];
    // a linked folder stands under its own path too
    if (entry?.link === true && typeof entry.resolved === 'string') visit(entry.resolved);
    for (const name of [entry?.dependencies, entry?.optionalDependencies, entry?.peerDependencies].flatMap(namesIn))
      visit(placeOf(packages, name, path));
  }
  return found;

  function visit(path: string | undefined): void {
    if (path === undefined || path === '' || found.has(path) || !Object.hasOwn(packages, path)) return;
    found.add(path);
    open.push(path);
  }
}

/** Where Node looks for a package from a folder: in the folder itself, then further out; undefined when the lock has it nowhere. */
export function placeOf(packages: Readonly<Record<string, LockEntry>>, name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
    const path = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`;
    if (!at.endsWith('/node_modules') && Object.hasOwn(packages, path)) return path;
    if (at === '') return undefined;
  }
}

/** Names of what a group of dependencies asks for; none for what is no group. */
export function namesIn(dependencies: unknown): readonly string[] {
  return typeof dependencies === 'object' && dependencies !== null ? Object.keys(dependencies) : [];
}
