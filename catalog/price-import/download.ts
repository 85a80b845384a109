import { createHash } from 'node:crypto';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { KitError } from '../../core/error';

export interface DownloadOptions {
  /** Folder where a download that was cut off waits for the next try. */
  readonly folder: string;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal;
  /** Tries in one run; each goes on where the last one stopped. */
  readonly attempts?: number;
}

export interface Downloaded {
  readonly file: string;
  readonly etag: string | null;
  /** True when a part of it was there already. */
  readonly resumed: boolean;
}

const DEFAULT_ATTEMPTS = 4;
const NoteSchema = z.object({ url: z.string(), etag: z.string().nullable() });

/**
 * Downloads a large file into a folder, and goes on where an earlier try stopped: by a range request that holds only while
 * the server's ETag is the same (RFC 9110, If-Range).
 *
 * @throws KitError E_PRICE_DOWNLOAD; what came down stays for the next try
 */
export async function download(url: string, options: DownloadOptions): Promise<Downloaded> {
  checkUrl(url);
  const name = createHash('sha256').update(url).digest('hex').slice(0, 16);
  mkdirSync(options.folder, { recursive: true });
  const file = join(options.folder, `${name}.part`);
  const noteFile = join(options.folder, `${name}.json`);
  const attempts = options.attempts ?? DEFAULT_ATTEMPTS;
  let resumed = false;
  for (let attempt = 1; ; attempt++) {
    try {
      const part = await onePart(url, file, noteFile, options);
      resumed ||= part.resumed;
      return { file, etag: part.etag, resumed };
    } catch (error) {
      options.signal.throwIfAborted();
      if (error instanceof KitError) throw error;
      if (attempt < attempts) continue;
      throw failed(url, `${reasonOf(error)}; ${sizeOf(file)} bytes are kept`, 'run the command again, it goes on where it stopped.', error);
    }
  }
}

/** Removes what a download left in its folder. */
export function forget({ file }: Downloaded): void {
  rmSync(file, { force: true });
  rmSync(file.replace(/\.part$/, '.json'), { force: true });
}

async function onePart(
  url: string,
  file: string,
  noteFile: string,
  { fetch, signal }: DownloadOptions,
): Promise<{ etag: string | null; resumed: boolean }> {
  const known = noteOf(noteFile, url);
  const have = known ? sizeOf(file) : 0;
  const range: Record<string, string> = have > 0 && known ? { range: `bytes=${have}-`, 'if-range': known } : {};
  // A compressed answer has other offsets than the file.
  const response = await fetch(url, { signal, headers: { 'accept-encoding': 'identity', ...range } });
  const whole = wholeSize(response);
  if (response.status === 416 && whole === have) return { etag: known ?? null, resumed: true };
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    if (response.status === 416) rmSync(noteFile, { force: true });
    if (response.status >= 500 || response.status === 416 || response.status === 429)
      throw new Error(`the server answered ${response.status}`);
    throw failed(url, `the server answered ${response.status}`, 'check the address.');
  }
  const resumes = response.status === 206 && startOf(response) === have;
  if (response.status === 206 && !resumes) {
    await response.body.cancel();
    rmSync(noteFile, { force: true });
    throw new Error('the server sent another part than was asked for');
  }
  const etag = response.headers.get('etag');
  writeFileSync(noteFile, JSON.stringify({ url, etag: etag?.startsWith('W/') ? null : etag }));
  await pipeline(Readable.fromWeb(response.body as never), createWriteStream(file, { flags: resumes ? 'a' : 'w' }), { signal });
  const got = sizeOf(file);
  if (whole !== null && got !== whole) throw new Error(`it stopped at ${got} of ${whole} bytes`);
  return { etag, resumed: resumes };
}

/** The ETag under which a part of this address was stored, if any. */
function noteOf(noteFile: string, url: string): string | undefined {
  if (!existsSync(noteFile)) return undefined;
  try {
    const note = NoteSchema.parse(JSON.parse(readFileSync(noteFile, 'utf8')));
    return note.url === url ? (note.etag ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

function wholeSize(response: Response): number | null {
  const range = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  const length = range ?? (response.status === 200 ? response.headers.get('content-length') : null);
  return length === null || length === undefined ? null : Number(length);
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN);
}

function sizeOf(file: string): number {
  return existsSync(file) ? statSync(file).size : 0;
}

function checkUrl(url: string): void {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:' || hostname === '127.0.0.1' || hostname === 'localhost') return;
  throw failed(url, 'prices are taken over https only', 'use the https address.');
}

function failed(url: string, reason: string, next: string, cause?: unknown): KitError {
  const { host, pathname } = new URL(url);
  return new KitError({ code: 'E_PRICE_DOWNLOAD', message: `cannot download ${host}${pathname}: ${reason}.`, next }, { cause });
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
