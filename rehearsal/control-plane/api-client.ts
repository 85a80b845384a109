import { readFileSync } from 'node:fs';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, type RequestOptions, request } from 'node:https';

/** Any object of the Kubernetes API. */
export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
    readonly deletionGracePeriodSeconds?: number;
  };
}

/** An answer of the API server that is not a success. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Word of the API, e.g. NotFound, Conflict, Invalid. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

export interface ApiClient {
  readonly server: string;
  get<T>(path: string): Promise<T>;
  create<T>(path: string, body: unknown): Promise<T>;
  replace<T>(path: string, body: unknown): Promise<T>;
  patch<T>(path: string, body: unknown, type?: keyof typeof PATCH_TYPES): Promise<T>;
  remove(path: string, options?: unknown): Promise<void>;
  /** The raw answer of a GET, e.g. a watch. */
  stream(path: string, signal: AbortSignal): Promise<IncomingMessage>;
  close(): void;
}

/**
 * The little of the Kubernetes API that the stand-ins need, by node:https: they start hundreds of requests while a control plane is still
 * coming up, and must not pay for a client of 800 types.
 */
export function apiClient(server: string, certificateFile: string, token: string): ApiClient {
  const agent = new Agent({ keepAlive: true, ca: readFileSync(certificateFile), maxSockets: 32 });
  const options = { agent, headers: { authorization: `Bearer ${token}` } };
  return clientOf(
    server,
    async () => options,
    () => agent.destroy(),
  );
}

/**
 * The same client for any server.
 * @param optionsOf  how to reach it and prove oneself, asked before each call: a token may be renewed
 */
export function clientOf(server: string, optionsOf: () => Promise<RequestOptions>, close: () => void = () => undefined): ApiClient {
  const open = async (method: string, path: string, body?: unknown, contentType = 'application/json', signal?: AbortSignal) => {
    const { headers: own, ...options } = await optionsOf();
    const text = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      ...(own as OutgoingHttpHeaders | undefined),
      accept: 'application/json',
      // also for a body-less DELETE: without it Node breaks the kept-alive connection
      'content-length': String(Buffer.byteLength(text)),
      ...(text === '' ? {} : { 'content-type': contentType }),
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const call = request(`${server}${path}`, { ...options, method, headers, signal }, resolve);
      call.on('error', reject);
      call.end(text);
    });
  };
  const json = async <T>(method: string, path: string, body?: unknown, contentType?: string): Promise<T> => {
    const answer = await open(method, path, body, contentType);
    const text = await textOf(answer);
    const status = answer.statusCode ?? 0;
    if (status >= 200 && status < 300) return (text === '' ? undefined : JSON.parse(text)) as T;
    throw apiError(status, text, `${method} ${path}`);
  };
  return {
    server,
    get: (path) => json('GET', path),
    create: (path, body) => json('POST', path, body),
    replace: (path, body) => json('PUT', path, body),
    patch: (path, body, type = 'merge') => json('PATCH', path, body, PATCH_TYPES[type]),
    remove: async (path, options = {}) => {
      try {
        await json('DELETE', path, options);
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 404)) throw error;
      }
    },
    stream: async (path, signal) => {
      const answer = await open('GET', path, undefined, undefined, signal);
      if (answer.statusCode === 200) return answer;
      throw apiError(answer.statusCode ?? 0, await textOf(answer), `GET ${path}`);
    },
    close,
  };
}

/** Creates an object; one of that name that is there already stays as it is. */
export async function createUnlessThere(api: ApiClient, path: string, object: unknown): Promise<void> {
  try {
    await api.create(path, object);
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 409)) throw error;
  }
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function apiError(status: number, text: string, what: string): ApiError {
  try {
    const answer = JSON.parse(text) as { reason?: string; message?: string };
    return new ApiError(status, answer.reason ?? String(status), answer.message ?? `${what}: ${status}`);
  } catch {
    return new ApiError(status, String(status), `${what}: ${status} ${text.trim().slice(0, 300)}`);
  }
}
