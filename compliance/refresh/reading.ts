import { sha256Hex } from '../../core/canonical-json';
import type { Claim, LockSubject } from '../lock-schema';
import { verifyLicenceText } from '../text/verify';
import { type HttpAnswer, type Transport, TransportError } from '../transport/http';

/** What a reader of evidence gets. */
export interface ReadContext {
  readonly transport: Transport;
  /** Time of the reading, RFC 3339, UTC. */
  readonly now: string;
}

/** What a reader found out about a repository and the parts of it that the release names. */
export interface Reading {
  readonly subjects: readonly LockSubject[];
  /** Licence texts to be kept as evidence. */
  readonly texts: readonly Uint8Array[];
  /** Why nothing could be read, when the reason may pass (network, rate limit): older evidence is then kept. */
  readonly transient: string | null;
}

/** Something that a service said, which ends the reading of a repository. */
export class CannotRead extends Error {
  constructor(
    readonly http: number | null,
    message: string,
    readonly transient: boolean,
    readonly known: Partial<Pick<LockSubject, 'gated' | 'private' | 'disabled'>> = {},
  ) {
    super(message);
    this.name = 'CannotRead';
  }
}

/** Runs a reader and turns every way of failing into unavailable subjects. Interruptions and defects go through. */
export async function reading(ids: readonly string[], source: string, now: string, read: () => Promise<Reading>): Promise<Reading> {
  try {
    return await read();
  } catch (error) {
    const failed = error instanceof TransportError ? fromTransport(error) : error;
    if (!(failed instanceof CannotRead)) throw error;
    const subjects = ids.map((id) => unavailable(id, source, now, failed.http, failed.message, failed.known));
    return { subjects, texts: [], transient: failed.transient ? failed.message : null };
  }
}

function fromTransport(error: TransportError): CannotRead {
  return new CannotRead(null, `${error.failure}: ${error.message}`, error.failure !== 'refused');
}

/** A subject of which nothing could be read, with the reason. */
export function unavailable(
  id: string,
  source: string,
  now: string,
  http: number | null,
  reason: string,
  known: CannotRead['known'] = {},
): LockSubject {
  return {
    id,
    source,
    requested: id,
    resolved: null,
    revision: null,
    publishers: [],
    retrieved: now,
    retrieval: { status: 'unavailable', http, reason },
    addressing: 'live',
    gated: null,
    private: null,
    disabled: null,
    ...known,
    presence: { present: null, because: reason },
    claims: [],
    files: [],
  };
}

/** Statuses that say nothing of the thing itself. */
export function isTransientStatus(answer: HttpAnswer): boolean {
  return (
    answer.status === 429 ||
    answer.status === 408 ||
    answer.status >= 500 ||
    (answer.status === 403 && answer.headers['x-ratelimit-remaining'] === '0')
  );
}

/** Parses a JSON answer; what is not JSON is the service's fault and may pass. */
export function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(Buffer.from(answer.body).toString('utf8'));
  } catch {
    throw new CannotRead(answer.status, `${answer.url} did not answer with JSON`, true);
  }
}

/** A licence file as a claim: what its text is, not what somebody says it is. */
export function textClaim(bytes: Uint8Array, source: string, now: string): Claim {
  const { state, licence, because } = verifyLicenceText(bytes);
  const says = licence ?? UNRECOGNISED;
  return { channel: 'file', says, source, retrieved: now, sha256: sha256Hex(bytes), ...(state === 'verified' ? {} : { note: because }) };
}

/** Never on an allow-list: the judgement of the kept text says what is wrong with it. */
const UNRECOGNISED = 'LicenseRef-unrecognised-text';

/** Files that hold the terms of a repository, at its top. */
export const LICENCE_FILE = /^(?:licen[cs]e|copying|unlicense)(?:[-._][\w.-]*)?$/i;
/** Largest licence or card that is read, in bytes. */
export const MAX_TEXT_BYTES = 2 ** 20;
