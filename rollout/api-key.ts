import { type Cluster, ServiceError } from './cluster-types';
import { finding } from './compare';
import type { Expected } from './expectation';
import type { RolloutFinding } from './schema';

/** The key to ask with, or why there is none. It stands nowhere but in the header of a request. */
export type ApiKey =
  | { readonly state: 'none' }
  | { readonly state: 'known'; readonly value: string; readonly from: string }
  | { readonly state: 'unknown'; readonly finding: RolloutFinding };

/**
 * The API key of the service: the one that is given, else the first of the Secret that the release names. An engine without the proxy takes its
 * key in the header Authorization alone, which the API server keeps for itself: then nobody can ask through it.
 * @param given  from OVKIT_API_KEY
 */
export async function apiKeyOf(cluster: Cluster, { namespace, workload, apiKey }: Expected, given: string | undefined): Promise<ApiKey> {
  if (apiKey && !apiKey.proxied) {
    const why =
      'the engine takes its key in the header Authorization, which the API server does not pass on; with service.proxyImage it can be asked';
    return { state: 'unknown', finding: finding('OVK-RUN-011', 'warning', workload, why) };
  }
  if (given) return { state: 'known', value: given, from: 'OVKIT_API_KEY' };
  if (apiKey === null) return { state: 'none' };
  const where = `Secret ${namespace}/${apiKey.secret}, key ${apiKey.key}`;
  try {
    const value = firstKey(await cluster.secret(namespace, apiKey.secret, apiKey.key));
    if (value !== undefined) return { state: 'known', value, from: where };
    return { state: 'unknown', finding: finding('OVK-RUN-011', 'warning', where, 'it holds no API key; OVKIT_API_KEY names none either') };
  } catch (error) {
    const words = `the API key cannot be read (${reasonOf(error)}), and OVKIT_API_KEY names none`;
    return { state: 'unknown', finding: finding('OVK-RUN-011', 'warning', where, words) };
  }
}

/** One key a line; the first is the newest. */
function firstKey(text: string | undefined): string | undefined {
  return text
    ?.split('\n')
    .map((line) => line.trim())
    .find((line) => line !== '');
}

/** What an answer without success says about the key; undefined when it is about something else. */
export function refusedKey(error: unknown, workload: string, key: ApiKey): RolloutFinding | undefined {
  if (!(error instanceof ServiceError) || error.status !== UNAUTHORIZED) return undefined;
  const words =
    key.state === 'known'
      ? `HTTP 401: the service refuses the API key of ${key.from}. Pods read the Secret when they start: restart them after a change`
      : 'HTTP 401: the service asks for an API key, and the release names none. Write service.apiKey in release.yaml, or set OVKIT_API_KEY';
  return finding('OVK-RUN-012', 'error', workload, words, 'an answer', 'HTTP 401');
}

/** Whether the service is shut to whoever brings no key. */
export async function openWithoutKey(ask: () => AsyncIterable<string>, workload: string): Promise<RolloutFinding[]> {
  try {
    for await (const _piece of ask()) break;
  } catch (error) {
    if (error instanceof ServiceError && error.status === UNAUTHORIZED) return [];
    throw error;
  }
  return [finding('OVK-RUN-013', 'error', workload, 'it answers without an API key', 'HTTP 401', 'an answer')];
}

const UNAUTHORIZED = 401;

function reasonOf(error: unknown): string {
  const code = (error as { code?: number }).code;
  return code === undefined ? (error instanceof Error ? error.message : String(error)) : `HTTP ${code}`;
}
