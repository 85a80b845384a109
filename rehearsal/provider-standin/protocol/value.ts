import { decode, ExtData, encode } from '@msgpack/msgpack';

/** Stands in a value for what is known only after apply. */
export const UNKNOWN = Symbol('unknown');
/** A value of Terraform: sets and tuples are arrays, maps and objects are records. */
export type Value = null | boolean | number | string | typeof UNKNOWN | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [name: string]: Value;
}

/** Extension types of unknown values: 0 is plain, 12 carries refinements. Source: zclconf/go-cty, docs, MessagePack. */
const UNKNOWN_TYPE = 0;
const UNKNOWN_EXTENSION = new ExtData(UNKNOWN_TYPE, new Uint8Array([0]));

/** Reads what Terraform sends; refinements of unknown values are dropped. */
export function decodeValue(bytes: Uint8Array | undefined): Value {
  return bytes === undefined || bytes.length === 0 ? null : toValue(decode(bytes));
}

export function encodeValue(value: Value): Uint8Array {
  return encode(fromValue(value));
}

/** Whether a value holds nothing unknown, however deep. */
export function isKnown(value: Value): boolean {
  if (value === UNKNOWN) return false;
  if (Array.isArray(value)) return value.every(isKnown);
  return !isMap(value) || Object.values(value).every(isKnown);
}

export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Equality by content; lists by order. */
export function sameValue(one: Value, other: Value): boolean {
  if (one === other) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, index) => sameValue(item, other[index] as Value));
  }
  if (!isMap(one) || !isMap(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length && keys.every((key) => key in other && sameValue(one[key] as Value, other[key] as Value))
  );
}

function toValue(raw: unknown): Value {
  if (raw instanceof ExtData) return UNKNOWN;
  if (Array.isArray(raw)) return raw.map(toValue);
  if (typeof raw === 'bigint') return Number(raw);
  if (typeof raw === 'object' && raw !== null) return Object.fromEntries(Object.entries(raw).map(([key, item]) => [key, toValue(item)]));
  return raw as Value;
}

function fromValue(value: Value): unknown {
  if (value === UNKNOWN) return UNKNOWN_EXTENSION;
  if (Array.isArray(value)) return value.map(fromValue);
  if (isMap(value)) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromValue(item)]));
  return value;
}
