import { type Subject, type SubjectClaim, subject } from './subject';

/** What the edge found of the kit's own files. */
export interface KitFacts {
  /** `license` of the root entry of package-lock.json. */
  readonly licence: unknown;
  /** Hash of LICENSE at the root, whose bytes are among the evidence; null when there is none. */
  readonly licenceText: string | null;
  /** Licence named for the text: what package.json says, when that is a string. */
  readonly version: string;
  /** Folders of runtimes/ with a recipe in them. */
  readonly recipes: readonly string[];
}

const PREFIX = 'kit:';

/** Claims of the kit about itself: package.json, and the text of LICENSE word by word. */
export function kitClaims(facts: KitFacts): readonly SubjectClaim[] {
  const manifest: SubjectClaim = {
    channel: 'package-manifest',
    says: facts.licence,
    source: 'package.json',
    retrieved: null,
    sha256: null,
  };
  if (facts.licenceText === null || typeof facts.licence !== 'string') return [manifest];
  return [manifest, { channel: 'file', says: facts.licence, source: 'LICENSE', retrieved: null, sha256: facts.licenceText }];
}

/** The kit as a tool on the operator's desk. */
export function kitSubject(facts: KitFacts): Subject {
  return subject({
    id: `${PREFIX}onevision-kit`,
    title: `this kit, version ${facts.version}`,
    role: 'operator-tool',
    kind: 'kit',
    pinned: facts.version,
    claims: kitClaims(facts),
    lockIds: [],
    location: { file: 'package.json', line: null, column: null },
  });
}

/** Gives an artifact that is part of the kit (`kit:runtimes/…`) the kit's own claims, and says when its recipe is not written. */
export function withKitFacts(given: Subject, facts: KitFacts): Subject {
  if (!given.id.startsWith(PREFIX)) return given;
  const folder = given.id.slice(PREFIX.length);
  return {
    ...given,
    pinned: facts.version,
    claims: kitClaims(facts),
    lockIds: [],
    obstacle: facts.recipes.includes(folder)
      ? null
      : {
          rule: 'OVK-AVL-002',
          state: 'unavailable',
          message: `${folder} holds no recipe yet.`,
          closes: `write the recipe (a Dockerfile or pyproject.toml in ${folder}).`,
        },
  };
}
