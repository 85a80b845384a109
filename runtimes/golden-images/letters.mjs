// Block letters on a grid of 5 x 7, as strokes between grid points, for the few words that the pictures carry.
import { at, line } from './raster.mjs';

const STROKES = {
  A: [at('0,6 0,2 2,0 4,2 4,6'), at('0,4 4,4')],
  C: [at('4,1 3,0 1,0 0,1 0,5 1,6 3,6 4,5')],
  E: [at('4,0 0,0 0,6 4,6'), at('0,3 3,3')],
  H: [at('0,0 0,6'), at('4,0 4,6'), at('0,3 4,3')],
  O: [at('1,0 3,0 4,1 4,5 3,6 1,6 0,5 0,1 1,0')],
  P: [at('0,6 0,0 3,0 4,1 4,2 3,3 0,3')],
  S: [at('4,1 3,0 1,0 0,1 0,2 1,3 3,3 4,4 4,5 3,6 1,6 0,5')],
  T: [at('0,0 4,0'), at('2,0 2,6')],
  U: [at('0,0 0,5 1,6 3,6 4,5 4,0')],
  W: [at('0,0 1,6 2,3 3,6 4,0')],
  2: [at('0,1 1,0 3,0 4,1 4,2 0,6 4,6')],
  ' ': [],
};
const GRID_WIDTH = 4;
const GRID_HEIGHT = 6;
/** Space between letters, in grid units. */
const GAP = 2.2;

/** Writes a word centred on (cx, cy), `height` pixels tall. */
export function word(target, text, cx, cy, height, colour, thickness = height / 7) {
  const unit = height / GRID_HEIGHT;
  const width = (text.length * (GRID_WIDTH + GAP) - GAP) * unit;
  [...text].forEach((letter, index) => {
    const strokes = STROKES[letter];
    if (!strokes) throw new Error(`no strokes for ${letter}`);
    const left = cx - width / 2 + index * (GRID_WIDTH + GAP) * unit;
    const top = cy - height / 2;
    for (const stroke of strokes) {
      line(
        target,
        stroke.map(([x, y]) => [left + x * unit, top + y * unit]),
        thickness,
        colour,
      );
    }
  });
}
