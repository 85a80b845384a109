// Block letters on a grid of 5 x 7, as strokes between grid points, for the few words that the pictures carry.
import { line } from './raster.mjs';

const STROKES = {
  A: [
    [
      [0, 6],
      [0, 2],
      [2, 0],
      [4, 2],
      [4, 6],
    ],
    [
      [0, 4],
      [4, 4],
    ],
  ],
  C: [
    [
      [4, 1],
      [3, 0],
      [1, 0],
      [0, 1],
      [0, 5],
      [1, 6],
      [3, 6],
      [4, 5],
    ],
  ],
  E: [
    [
      [4, 0],
      [0, 0],
      [0, 6],
      [4, 6],
    ],
    [
      [0, 3],
      [3, 3],
    ],
  ],
  H: [
    [
      [0, 0],
      [0, 6],
    ],
    [
      [4, 0],
      [4, 6],
    ],
    [
      [0, 3],
      [4, 3],
    ],
  ],
  O: [
    [
      [1, 0],
      [3, 0],
      [4, 1],
      [4, 5],
      [3, 6],
      [1, 6],
      [0, 5],
      [0, 1],
      [1, 0],
    ],
  ],
  P: [
    [
      [0, 6],
      [0, 0],
      [3, 0],
      [4, 1],
      [4, 2],
      [3, 3],
      [0, 3],
    ],
  ],
  S: [
    [
      [4, 1],
      [3, 0],
      [1, 0],
      [0, 1],
      [0, 2],
      [1, 3],
      [3, 3],
      [4, 4],
      [4, 5],
      [3, 6],
      [1, 6],
      [0, 5],
    ],
  ],
  T: [
    [
      [0, 0],
      [4, 0],
    ],
    [
      [2, 0],
      [2, 6],
    ],
  ],
  U: [
    [
      [0, 0],
      [0, 5],
      [1, 6],
      [3, 6],
      [4, 5],
      [4, 0],
    ],
  ],
  W: [
    [
      [0, 0],
      [1, 6],
      [2, 3],
      [3, 6],
      [4, 0],
    ],
  ],
  2: [
    [
      [0, 1],
      [1, 0],
      [3, 0],
      [4, 1],
      [4, 2],
      [0, 6],
      [4, 6],
    ],
  ],
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
