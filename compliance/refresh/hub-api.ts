import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { HttpAnswer, Transport } from '../transport/http';
import { CannotRead, isTransientStatus, jsonOf, MAX_TEXT_BYTES } from './reading';

const HUB = 'https://huggingface.co';
/** Pages of a file list that are read; a page has up to 1,000 files. */
const MAX_PAGES = 20;

export interface HubRepository {
  readonly kind: 'model' | 'dataset';
  readonly name: string;
}

const licence = z.union([z.string(), z.array(z.string())]);
const infoSchema = z.looseObject({
  id: z.string(),
  sha: z.string().regex(/^[0-9a-f]{40}$/),
  author: z.string().optional(),
  private: z.boolean().default(false),
  disabled: z.boolean().nullish(),
  gated: z.union([z.literal(false), z.string()]).default(false),
  cardData: z.looseObject({ license: licence.nullish(), license_name: z.string().nullish(), license_link: z.string().nullish() }).nullish(),
});
export type HubInfo = z.output<typeof infoSchema>;

const fileSchema = z.looseObject({
  type: z.string(),
  path: z.string(),
  size: z.number().int().nonnegative(),
  oid: z.string(),
  lfs: z.looseObject({ oid: z.string().regex(/^[0-9a-f]{64}$/), size: z.number().int().nonnegative() }).nullish(),
});
export type HubFile = z.output<typeof fileSchema>;

/** What the Hub says of a repository, at a commit or now. @throws CannotRead */
export async function hubInfo(
  transport: Transport,
  repository: HubRepository,
  revision: string | null,
): Promise<{ readonly info: HubInfo; readonly answer: HttpAnswer }> {
  const at = revision === null ? '' : `/revision/${encodeURIComponent(revision)}`;
  const answer = await transport({ method: 'GET', url: `${HUB}/api/${repository.kind}s/${repository.name}${at}` });
  throwUnlessOk(answer, `${repository.kind} ${repository.name}`);
  const parsed = infoSchema.safeParse(jsonOf(answer));
  if (!parsed.success) throw new CannotRead(answer.status, 'the Hub answered in a form that the kit does not know', true);
  if (revision !== null && parsed.data.sha !== revision)
    throw new CannotRead(answer.status, `asked for commit ${revision}, the Hub answered with ${parsed.data.sha}`, false);
  return { info: parsed.data, answer };
}

/** All files of a repository at a commit. @throws CannotRead */
export async function hubFiles(
  transport: Transport,
  repository: HubRepository,
  sha: string,
): Promise<{ readonly files: readonly HubFile[]; readonly whole: boolean }> {
  const files: HubFile[] = [];
  let url: string | undefined = `${HUB}/api/${repository.kind}s/${repository.name}/tree/${sha}?recursive=true&expand=false`;
  for (let page = 0; page < MAX_PAGES && url !== undefined; page += 1) {
    const answer: HttpAnswer = await transport({ method: 'GET', url });
    throwUnlessOk(answer, `file list of ${repository.name}`);
    const parsed = z.array(fileSchema).safeParse(jsonOf(answer));
    if (!parsed.success) throw new CannotRead(answer.status, 'the Hub answered in a form that the kit does not know', true);
    files.push(...parsed.data.filter((entry) => entry.type === 'file'));
    url = nextPage(answer.headers.link);
  }
  return { files, whole: url === undefined };
}

/** The bytes of a small file at a commit, checked against the hash of the file list. @throws CannotRead */
export async function hubFile(
  transport: Transport,
  repository: HubRepository,
  sha: string,
  file: HubFile,
  maxBytes = MAX_TEXT_BYTES,
): Promise<Uint8Array> {
  const answer = await transport({ method: 'GET', url: fileUrl(repository, sha, file.path), maxBytes });
  throwUnlessOk(answer, `${file.path} of ${repository.name}`);
  const commit = headerOf(answer, 'x-repo-commit');
  const changed = file.lfs ? sha256(answer.body) !== file.lfs.oid : gitBlobSha1(answer.body) !== file.oid;
  if (changed || (commit !== undefined && commit !== sha))
    throw new CannotRead(answer.status, `${file.path} changed while it was read: its bytes are not those of the file list`, true);
  return answer.body;
}

export interface Probe {
  readonly path: string;
  readonly status: number;
  readonly ok: boolean;
}

/** Asks for the first byte of a file: the list may be readable while the files are not. */
export async function hubProbe(transport: Transport, repository: HubRepository, sha: string, file: HubFile): Promise<Probe> {
  const answer = await transport({
    method: 'GET',
    url: fileUrl(repository, sha, file.path),
    headers: { range: 'bytes=0-0' },
    firstBytes: 1,
  });
  const etag = headerOf(answer, 'x-linked-etag')?.replace(/^W\//, '').replaceAll('"', '');
  const same = etag === undefined || file.lfs == null || etag === file.lfs.oid;
  return {
    path: file.path,
    status: answer.status,
    ok: (answer.status === 200 || answer.status === 206) && answer.body.length === 1 && same,
  };
}

function fileUrl(repository: HubRepository, sha: string, path: string): string {
  const folder = repository.kind === 'dataset' ? 'datasets/' : '';
  return `${HUB}/${folder}${repository.name}/resolve/${sha}/${path.split('/').map(encodeURIComponent).join('/')}`;
}

/** A header of the Hub itself, which stands on the redirect to its content network. */
function headerOf(answer: HttpAnswer, name: string): string | undefined {
  return answer.redirects.find((hop) => hop.headers[name] !== undefined)?.headers[name] ?? answer.headers[name];
}

/**
 * @throws CannotRead. Without a token 401 stands for private, gated and missing alike, so it never says "gated".
 * Source: huggingface_hub utils/_http.py, hf_raise_for_status
 */
function throwUnlessOk(answer: HttpAnswer, what: string): void {
  if (answer.status === 200) return;
  const code = headerOf(answer, 'x-error-code') ?? '';
  const disabled = /disabled/i.test(answer.headers['x-error-message'] ?? '');
  if (isTransientStatus(answer)) throw new CannotRead(answer.status, `the Hub answered ${answer.status} for ${what}`, true);
  if (answer.status === 403 && disabled) throw new CannotRead(403, `${what} is disabled by the Hub`, false, { disabled: true });
  if (answer.status === 403 && code === 'GatedRepo') throw new CannotRead(403, `${what} is gated`, false, { gated: true });
  if (answer.status === 401)
    throw new CannotRead(401, `${what}: 401 without a token means private, gated or missing, and does not say which`, false);
  throw new CannotRead(answer.status, `${what}: the Hub answered ${answer.status}${code ? ` ${code}` : ''}`, false);
}

function nextPage(link: string | undefined): string | undefined {
  return /<([^<>]+)>;\s*rel="next"/.exec(link ?? '')?.[1];
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Hash by which git names a file. Source: git hash-object. */
export function gitBlobSha1(bytes: Uint8Array): string {
  return createHash('sha1').update(`blob ${bytes.byteLength}\0`).update(bytes).digest('hex');
}
