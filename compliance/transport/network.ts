import { exchange, type RawAnswer } from './exchange';
import { type HttpHop, type HttpRequest, type Transport, TransportError } from './http';
import { type NetworkRules, PUBLIC_RULES } from './network-rules';

const MAX_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The network as a transport: every hop of a redirect is checked like the first address, and credentials stay with their host. */
export function networkTransport(signal: AbortSignal, rules: NetworkRules = PUBLIC_RULES): Transport {
  return async (request) => {
    const redirects: HttpHop[] = [];
    let current = request;
    for (;;) {
      const answer = await exchange(current, rules, signal);
      const to = REDIRECTS.has(answer.status) ? answer.headers.location : undefined;
      if (to === undefined) return { ...answer, url: current.url, redirects };
      if (redirects.length >= MAX_REDIRECTS)
        throw new TransportError('too-many-redirects', request.url, `more than ${MAX_REDIRECTS} redirects`);
      const next = targetOf(to, current.url);
      redirects.push({ url: current.url, status: answer.status, to: next, headers: answer.headers });
      current = redirected(current, answer, next);
    }
  };
}

function targetOf(location: string, from: string): string {
  try {
    return new URL(location, from).href;
  } catch {
    throw new TransportError('refused', from, 'it redirects to something that is no URL');
  }
}

function redirected(request: HttpRequest, answer: RawAnswer, url: string): HttpRequest {
  const { authorization, ...others } = request.headers ?? {};
  const sameHost = new URL(url).origin === new URL(request.url).origin;
  const headers = sameHost && authorization !== undefined ? { ...others, authorization } : others;
  const keepsMethod = answer.status === 307 || answer.status === 308 || request.method !== 'POST';
  return keepsMethod ? { ...request, url, headers } : { ...request, url, headers, method: 'GET', body: undefined };
}
