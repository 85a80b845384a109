import { parse } from 'yaml';
import { sha256Hex } from '../../core/canonical-json';
import type { Claim, LockSubject } from '../lock-schema';
import { type HubFile, type HubInfo, type HubRepository, hubFile, hubFiles, hubInfo, hubProbe } from './hub-api';
import { essentialFiles, filesOfPart, missingShards, WEIGHT_FILE } from './hub-parts';
import { CannotRead, LICENCE_FILE, type ReadContext, type Reading, reading, textClaim } from './reading';

/** Files whose first byte is asked for: all shards of a model, and a sample of a data set. */
const MAX_PROBES = { model: 64, dataset: 3 } as const;
/** Small files that are downloaded to be hashed; tokenizers reach 16 MB. */
const MAX_HASHED_BYTES = 32 * 2 ** 20;

/**
 * Reads a repository of the Hugging Face Hub and the parts of it that the release names.
 * @param revision  commit that the release pins; null reads the present one, and all of it at that commit
 */
export function readHub(ids: readonly string[], revision: string | null, context: ReadContext): Promise<Reading> {
  const repository = repositoryOf(ids[0] ?? '');
  const source = `https://huggingface.co/${repository.kind === 'dataset' ? 'datasets/' : ''}${repository.name}`;
  return reading(ids, source, context.now, async () => {
    const { info, answer } = await hubInfo(context.transport, repository, revision);
    const { files, whole } = await hubFiles(context.transport, repository, info.sha);
    const at = { repository: { ...repository, name: info.id }, sha: info.sha, context };
    const { claims, texts } = await claimsOf(info, answer.body, files, at);
    const common = { source: `${source}/tree/${info.sha}`, revision: info.sha, ...accessOf(info), ...stampOf(context.now, answer.status) };
    const subjects: LockSubject[] = [];
    for (const id of ids) {
      const part = id.split('#')[1];
      const resolved = `hf:${repository.kind}/${info.id}${part === undefined ? '' : `#${part}`}`;
      const own = part === undefined ? await wholeOf(files, whole, at) : await partOf(part, files, at);
      subjects.push({
        ...common,
        id,
        requested: id,
        resolved,
        publishers: [info.id.split('/')[0] ?? info.id],
        claims: part === undefined ? [...claims] : [],
        ...own,
      });
    }
    return { subjects, texts, transient: null };
  });
}

