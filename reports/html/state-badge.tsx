import type { State } from '../../compliance/state';

/** What may stand in a badge: the five states, and plain remarks that judge nothing. */
export type BadgeTone = State | 'plain';

/** A state as sign, word and colour: the colour is never the only carrier. */
export function StateBadge(props: { tone: BadgeTone; children?: string }) {
  return (
    <span class={`state is-${props.tone}`}>
      <StateSign tone={props.tone} />
      {props.children ?? props.tone}
    </span>
  );
}

/** The sign of a state; drawn, since not every font has such letters. */
export function StateSign(props: { tone: BadgeTone }) {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={SIGNS[props.tone]} fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}

const SIGNS: Readonly<Record<BadgeTone, string>> = {
  allowed: 'M3 8.5l3.5 3.5L13 4.5',
  denied: 'M4 4l8 8M12 4l-8 8',
  unknown: 'M5 5.8a3 3 0 1 1 4.6 2.5C8.5 9 8 9.5 8 10.3M8 13.4v.1',
  conflict: 'M3 6h10M3 10h10M10.5 3l-5 10',
  unavailable: 'M8 2.5a5.5 5.5 0 1 1 0 11a5.5 5.5 0 1 1 0-11M4.2 11.8l7.6-7.6',
  plain: 'M4 8h8',
};
