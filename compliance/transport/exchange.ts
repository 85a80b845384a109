import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { type HttpRequest, MAX_BODY_BYTES, TransportError } from './http';
import { allowedAddresses, type NetworkRules } from './network-rules';

/** An answer as it came, redirects not followed. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const USER_AGENT = 'onevision-kit (evidence lock)';

/**
 * One request and its answer over the network. The connection goes to an address that was checked, so a name that changes its address
 * between check and use leads nowhere else. Compressed answers are not asked for: a small body cannot grow.
 * @throws TransportError, or the signal's reason
 */
export async function exchange(request: HttpRequest, rules: NetworkRules, signal: AbortSignal): Promise<RawAnswer> {
  signal.throwIfAborted();
  const addresses = await allowedAddresses(request.url, rules);
  const url = new URL(request.url);
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  const fail = (failure: TransportError['failure'], message: string, cause?: unknown) =>
    new TransportError(failure, request.url, message, { cause });
  return new Promise<RawAnswer>((resolve, reject) => {
    let settled = false;
    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      finish();
    };
    const end = (error: unknown): void =>
      settle(() => {
        reject(error);
        outgoing.destroy();
      });
    const onAbort = (): void => end(signal.reason);
    const timer = setTimeout(() => end(fail('timeout', `no whole answer within ${rules.totalMs} ms`)), rules.totalMs);
    const outgoing = send(url, {
      method: request.method,
      headers: { 'user-agent': USER_AGENT, 'accept-encoding': 'identity', ...request.headers },
      lookup: pinnedLookup(addresses),
      agent: false,
      timeout: rules.idleMs,
    });
    signal.addEventListener('abort', onAbort, { once: true });
    outgoing.on('timeout', () => end(fail('timeout', `nothing came for ${rules.idleMs} ms`)));
    outgoing.on('error', (error: NodeJS.ErrnoException) =>
      end(fail('network', `the connection failed (${error.code ?? error.message})`, error)),
    );
    outgoing.on('response', (response) => {
      const maxBytes = request.maxBytes ?? MAX_BODY_BYTES;
      const announced = Number(response.headers['content-length'] ?? 0);
      if (request.method !== 'HEAD' && request.firstBytes === undefined && announced > maxBytes) {
        end(fail('too-large', `${announced} bytes are announced, at most ${maxBytes} are read`));
        return;
      }
      const chunks: Buffer[] = [];
      let length = 0;
      const answer = (): RawAnswer => ({
        status: response.statusCode ?? 0,
        headers: plainHeaders(response.headers),
        body: Buffer.concat(chunks),
      });
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (request.firstBytes !== undefined && length >= request.firstBytes) {
          settle(() => {
            resolve({ ...answer(), body: Buffer.concat(chunks).subarray(0, request.firstBytes) });
            outgoing.destroy();
          });
        } else if (length > maxBytes) end(fail('too-large', `more than ${maxBytes} bytes came`));
      });
      response.on('error', (error) => end(fail('truncated', 'the answer broke off', error)));
      response.on('close', () => {
        if (!response.complete)
          end(fail('truncated', `the answer broke off after ${length} of ${announced || 'an unknown number of'} bytes`));
      });
      response.on('end', () => {
        if (response.complete) settle(() => resolve(answer()));
      });
    });
    outgoing.end(request.body);
  });
}

function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const entries = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, options, callback) => {
    if (options.all) callback(null, entries);
    else callback(null, entries[0]?.address ?? '', entries[0]?.family ?? 4);
  };
}

function plainHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}
