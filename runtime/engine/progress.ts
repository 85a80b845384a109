/** One step of long work, for a line on the terminal. */
export interface Progress {
  /** What is being done, e.g. "building llama-server". */
  readonly what: string;
  /** Part of it that is done, 0 to 1; absent when nobody knows. */
  readonly fraction?: number;
}
export type OnProgress = (progress: Progress) => void;

/**
 * Part of a build that is done, from the output of ninja (`[12/456]`) or make (`[ 12%]`); undefined when a piece holds neither.
 */
export function buildFraction(piece: string): number | undefined {
  const ninja = [...piece.matchAll(/\[(\d+)\/(\d+)\]/g)].at(-1);
  if (ninja) return Number(ninja[1]) / Math.max(1, Number(ninja[2]));
  const make = [...piece.matchAll(/^\[\s*(\d+)%\]/gm)].at(-1);
  return make ? Number(make[1]) / 100 : undefined;
}
