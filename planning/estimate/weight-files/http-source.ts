import { KitError } from '../../../core/error';
import { type ByteSource, truncated } from './byte-source';

/** The part of fetch that range requests need; tests pass their own. */
export type Fetch = (url: string, init: { headers: Record<string, string>; redirect: 'manual'; signal: AbortSignal }) => Promise<Response>;

export interface HttpOptions {
  readonly fetch: Fetch;
  /** Aborts everything, e.g. on Ctrl-C. */
  readonly signal: AbortSignal;
  /** Milliseconds for one request. */
  readonly timeoutMs?: number;
  /** Allows plain http; for servers on this machine in tests. */
  readonly allowHttp?: boolean;
}

const TIMEOUT_MS = 30_000;
const MOST_REDIRECTS = 5;

/**
 * A file behind https, read by range requests: never the whole file. A server that ignores the range is refused before its body is read.
 * Redirects are followed up to 5 times, never from https to http.
 * @throws KitError E_WEIGHTS_HTTP, E_WEIGHTS_NO_RANGE, E_WEIGHTS_REDIRECT, E_WEIGHTS_TRUNCATED
 */
export async function httpSource(url: string, options: HttpOptions): Promise<ByteSource> {
  const first = await request(url, 0, 1, options);
  return {
    name: url,
    size: first.total,
    read: async (offset, length) => {
      if (length === 0) return new Uint8Array();
      if (offset + length > first.total) throw truncated(url, offset, length, Math.max(0, first.total - offset));
      const { bytes, total } = await request(url, offset, length, options);
      if (total !== first.total) throw failed('E_WEIGHTS_HTTP', `${url} said ${first.total} bytes, then ${total}.`);
      return bytes;
    },
  };
}

interface Range {
  readonly bytes: Uint8Array;
  readonly total: number;
}

async function request(start: string, offset: number, length: number, options: HttpOptions): Promise<Range> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = AbortSignal.any([options.signal, timeout]);
  let url = checked(start, options);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    const response = await options
      .fetch(url.href, {
        headers: { range: `bytes=${offset}-${offset + length - 1}`, 'accept-encoding': 'identity' },
        redirect: 'manual',
        signal,
      })
      .catch((cause: unknown) => {
        throw failed('E_WEIGHTS_HTTP', `${start} cannot be reached: ${String(cause)}.`, cause);
      });
    if (response.status < 300 || response.status >= 400) return range(start, response, offset, length);
    await response.body?.cancel();
    const location = response.headers.get('location');
    if (location === null) throw failed('E_WEIGHTS_REDIRECT', `${start} redirects (${response.status}) without saying where.`);
    const next = checked(new URL(location, url).href, options);
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw failed('E_WEIGHTS_REDIRECT', `${start} redirects from https to ${next.protocol}//${next.host}.`);
    }
    url = next;
  }
  throw failed('E_WEIGHTS_REDIRECT', `${start} redirects more than ${MOST_REDIRECTS} times.`);
}

async function range(name: string, response: Response, offset: number, length: number): Promise<Range> {
  if (response.status === 200) {
    await response.body?.cancel();
    throw failed('E_WEIGHTS_NO_RANGE', `${name} ignores range requests; its header cannot be read without the whole file.`);
  }
  if (response.status !== 206) {
    await response.body?.cancel();
    throw failed('E_WEIGHTS_HTTP', `${name} answers ${response.status}.`);
  }
  const said = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
  if (!said || Number(said[1]) !== offset || Number(said[2]) !== offset + length - 1) {
    await response.body?.cancel();
    throw failed(
      'E_WEIGHTS_HTTP',
      `${name} answers with range "${response.headers.get('content-range')}" to bytes ${offset}-${offset + length - 1}.`,
    );
  }
  return { bytes: await body(name, response, offset, length), total: Number(said[3]) };
}

/** At most `length` bytes are taken, whatever the server sends. */
async function body(name: string, response: Response, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  let got = 0;
  const reader = response.body?.getReader();
  try {
    for (;;) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) break;
      if (got + chunk.value.length > length) {
        await reader?.cancel();
        throw failed('E_WEIGHTS_HTTP', `${name} sends more than the ${length} bytes that were asked for.`);
      }
      bytes.set(chunk.value, got);
      got += chunk.value.length;
    }
  } catch (cause) {
    if (cause instanceof KitError) throw cause;
    throw truncated(name, offset, length, got);
  }
  if (got !== length) throw truncated(name, offset, length, got);
  return bytes;
}

function checked(href: string, { allowHttp = false }: HttpOptions): URL {
  const url = new URL(href);
  if (url.protocol === 'https:' || (allowHttp && url.protocol === 'http:')) return url;
  throw failed('E_WEIGHTS_HTTP', `${href} is not https.`);
}

function failed(code: string, message: string, cause?: unknown): KitError {
  return new KitError({ code, message, next: 'download the file and name its path, or leave --weights out.' }, { cause });
}
