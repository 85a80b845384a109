/** A point of a chart that would like its name beside it. Coordinates are those of the drawing. */
export interface LabelWish {
  readonly x: number;
  readonly y: number;
  readonly text: string;
}
export interface PlacedLabel {
  readonly x: number;
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
}
export interface Bounds {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Advance of a letter at 12px, a little over what system fonts need. */
const CHARACTER_WIDTH = 6.9;
const LINE_HEIGHT = 15;
/** Room that a point and its ring take. */
const POINT_RADIUS = 8;

/**
 * Greedy placement of names beside points, in the order given (the important ones first).
 * A name that would cover a point, another name or the edge is left out (null), never drawn over something.
 */
export function placeLabels(wishes: readonly LabelWish[], bounds: Bounds): readonly (PlacedLabel | null)[] {
  const points = wishes.map(({ x, y }) => ({
    left: x - POINT_RADIUS,
    right: x + POINT_RADIUS,
    top: y - POINT_RADIUS,
    bottom: y + POINT_RADIUS,
  }));
  const taken: Bounds[] = [];
  return wishes.map((wish, index) => {
    const others = points.filter((_, other) => other !== index);
    for (const place of SPOTS) {
      const box = boxOf(wish, place);
      if (!inside(box, bounds) || [...others, ...taken].some((other) => overlap(box, other))) continue;
      taken.push(box);
      return { x: wish.x + place.dx, y: wish.y + place.dy, anchor: place.anchor };
    }
    return null;
  });
}

/** The box of a name at a spot; `dy` is the base line. */
export function boxOf(wish: LabelWish, place: { dx: number; dy: number; anchor: PlacedLabel['anchor'] }): Bounds {
  const width = wish.text.length * CHARACTER_WIDTH;
  const x = wish.x + place.dx;
  const left = place.anchor === 'start' ? x : place.anchor === 'end' ? x - width : x - width / 2;
  const bottom = wish.y + place.dy + 4;
  return { left, right: left + width, top: bottom - LINE_HEIGHT, bottom };
}

/** Above and below come first: to the sides runs the line of the range. */
const SPOTS = [
  { dx: 9, dy: -9, anchor: 'start' },
  { dx: -9, dy: -9, anchor: 'end' },
  { dx: 9, dy: 18, anchor: 'start' },
  { dx: -9, dy: 18, anchor: 'end' },
  { dx: 0, dy: -14, anchor: 'middle' },
  { dx: 0, dy: 24, anchor: 'middle' },
  { dx: 13, dy: 4, anchor: 'start' },
  { dx: -13, dy: 4, anchor: 'end' },
] as const;

function inside(box: Bounds, bounds: Bounds): boolean {
  return box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom;
}

function overlap(a: Bounds, b: Bounds): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}
