import { isIPv4 } from 'node:net';

/** An IPv4 network as first and last address. */
export interface Network {
  readonly first: number;
  readonly last: number;
  readonly bits: number;
}

const OCTET = 256;
const ADDRESS_BITS = 32;

/** Reads a network such as 10.0.0.0/16; undefined when it is none, or when bits behind the prefix are set. */
export function parseCidr(text: string): Network | undefined {
  const [, address = '', prefix = ''] = /^([\d.]+)\/(\d|[1-9]\d)$/.exec(text) ?? [];
  const bits = Number(prefix);
  if (!isIPv4(address) || bits > ADDRESS_BITS) return undefined;
  const first = address.split('.').reduce((sum, octet) => sum * OCTET + Number(octet), 0);
  const size = 2 ** (ADDRESS_BITS - bits);
  return first % size === 0 ? { first, last: first + size - 1, bits } : undefined;
}

export function contains(outer: Network, inner: Network): boolean {
  return outer.first <= inner.first && inner.last <= outer.last;
}

export function overlaps(one: Network, other: Network): boolean {
  return one.first <= other.last && other.first <= one.last;
}
