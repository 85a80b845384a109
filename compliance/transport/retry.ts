import { type HttpAnswer, type Transport, TransportError } from './http';

/** The world that waiting needs; tests pass their own. */
export interface RetryClock {
  readonly now: () => Date;
  /** Resolves after so many milliseconds; rejects when the run is interrupted. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Told before every wait, so that a long one is not taken for a hang. */
  readonly onWait?: (ms: number, why: string) => void;
}

const ATTEMPTS = 4;
const FIRST_WAIT_MS = 1_000;
/** A rate limit that lasts longer is reported instead of waited for; the Hub's windows are 5 minutes. */
const LONGEST_WAIT_MS = 330_000;
const TRANSIENT_STATUS: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);
const TRANSIENT_FAILURE: ReadonlySet<string> = new Set(['network', 'timeout', 'truncated']);

/** Repeats what may go better the second time, with growing pauses, and waits as long as a rate limit says. */
export function withRetries(transport: Transport, clock: RetryClock): Transport {
  // A host that could not be reached after all attempts gets one more chance per request, not four: a run without network ends soon.
  const unreachable = new Set<string>();
  return async (request) => {
    const { host } = new URL(request.url);
    for (let attempt = unreachable.has(host) ? ATTEMPTS : 1; ; attempt += 1) {
      const pause = FIRST_WAIT_MS * 2 ** (attempt - 1);
      try {
        const answer = await transport(request);
        const limited = rateLimitMs(answer, clock.now());
        if (attempt >= ATTEMPTS || (limited === undefined && !TRANSIENT_STATUS.has(answer.status))) return answer;
        const wait = limited ?? pause;
        if (wait > LONGEST_WAIT_MS) return answer;
        clock.onWait?.(wait, `${host} answered ${answer.status}`);
        await clock.sleep(wait);
      } catch (error) {
        if (!(error instanceof TransportError) || !TRANSIENT_FAILURE.has(error.failure) || attempt >= ATTEMPTS) {
          if (error instanceof TransportError && error.failure === 'network') unreachable.add(host);
          throw error;
        }
        clock.onWait?.(pause, error.message);
        await clock.sleep(pause);
      }
    }
  };
}

const SECOND_MS = 1_000;

/**
 * Milliseconds that a rate limit asks to wait, one second added; undefined when the answer is none.
 * Sources: Hub rate limits (`RateLimit: "api";r=0;t=12`), RFC 9110 Retry-After, GitHub `x-ratelimit-remaining` and `-reset` (epoch seconds).
 */
export function rateLimitMs(answer: Pick<HttpAnswer, 'status' | 'headers'>, now: Date): number | undefined {
  const { headers } = answer;
  const spent = answer.status === 403 && headers['x-ratelimit-remaining'] === '0';
  if (answer.status !== 429 && !spent) return undefined;
  const retryAfter = headers['retry-after'];
  const window = /;\s*t=(\d+)/.exec(headers.ratelimit ?? '')?.[1];
  const reset = headers['x-ratelimit-reset'];
  if (window !== undefined) return (Number(window) + 1) * SECOND_MS;
  if (retryAfter !== undefined && /^\d+$/.test(retryAfter)) return (Number(retryAfter) + 1) * SECOND_MS;
  if (retryAfter !== undefined && !Number.isNaN(Date.parse(retryAfter)))
    return Math.max(0, Date.parse(retryAfter) - now.getTime()) + SECOND_MS;
  if (reset !== undefined && /^\d+$/.test(reset)) return Math.max(0, Number(reset) * SECOND_MS - now.getTime()) + SECOND_MS;
  return undefined;
}
