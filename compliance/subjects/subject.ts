import type { Claim } from '../lock-schema';
import type { Role } from '../verdict';

/** A claim, from the lock or read in a file of the repository; the latter has no time, its file is judged as it stands. */
export type SubjectClaim = Omit<Claim, 'retrieved' | 'says'> & { readonly says: unknown; readonly retrieved: string | null };

/** A licence file inside a package, and what its text is. */
export interface PackageText {
  readonly file: string;
  readonly sha256: string;
  readonly state: 'verified' | 'modified' | 'unrecognised';
  /** Licences whose text it is (verified), or that it was made from (modified). */
  readonly licences: readonly string[];
  readonly because: string;
}

/** Something that ships or builds, before it is judged. */
export interface Subject {
  readonly id: string;
  readonly title: string;
  readonly role: Role;
  /** Artifact kind of the catalog, or npm-package, image, tool, kit. */
  readonly kind: string;
  readonly partOf: string | null;
  /** Version or digest that the release pins; compared with the lock's when both are there. */
  readonly pinned: string | null;
  /** Hash by which the bytes are pinned, for settlements and waivers. */
  readonly integrity: string | null;
  /** Claims that need no lock: from package-lock.json, from the kit's own files. */
  readonly claims: readonly SubjectClaim[];
  /** Ids under which the lock may know it, best first; empty when the lock has nothing to say. */
  readonly lockIds: readonly string[];
  /** Where the reader finds it when the lock does not hold it. */
  readonly location: { readonly file: string; readonly line: number | null; readonly column: number | null };
  /** A reason why it cannot be judged by licences at all. */
  readonly obstacle: Obstacle | null;
  /** Subject whose verdict this one takes over. */
  readonly follows: string | null;
  /** Folder of an npm package inside the archive that its integrity is of: "" for its own, `node_modules/x` when another one bundles it. */
  readonly archiveFolder?: string;
  /** Licence files of a package; null when nobody has read its bytes, undefined for what is no package. */
  readonly texts?: readonly PackageText[] | null;
}

export interface Obstacle {
  readonly rule: string;
  readonly state: 'unknown' | 'unavailable' | 'conflict';
  readonly message: string;
  readonly closes: string;
}

/** A subject with the usual emptiness filled in. */
export function subject(given: Pick<Subject, 'id' | 'title' | 'role' | 'kind' | 'location'> & Partial<Subject>): Subject {
  return { partOf: null, pinned: null, integrity: null, claims: [], lockIds: [given.id], obstacle: null, follows: null, ...given };
}
