import { canonicalJson, sha256Hex } from '../../../core/canonical-json';
import type { ChangeRules } from '../change';
import { isMap, UNKNOWN, type Value, type ValueMap } from '../protocol/value';
import table from './objects.json';

/** One row of objects.json. */
interface ObjectRule {
  readonly id: string;
  readonly arn?: string;
  /** Attributes that are filled in, by path without indexes. */
  readonly set?: Readonly<Record<string, Value>>;
  readonly forceNew?: readonly string[];
  readonly onUpdate?: readonly string[];
  /** Attributes that together may exist once. */
  readonly unique?: readonly string[];
  /** What an attribute refers to: type.key by path. */
  readonly references?: Readonly<Record<string, string>>;
}

const TYPES = table.types as unknown as Readonly<Record<string, ObjectRule>>;
/** For a type that nobody described: an id, nothing else. */
const UNDESCRIBED: ObjectRule = { id: '{hex17}' };

export function ruleOf(type: string): ObjectRule {
  return TYPES[type] ?? UNDESCRIBED;
}

/** Whether objects.json describes a type. */
export function isDescribed(type: string): boolean {
  return type in TYPES;
}

export function changeRulesOf(type: string): ChangeRules {
  const { forceNew = [], onUpdate = [] } = ruleOf(type);
  return { forceNew, onUpdate };
}

export interface Place {
  readonly account: string;
  readonly region: string;
}

/**
 * Id and computed attributes of a new object, from its content alone: the same configuration gets the same ids in every rehearsal.
 * @param taken  whether an id is in use; then the next one is taken
 */
export function identify(type: string, planned: ValueMap, place: Place, taken: (id: string) => boolean): Readonly<Record<string, Value>> {
  const rule = ruleOf(type);
  for (let copy = 0; ; copy++) {
    const words = { ...place, ...hashes(sha256Hex(canonicalJson({ type, copy, planned: knownPart(planned) }))), host: hostOf(planned.url) };
    const id = fillTemplate(rule.id, { planned, words });
    // an id that is a name says itself that it is taken; one that is a hash gets another
    if (rule.unique === undefined && taken(id)) continue;
    const all = { planned, words: { ...words, id } };
    const set = Object.entries(rule.set ?? {}).map(([path, value]): [string, Value] => [path, fillDeep(value, all)]);
    return { region: place.region, ...(rule.arn ? { arn: fillTemplate(rule.arn, all) } : {}), ...Object.fromEntries(set), id };
  }
}

interface Source {
  readonly planned: ValueMap;
  readonly words: Readonly<Record<string, string>>;
}

const HEX = 17;

function hashes(seed: string): Record<string, string> {
  return {
    hex17: seed.slice(0, HEX),
    HEX17: seed.slice(0, HEX).toUpperCase(),
    uuid: `${seed.slice(0, 8)}-${seed.slice(8, 12)}-4${seed.slice(13, 16)}-8${seed.slice(17, 20)}-${seed.slice(20, 32)}`,
    octet: String(1 + (Number.parseInt(seed.slice(0, 4), 16) % 254)),
  };
}

function fillDeep(value: Value, source: Source): Value {
  if (typeof value === 'string') return fillTemplate(value, source);
  if (Array.isArray(value)) return value.map((item) => fillDeep(item, source));
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillDeep(item, source)])) : value;
}

function fillTemplate(template: string, { planned, words }: Source): string {
  return template.replace(/\{\{|\}\}|\{([\w.]+)\}/g, (whole, name?: string) => {
    if (name === undefined) return whole.charAt(0);
    const value = words[name] ?? valuesAt(planned, name)[0];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  });
}

/** All values that a path without indexes reaches. */
export function valuesAt(value: Value, path: string): Value[] {
  const [head = '', ...rest] = path.split('.');
  if (Array.isArray(value)) return value.flatMap((item) => valuesAt(item, path));
  if (!isMap(value) || value[head] === undefined || value[head] === null) return [];
  if (rest.length > 0) return valuesAt(value[head], rest.join('.'));
  const found = value[head];
  return Array.isArray(found) ? [...found] : [found];
}

function knownPart(value: Value): Value {
  if (value === UNKNOWN) return null;
  if (Array.isArray(value)) return value.map(knownPart);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, knownPart(item)])) : value;
}

function hostOf(url: Value | undefined): string {
  return typeof url === 'string' ? url.replace(/^https?:\/\//, '') : '';
}
