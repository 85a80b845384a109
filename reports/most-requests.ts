import type { Performance } from '../planning/plan';
import { figureLine, formatAmount } from './format';

/** Why one replica answers no more requests a second, where a faster card would not help; undefined where it would. */
export function boundNote({ boundBy }: Performance): string | undefined {
  return boundBy === 'image-preparation'
    ? "bound by the server's processor, which prepares one image after the other: replicas help, a faster card does not"
    : undefined;
}

/** Requests per second that one replica answers at most, with what bounds them. */
export function mostRequests(performance: Performance): string {
  const note = boundNote(performance);
  return `${figureLine(performance.requestsPerSecondPerReplica, formatAmount)}${note ? `; ${note}` : ''}`;
}
