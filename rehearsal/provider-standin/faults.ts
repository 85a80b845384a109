import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from './cloud';

/**
 * Something that goes wrong at the n-th create (from 1, over all deploys of this cloud), once.
 * fail: the service refuses, nothing is made. time-out: it is made, and never reported ready. crash: the provider ends before it is made.
 */
export interface Fault {
  readonly nth: number;
  readonly kind: 'fail' | 'time-out' | 'crash';
}

/** Time for answers that are under way to reach Terraform, as they would in a crash between two calls. */
const BEFORE_CRASH_MS = 100;
const CRASH_EXIT_CODE = 70;
let crashing = false;

/** Counts an attempted create and says what goes wrong with it; does not come back from a crash. */
export async function nextFault(cloud: Cloud, faults: readonly Fault[], type: string, id: string): Promise<Fault['kind'] | undefined> {
  if (faults.length === 0) return undefined;
  // a call that comes in while the provider goes down is never answered, and makes nothing
  if (crashing) return new Promise(() => undefined);
  cloud.note('attempt', type, id);
  const nth = cloud.count('attempt');
  const fault = faults.find((candidate) => candidate.nth === nth);
  if (fault?.kind !== 'crash') return fault?.kind;
  crashing = true;
  await sleep(BEFORE_CRASH_MS);
  process.exit(CRASH_EXIT_CODE);
}
