// A small rasteriser: filled shapes on an RGB canvas, smoothed by drawing at several times the size. No dependency, no randomness.

/** Samples per side of a pixel. */
const SAMPLES = 3;

/** A canvas of width x height pixels, filled with one colour. */
export function canvas(width, height, colour) {
  const [w, h] = [width * SAMPLES, height * SAMPLES];
  const samples = new Uint8Array(w * h * 3);
  const [r, g, b] = rgb(colour);
  for (let i = 0; i < samples.length; i += 3) samples.set([r, g, b], i);
  return { width, height, w, h, samples };
}

/** Fills where `inside(x, y)` is true, within a box in pixels. */
export function fill(target, [left, top, right, bottom], colour, inside) {
  const [r, g, b] = rgb(colour);
  const from = (value, most) => Math.max(0, Math.min(most, value));
  const [x0, x1] = [from(Math.floor(left * SAMPLES), target.w), from(Math.ceil(right * SAMPLES), target.w)];
  const [y0, y1] = [from(Math.floor(top * SAMPLES), target.h), from(Math.ceil(bottom * SAMPLES), target.h)];
  for (let y = y0; y < y1; y += 1) {
    for (let x = x0; x < x1; x += 1) {
      if (inside((x + 0.5) / SAMPLES, (y + 0.5) / SAMPLES)) target.samples.set([r, g, b], (y * target.w + x) * 3);
    }
  }
}

/** Points from a text such as "220,240 180,120", as SVG writes them. */
export const at = (text) => text.split(' ').map((point) => point.split(',').map(Number));

export function rectangle(target, left, top, right, bottom, colour) {
  fill(target, [left, top, right, bottom], colour, (x, y) => x >= left && x < right && y >= top && y < bottom);
}

export function ellipse(target, cx, cy, rx, ry, colour, turn = 0) {
  const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
  const reach = Math.max(rx, ry);
  fill(target, [cx - reach, cy - reach, cx + reach, cy + reach], colour, (x, y) => {
    const [dx, dy] = [x - cx, y - cy];
    return ((dx * cos + dy * sin) / rx) ** 2 + ((dy * cos - dx * sin) / ry) ** 2 <= 1;
  });
}

export const disc = (target, cx, cy, r, colour) => ellipse(target, cx, cy, r, r, colour);

/** A polygon of [x, y] points, filled by the even-odd rule. */
export function polygon(target, points, colour) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  fill(target, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)], colour, (x, y) => {
    let inside = false;
    for (let i = 0, j = points.length - 1; i < points.length; j = i, i += 1) {
      const [[xi, yi], [xj, yj]] = [points[i], points[j]];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  });
}

/** A line of the given thickness with round ends, through all points. */
export function line(target, points, thickness, colour) {
  const r = thickness / 2;
  for (let i = 1; i < points.length; i += 1) {
    const [[ax, ay], [bx, by]] = [points[i - 1], points[i]];
    const [dx, dy] = [bx - ax, by - ay];
    const length2 = dx * dx + dy * dy || 1;
    const box = [Math.min(ax, bx) - r, Math.min(ay, by) - r, Math.max(ax, bx) + r, Math.max(ay, by) + r];
    fill(target, box, colour, (x, y) => {
      const t = Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length2));
      return (x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2 <= r * r;
    });
  }
}

/** RGB bytes of the canvas, each pixel the mean of its samples. */
export function pixels({ width, height, w, samples }) {
  const out = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (let c = 0; c < 3; c += 1) {
        let sum = 0;
        for (let sy = 0; sy < SAMPLES; sy += 1) {
          for (let sx = 0; sx < SAMPLES; sx += 1) sum += samples[((y * SAMPLES + sy) * w + x * SAMPLES + sx) * 3 + c];
        }
        out[(y * width + x) * 3 + c] = Math.round(sum / SAMPLES ** 2);
      }
    }
  }
  return out;
}

function rgb(colour) {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}
