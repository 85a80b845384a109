import type { OnProgress } from '../runtime/engine/progress';

/** Writes a line for every tenth of a build that takes minutes, so that nobody thinks that the tests hang. */
export function progressLines(): OnProgress {
  let said = '';
  return ({ what, fraction }) => {
    const line = fraction === undefined ? what : `${what}: ${Math.floor(fraction * 10) * 10} %`;
    if (line !== said) console.log(line);
    said = line;
  };
}