/** `hf:model/ORG/NAME#part` as a repository. */
export function repositoryOf(id: string): HubRepository {
  const match = /^hf:(model|dataset)\/([^#]+)/.exec(id);
  if (!match) throw new RangeError(`not an id of the Hub: ${id}`);
  return { kind: match[1] as HubRepository['kind'], name: match[2] ?? '' };
}

export function accessOf(info: HubInfo): Pick<LockSubject, 'gated' | 'private' | 'disabled'> {
  return { gated: info.gated !== false, private: info.private, disabled: info.disabled === true };
}

interface Place {
  readonly repository: HubRepository;
  readonly sha: string;
  readonly context: ReadContext;
}

function stampOf(now: string, http: number): Pick<LockSubject, 'retrieved' | 'retrieval' | 'addressing'> {
  return { retrieved: now, retrieval: { status: 'retrieved', http, reason: null }, addressing: 'live' };
}

/** Hub ids of licences that are other words for an SPDX id. Source: huggingface.js licence list, the ids that do not fold by case. */
const HUB_LICENCES: Readonly<Record<string, string>> = {
  'c-uda': 'C-UDA-1.0',
  'odc-by': 'ODC-By-1.0',
  odbl: 'ODbL-1.0',
  pddl: 'PDDL-1.0',
  'lgpl-lr': 'LGPLLR',
};

/** What the Hub, the card and the licence files say, each as its own claim. */
async function claimsOf(
  info: HubInfo,
  body: Uint8Array,
  files: readonly HubFile[],
  at: Place,
): Promise<{ readonly claims: readonly Claim[]; readonly texts: readonly Uint8Array[] }> {
  const { now } = at.context;
  const where = (path: string) => `${path} of ${info.id} at ${info.sha}`;
  const claims: Claim[] = [licenceClaim('api', info.cardData, `Hub API, ${info.id} at ${info.sha}`, now, sha256Hex(body))];
  const texts: Uint8Array[] = [];
  for (const file of files.filter(({ path }) => path === 'README.md' || LICENCE_FILE.test(path))) {
    const bytes = await hubFile(at.context.transport, at.repository, at.sha, file);
    if (file.path === 'README.md') {
      claims.push(licenceClaim('card', frontMatter(Buffer.from(bytes).toString('utf8')), where(file.path), now, sha256Hex(bytes)));
    } else {
      claims.push(textClaim(bytes, where(file.path), now));
      texts.push(bytes);
    }
  }
  return { claims, texts };
}

export function licenceClaim(channel: 'api' | 'card', card: unknown, source: string, now: string, sha256: string): Claim {
  const { license, license_name: name, license_link: link } = (card ?? {}) as Record<string, unknown>;
  const says = Array.isArray(license) ? license.map(String) : typeof license === 'string' ? (HUB_LICENCES[license] ?? license) : null;
  const more = [
    says !== license && typeof license === 'string' ? `written ${license}` : '',
    name ? `license_name ${name}` : '',
    link ? `license_link ${link}` : '',
  ];
  const note = more.filter(Boolean).join(', ');
  return { channel, says, source, retrieved: now, sha256, ...(note ? { note } : {}) };
}

/** The YAML head of a card; what is no YAML states nothing. */
export function frontMatter(text: string): unknown {
  const head = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---(?:\r?\n|$)/.exec(text)?.[1];
  try {
    return head === undefined ? null : parse(head, { maxAliasCount: 0 });
  } catch {
    return null;
  }
}

type Own = Pick<LockSubject, 'presence' | 'files'>;

async function wholeOf(files: readonly HubFile[], whole: boolean, at: Place): Promise<Own> {
  const { kind } = at.repository;
  const essential = essentialFiles(kind, files);
  const hashed = essential.filter((file) => kind === 'model' && WEIGHT_FILE.test(file.path)).flatMap(hashOf);
  const absent = (because: string): Own => ({ presence: { present: false, because }, files: hashed });
  if (essential.length === 0) return absent(kind === 'model' ? 'the repository holds no weight file' : 'the repository holds no data file');
  const index = files.find((file) => file.path === 'model.safetensors.index.json');
  if (index) {
    const bytes = await hubFile(at.context.transport, at.repository, at.sha, index, MAX_HASHED_BYTES);
    const missing = missingShards(parseJson(bytes), files);
    if (missing === undefined) return absent('model.safetensors.index.json names no shards');
    if (missing.length > 0) return absent(`${missing.length} shards of the index are missing: ${missing.slice(0, 5).join(', ')}`);
  }
  const probes = [];
  for (const file of essential.slice(0, MAX_PROBES[kind])) probes.push(await hubProbe(at.context.transport, at.repository, at.sha, file));
  const shut = probes.filter((probe) => !probe.ok);
  if (shut.length > 0)
    return absent(`${shut.length} of ${probes.length} files cannot be had: ${shut[0]?.path} answered ${shut[0]?.status}`);
  const bytes = essential.reduce((sum, file) => sum + file.size, 0);
  const count = `${whole ? '' : 'at least '}${essential.length} files, ${bytes} bytes`;
  return {
    presence: { present: true, because: `${count}; the first byte of ${probes.length} of them was read without a token` },
    files: hashed,
  };
}

async function partOf(part: string, files: readonly HubFile[], at: Place): Promise<Own> {
  const own = filesOfPart(part, files);
  if (own === undefined)
    return { presence: { present: null, because: `the kit does not know which files "${part}" stands for` }, files: [] };
  const [first] = own;
  if (!first) return { presence: { present: false, because: `the repository holds no file of its ${part}` }, files: [] };
  const hashes: LockSubject['files'][number][] = [];
  for (const file of own) {
    if (file.lfs) hashes.push(...hashOf(file));
    else if (file.size <= MAX_HASHED_BYTES && hashes.length < MAX_PROBES.model) {
      const bytes = await hubFile(at.context.transport, at.repository, at.sha, file, MAX_HASHED_BYTES);
      hashes.push({ path: file.path, bytes: bytes.byteLength, sha256: sha256Hex(bytes) });
    }
  }
  const probe = await hubProbe(at.context.transport, at.repository, at.sha, first);
  if (!probe.ok) return { presence: { present: false, because: `${probe.path} answered ${probe.status}` }, files: hashes };
  return { presence: { present: true, because: `${own.length} files` }, files: hashes };
}

function hashOf(file: HubFile): readonly LockSubject['files'][number][] {
  return file.lfs ? [{ path: file.path, bytes: file.lfs.size, sha256: file.lfs.oid }] : [];
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new CannotRead(200, 'model.safetensors.index.json is not JSON', false);
  }
}
