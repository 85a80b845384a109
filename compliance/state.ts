import { z } from 'zod';
import { ExitCode } from '../core/error';

/**
 * The five states of a judgement. Never a boolean: what is not known is not allowed, and not denied either.
 *
 * - `allowed`: every rule holds, or its breach is waived
 * - `denied`: known to break the policy
 * - `conflict`: two pieces of evidence contradict each other
 * - `unknown`: there is evidence, but it does not say
 * - `unavailable`: the evidence or the artifact could not be had
 */
export const STATES = ['allowed', 'unavailable', 'unknown', 'conflict', 'denied'] as const;
export const StateSchema = z.enum(STATES);
export type State = (typeof STATES)[number];

/** The worst of several states, in the order allowed < unavailable < unknown < conflict < denied. An empty list is `unknown`: nothing checked is not a pass. */
export function worstState(states: readonly State[]): State {
  if (states.length === 0) return 'unknown';
  return states.reduce((worst, state) => (STATES.indexOf(state) > STATES.indexOf(worst) ? state : worst));
}

/** 0 allowed, 1 denied, 2 anything that is not known to hold. */
export function exitCodeOf(state: State): ExitCode {
  if (state === 'allowed') return ExitCode.pass;
  return state === 'denied' ? ExitCode.violations : ExitCode.unknown;
}
