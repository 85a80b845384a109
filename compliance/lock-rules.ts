import type { LockSubject } from './lock-schema';

/** Where a subject of a lock contradicts itself, and what would hold. */
export interface Contradiction {
  readonly path: readonly (string | number)[];
  readonly allowed: string;
}

type Rule = (subject: LockSubject) => Contradiction | undefined;

/**
 * What cannot both be true of one subject of an evidence lock. A lock is written by a program; one that says two things was put together by
 * hand or by mistake, and then nobody knows which of them was seen.
 */
export function contradictionsIn(subject: LockSubject): readonly Contradiction[] {
  const rules = subject.retrieval.status === 'retrieved' ? [...ALWAYS, ...RETRIEVED] : [...ALWAYS, ...UNAVAILABLE];
  return rules.flatMap((rule) => rule(subject) ?? []);
}

const rule =
  (path: Contradiction['path'], allowed: string, broken: (subject: LockSubject) => boolean): Rule =>
  (subject) =>
    broken(subject) ? { path, allowed } : undefined;

const HEX_REVISION = /^(?:[0-9a-f]{40}|sha256:[0-9a-f]{64})$/;
const SHA256_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const SHA256_REVISION = /^sha256:([0-9a-f]{64})$/;

const ALWAYS: readonly Rule[] = [
  rule(['requested'], 'the id of the subject; under which id it answered stands in "resolved"', ({ id, requested }) => requested !== id),
  rule(
    ['revision'],
    'a full commit, sha256: and 64 hex digits, or the version in the id; a branch, a tag or a short hash can change what it points to',
    ({ id, revision }) => revision !== null && !HEX_REVISION.test(revision) && !isVersionOf(id, revision),
  ),
  ({ files }) => {
    const index = files.findIndex(({ bytes, sha256 }) => bytes !== null && (bytes === 0) !== (sha256 === SHA256_OF_NOTHING));
    return index < 0 ? undefined : { path: ['files', index, 'bytes'], allowed: '0 for the hash of nothing, and only for that' };
  },
  rule(['files'], 'each path once', ({ files }) => new Set(files.map(({ path }) => path)).size !== files.length),
  ({ id, claims }) => {
    const index = claims.findIndex(({ channel }) => !channelsOf(id).includes(channel));
    return index < 0 ? undefined : { path: ['claims', index, 'channel'], allowed: `of such a subject: ${channelsOf(id).join(', ')}` };
  },
];

const RETRIEVED: readonly Rule[] = [
  rule(
    ['retrieval', 'http'],
    'of what was retrieved 200 to 299, or null where no server answered',
    ({ retrieval: { http } }) => http !== null && (http < 200 || http > 299),
  ),
  rule(['retrieval', 'reason'], 'null for what was retrieved', ({ retrieval }) => retrieval.reason !== null),
  rule(['resolved'], 'the id that answered, for what was retrieved', ({ resolved }) => resolved === null),
  rule(['revision'], 'the revision that was read, for what was retrieved', ({ revision }) => revision === null),
  ...(['gated', 'private', 'disabled'] as const).map((field) =>
    rule([field], 'true or false for what was retrieved', (subject) => subject[field] === null),
  ),
  rule(
    ['files'],
    'the files whose bytes were hashed, for what is addressed by content',
    ({ addressing, files }) => addressing === 'content' && files.length === 0,
  ),
  rule(['files'], 'also the file that the revision is the hash of', ({ revision, files }) => {
    const hash = SHA256_REVISION.exec(revision ?? '')?.[1];
    return hash !== undefined && !files.some(({ sha256 }) => sha256 === hash);
  }),
  ({ id, resolved, claims }) => {
    const names = [id, resolved ?? id].flatMap(nameIn);
    const index = claims.findIndex(({ channel, source }) => channel !== 'documented' && !namesOne(source, names));
    return index < 0
      ? undefined
      : { path: ['claims', index, 'source'], allowed: `a place that names ${names[0]}, which the claim is about` };
  },
];

const UNAVAILABLE: readonly Rule[] = [
  rule(['retrieval', 'reason'], 'why it could not be read', ({ retrieval }) => (retrieval.reason ?? '').trim() === ''),
  rule(['addressing'], 'live for what was not retrieved', ({ addressing }) => addressing !== 'live'),
  rule(['resolved'], 'null for what was not retrieved', ({ resolved }) => resolved !== null),
];

/** `pypi:NAME@1.2` is of revision 1.2 or v1.2. */
function isVersionOf(id: string, revision: string): boolean {
  const version = /@([^@#]+)(?:#.*)?$/.exec(id)?.[1];
  return version !== undefined && (revision === version || revision === `v${version}`);
}

/** Channels that a claim about a subject can have been read in, by the first word of its id. */
const CHANNELS_OF: Readonly<Record<string, readonly string[]>> = {
  hf: ['api', 'card', 'file', 'gguf-header', 'documented'],
  git: ['api', 'file', 'wheel-metadata', 'package-manifest', 'documented'],
  pypi: ['wheel-metadata', 'package-registry', 'file', 'gguf-header', 'documented'],
  npm: ['package-manifest', 'package-registry', 'file', 'documented'],
  oci: ['label', 'file', 'documented'],
  chart: ['package-manifest', 'package-registry', 'file', 'documented'],
};
const OTHER_CHANNELS: readonly string[] = ['file', 'package-registry', 'documented'];

function channelsOf(id: string): readonly string[] {
  const scheme = id.slice(0, id.indexOf(':'));
  return Object.hasOwn(CHANNELS_OF, scheme) ? (CHANNELS_OF[scheme] ?? []) : OTHER_CHANNELS;
}

/** The name that a reader of the thing itself puts into the source of a claim; an image is read by digests alone. */
function nameIn(id: string): readonly string[] {
  const [scheme = '', rest = ''] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)];
  const name =
    rest
      .replace(/[#].*$/, '')
      .replace(/(?<=.)@[^@]*$/, '')
      .split('/')
      .at(-1) ?? '';
  return scheme === 'oci' || name === '' ? [] : [name];
}

function namesOne(source: string, names: readonly string[]): boolean {
  return names.length === 0 || names.some((name) => plain(source).includes(plain(name)));
}

/** Package indexes write one name in several ways. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[-_.\s]+/g, '-');
}
