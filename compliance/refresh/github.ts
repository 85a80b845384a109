import { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json';
import type { Claim, LockSubject } from '../lock-schema';
import type { HttpAnswer, Transport } from '../transport/http';
import { GITHUB_PARTS, isStub } from './github-parts';
import { gitBlobSha1 } from './hub-api';
import { CannotRead, isTransientStatus, jsonOf, LICENCE_FILE, type ReadContext, type Reading, reading, textClaim } from './reading';

const API = 'https://api.github.com';
const JSON_HEADERS = { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' };
const RECIPE_FILE = /\.(?:sh|py|ya?ml|json|toml)$/;
/** Files of a folder that are opened to see whether it is more than stubs. */
const MAX_OPENED = 8;

const repositorySchema = z.looseObject({
  full_name: z.string(),
  default_branch: z.string(),
  private: z.boolean(),
  disabled: z.boolean().default(false),
  license: z.looseObject({ spdx_id: z.string().nullish() }).nullish(),
});
const fileSchema = z.looseObject({
  type: z.literal('file'),
  path: z.string(),
  sha: z.string(),
  size: z.number(),
  content: z.string(),
  encoding: z.string(),
});
const entrySchema = z.looseObject({ type: z.string(), path: z.string(), name: z.string(), size: z.number() });

export type GithubRepository = z.output<typeof repositorySchema>;

/** Reads a repository on GitHub at its present commit: licence, name, and whether the parts that the release names are more than stubs. */
export function readGithub(ids: readonly string[], context: ReadContext): Promise<Reading> {
  const name = githubName(ids[0] ?? '');
  return reading(ids, `https://github.com/${name}`, context.now, async () => {
    const { repository, answer } = await githubRepository(context.transport, name);
    const sha = await githubHead(context.transport, repository);
    const at: Place = { name: repository.full_name, sha, context };
    const { claims, texts } = await claimsOf(repository, answer.body, at);
    const subjects: LockSubject[] = [];
    const partTexts: Uint8Array[] = [];
    for (const id of ids) {
      const part = id.split('#')[1];
      const own =
        part === undefined
          ? { presence: { present: true, because: `commit ${sha}` }, files: [], claims, texts }
          : await partOf(part, name, at);
      partTexts.push(...own.texts);
      const { texts: _, ...fields } = own;
      subjects.push({
        id,
        source: `https://github.com/${repository.full_name}/tree/${sha}`,
        requested: id,
        resolved: `git:github.com/${repository.full_name}${part === undefined ? '' : `#${part}`}`,
        revision: sha,
        publishers: [repository.full_name.split('/')[0] ?? name],
        retrieved: context.now,
        retrieval: { status: 'retrieved', http: answer.status, reason: null },
        addressing: 'live',
        gated: false,
        private: repository.private,
        disabled: repository.disabled,
        ...fields,
      });
    }
    return { subjects, texts: partTexts, transient: null };
  });
}

export function githubName(id: string): string {
  const name = /^git:github\.com\/([^#]+)/.exec(id)?.[1];
  if (name === undefined) throw new RangeError(`not an id of GitHub: ${id}`);
  return name;
}

/** @throws CannotRead */
export async function githubRepository(
  transport: Transport,
  name: string,
): Promise<{ readonly repository: GithubRepository; readonly answer: HttpAnswer }> {
  const answer = await get(transport, `/repos/${name}`);
  const parsed = repositorySchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new CannotRead(answer.status, 'GitHub answered in a form that the kit does not know', true);
  return { repository: parsed.data, answer };
}

/** Commit of the default branch. @throws CannotRead */
export async function githubHead(transport: Transport, repository: GithubRepository): Promise<string> {
  const path = `/repos/${repository.full_name}/commits/${encodeURIComponent(repository.default_branch)}`;
  const answer = await get(transport, path, { ...JSON_HEADERS, accept: 'application/vnd.github.sha' });
  const sha = Buffer.from(answer.body).toString('utf8').trim();
  if (/^[0-9a-f]{40}$/.test(sha)) return sha;
  throw new CannotRead(answer.status, 'GitHub did not name a commit', true);
}

interface Place {
  readonly name: string;
  readonly sha: string;
  readonly context: ReadContext;
}
type Own = Pick<LockSubject, 'presence' | 'files' | 'claims'> & { readonly texts: readonly Uint8Array[] };

/** The text at the commit decides; GitHub's own guess is a claim beside it, and NOASSERTION states nothing. */
async function claimsOf(repository: GithubRepository, body: Uint8Array, at: Place): Promise<Pick<Own, 'claims' | 'texts'>> {
  const guess = repository.license?.spdx_id ?? null;
  const claims: Claim[] = [
    {
      channel: 'api',
      says: guess === 'NOASSERTION' ? null : guess,
      source: `GitHub API, ${at.name}`,
      retrieved: at.context.now,
      sha256: sha256Hex(body),
    },
  ];
  const answer = await getOrMissing(at.context.transport, `/repos/${at.name}/license?ref=${at.sha}`);
  if (!answer) return { claims, texts: [] };
  const { path, bytes } = contentOf(answer);
  return { claims: [...claims, textClaim(bytes, `${path} of ${at.name} at ${at.sha}`, at.context.now)], texts: [bytes] };
}

async function partOf(part: string, name: string, at: Place): Promise<Own> {
  const none = (present: boolean | null, because: string): Own => ({ presence: { present, because }, files: [], claims: [], texts: [] });
  const parts = GITHUB_PARTS[name] ?? {};
  const path = Object.hasOwn(parts, part) ? parts[part] : undefined;
  if (path === undefined) return none(null, `the kit does not know where "${part}" lies in ${name}`);
  const answer = await getOrMissing(at.context.transport, contents(path, at));
  if (!answer) return none(false, `${path} is not there at ${at.sha}`);
  const listed = z.array(entrySchema).safeParse(jsonOf(answer));
  if (!listed.success) {
    const { bytes } = contentOf(answer);
    const file = { path, bytes: bytes.byteLength, sha256: sha256Hex(bytes) };
    const stub = isStub(Buffer.from(bytes).toString('utf8'));
    return { ...none(!stub, stub ? `${path} is a stub: nothing but comments` : `${path}, ${bytes.byteLength} bytes`), files: [file] };
  }
  return folderOf(path, listed.data, at);
}

async function folderOf(path: string, entries: readonly z.output<typeof entrySchema>[], at: Place): Promise<Own> {
  const claims: Claim[] = [];
  const texts: Uint8Array[] = [];
  const files: LockSubject['files'][number][] = [];
  let recipes = 0;
  const opened = entries.filter((entry) => entry.type === 'file' && (LICENCE_FILE.test(entry.name) || RECIPE_FILE.test(entry.name)));
  for (const entry of opened.slice(0, MAX_OPENED)) {
    const answer = await getOrMissing(at.context.transport, contents(entry.path, at));
    if (!answer) continue;
    const { bytes } = contentOf(answer);
    files.push({ path: entry.path, bytes: bytes.byteLength, sha256: sha256Hex(bytes) });
    if (LICENCE_FILE.test(entry.name)) {
      claims.push(textClaim(bytes, `${entry.path} of ${at.name} at ${at.sha}`, at.context.now));
      texts.push(bytes);
    } else if (!isStub(Buffer.from(bytes).toString('utf8'))) recipes += 1;
  }
  const folders = entries.some((entry) => entry.type === 'dir');
  const present = recipes > 0 || folders;
  return {
    presence: { present, because: present ? `${path}: ${entries.length} entries` : `${path} holds nothing but stubs` },
    files,
    claims,
    texts,
  };
}

function contents(path: string, at: Place): string {
  return `/repos/${at.name}/contents/${path.split('/').map(encodeURIComponent).join('/')}?ref=${at.sha}`;
}

/** The bytes of a file answer, checked against the hash that git has for them. */
function contentOf(answer: HttpAnswer): { readonly path: string; readonly bytes: Uint8Array } {
  const parsed = fileSchema.safeParse(jsonOf(answer));
  if (!parsed.success || parsed.data.encoding !== 'base64')
    throw new CannotRead(answer.status, 'GitHub answered in a form that the kit does not know', true);
  const bytes = Buffer.from(parsed.data.content, 'base64');
  if (gitBlobSha1(bytes) !== parsed.data.sha) throw new CannotRead(answer.status, `${parsed.data.path} changed while it was read`, true);
  return { path: parsed.data.path, bytes };
}

async function get(transport: Transport, path: string, headers: Readonly<Record<string, string>> = JSON_HEADERS): Promise<HttpAnswer> {
  const answer = await transport({ method: 'GET', url: `${API}${path}`, headers });
  if (answer.status === 200) return answer;
  if (isTransientStatus(answer)) throw new CannotRead(answer.status, `GitHub answered ${answer.status} for ${path}`, true);
  throw new CannotRead(answer.status, `GitHub answered ${answer.status} for ${path}: missing, private or blocked`, false);
}

async function getOrMissing(transport: Transport, path: string): Promise<HttpAnswer | undefined> {
  try {
    return await get(transport, path);
  } catch (error) {
    if (error instanceof CannotRead && error.http === 404) return undefined;
    throw error;
  }
}
