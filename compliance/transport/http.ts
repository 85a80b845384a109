/** One request of the evidence readers. They ask anonymously, and read only. */
export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Largest body that is read, in bytes; a larger one is an error. Default: 8 MiB. */
  readonly maxBytes?: number;
  /** Hang up after so many bytes of the body: a probe whether a large file can be had at all. */
  readonly firstBytes?: number;
  /** The answer holds a token: it is not written into a recording. */
  readonly secret?: boolean;
}

export interface HttpHop {
  readonly url: string;
  readonly status: number;
  readonly to: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  /** Address that answered, after redirects. */
  readonly url: string;
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly redirects: readonly HttpHop[];
}

/** Sends a request. The network, a recording, or a stand-in of a test. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/**
 * Why there is no answer.
 * refused: the kit's own rules forbid the address; the others are what the network or the server did.
 */
export type TransportFailure = 'refused' | 'network' | 'timeout' | 'truncated' | 'too-large' | 'too-many-redirects' | 'not-recorded';

export class TransportError extends Error {
  constructor(
    readonly failure: TransportFailure,
    readonly url: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'TransportError';
  }
}

/** Evidence is cards, licences, manifests and file lists; none comes near this. */
export const MAX_BODY_BYTES = 8 * 2 ** 20;
