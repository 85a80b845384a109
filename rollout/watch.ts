import { setTimeout as sleep } from 'node:timers/promises';
import type { Rollout } from './schema';

export interface WatchOptions {
  /** Looks at the cluster and compares; waits so many seconds for a rollout that is under way. */
  readonly look: (timeoutSeconds: number) => Promise<Rollout>;
  /** Seconds between two looks. */
  readonly everySeconds: number;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** Looks that may fail in a row, as while an API server is replaced, before nobody can say that nothing drifts. */
const UNANSWERED = 5;
/** An update or a pod that is replaced is no drift; it gets as long as that to be over. */
const SETTLING_SECONDS = 300;

/**
 * Looks again and again until what runs is no longer in the state of the first look. A rollout under way is waited for, and an API server that
 * does not answer is asked again.
 * @param first  a rollout that is proved, or unknown for a reason that stays
 * @returns the first look that differs
 * @throws what the API said when it did not answer several times in a row; the signal's reason on abort
 */
export async function watchRollout(first: Rollout, options: WatchOptions): Promise<Rollout> {
  let unanswered = 0;
  for (;;) {
    await sleep(options.everySeconds * 1000, undefined, { signal: options.signal });
    try {
      const rollout = await options.look(SETTLING_SECONDS);
      if (rollout.state !== first.state) return rollout;
      unanswered = 0;
      options.onProgress(`${rollout.at} ${rollout.summary}; looking again in ${options.everySeconds} s`);
    } catch (error) {
      options.signal.throwIfAborted();
      unanswered += 1;
      if (unanswered >= UNANSWERED) throw error;
      options.onProgress(`the cluster does not answer (${error instanceof Error ? error.message : String(error)}); asking again`);
    }
  }
}
