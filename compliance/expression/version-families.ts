/**
 * Licences whose text itself lets the reader take a later version, oldest first. Only these have a "later".
 * AGPL-1.0 (Affero Inc.) and AGPL-3.0 (FSF) are of different stewards and are not one family.
 */
const FAMILIES: readonly (readonly string[])[] = [
  ['GPL-1.0', 'GPL-2.0', 'GPL-3.0'],
  ['LGPL-2.0', 'LGPL-2.1', 'LGPL-3.0'],
  ['GFDL-1.1', 'GFDL-1.2', 'GFDL-1.3'],
  ['Apache-1.0', 'Apache-1.1', 'Apache-2.0'],
  ['MPL-1.0', 'MPL-1.1', 'MPL-2.0'],
  ['EPL-1.0', 'EPL-2.0'],
  ['EUPL-1.0', 'EUPL-1.1', 'EUPL-1.2'],
  ['CDDL-1.0', 'CDDL-1.1'],
  ['OSL-1.0', 'OSL-1.1', 'OSL-2.0', 'OSL-2.1', 'OSL-3.0'],
  ['AFL-1.1', 'AFL-1.2', 'AFL-2.0', 'AFL-2.1', 'AFL-3.0'],
];

const PLACE: ReadonlyMap<string, readonly [family: number, version: number]> = new Map(
  FAMILIES.flatMap((family, index) => family.map((id, version) => [id, [index, version]] as const)),
);

/** Whether `candidate` is the same licence as `start`, or a later version of it. Both without `-only`, `-or-later`, `+`. */
export function isSameOrLater(start: string, candidate: string): boolean {
  if (start === candidate) return true;
  const from = PLACE.get(start);
  const to = PLACE.get(candidate);
  return from !== undefined && to !== undefined && from[0] === to[0] && to[1] >= from[1];
}

/** Id without `-only` and `-or-later`. */
export function bareId(id: string): string {
  return id.replace(/-(only|or-later)$/, '');
}
