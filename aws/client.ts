import { failure } from './failure';

/** Where and how the kit asks AWS. Credentials come from where every AWS tool takes them; nothing is stored. */
export interface AwsPlace {
  readonly region: string;
  /** Aborted by Ctrl-C. */
  readonly signal?: AbortSignal;
  /** Milliseconds to connect and to answer; tests make them short. */
  readonly timeoutMs?: number;
  /** Attempts of one request, the first included. Default 4, with growing pauses. */
  readonly attempts?: number;
}

/** What the kit asks of a client: one request at a time, and to be closed. Every client of the SDK has this shape. */
interface Client {
  destroy(): void;
}

const CONNECT_MS = 3_000;
const ANSWER_MS = 15_000;
const ATTEMPTS = 4;

export interface ClientOptions {
  readonly region: string;
  readonly maxAttempts: number;
  readonly retryMode: 'standard';
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number; readonly throwOnRequestTimeout: true };
}

/**
 * Makes a client, asks with it and closes it; whatever goes wrong at AWS or on the way becomes one clear error.
 *
 * @param service  name of the service for messages, e.g. "Service Quotas"
 * @throws KitError E_AWS_CREDENTIALS, E_AWS_REGION, E_AWS_DENIED, E_AWS_THROTTLED, E_AWS_UNREACHABLE, E_AWS_SERVICE; the reason of the signal on abort
 */
export async function withClient<C extends Client, T>(
  place: AwsPlace,
  service: string,
  make: (options: ClientOptions) => C,
  ask: (client: C, request: { readonly abortSignal?: AbortSignal }) => Promise<T>,
): Promise<T> {
  place.signal?.throwIfAborted();
  // the SDK announces the end of Node 20 in its later versions on every call; the pinned one runs on it
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = make({
    region: place.region,
    maxAttempts: place.attempts ?? ATTEMPTS,
    retryMode: 'standard',
    requestHandler: {
      connectionTimeout: place.timeoutMs ?? CONNECT_MS,
      requestTimeout: place.timeoutMs ?? ANSWER_MS,
      throwOnRequestTimeout: true,
    },
  });
  try {
    return await ask(client, { abortSignal: place.signal });
  } catch (error) {
    place.signal?.throwIfAborted();
    throw failure(error, { service, region: place.region });
  } finally {
    client.destroy();
  }
}
