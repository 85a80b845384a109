import { parseCidr } from '../core/cidr';
import { COST_TAG_KEYS } from './tags';

/** Forms of settings: each reads a text and gives back its value, or undefined when it has another form. */
export type Form<T> = (text: string) => T | undefined;

/** VPC sizes that leave each of up to six subnets at least 254 addresses. */
const VPC_PREFIX_BITS = { least: 16, most: 20 };

export function matching(pattern: RegExp): Form<string> {
  return (text) => (pattern.test(text) ? text : undefined);
}

export function oneOf<T extends string>(words: readonly T[]): Form<T> {
  return (text) => words.find((word) => word === text);
}

export function listOf(parse: Form<string>): Form<readonly string[]> {
  return (text) => {
    const items = text.split(',').map((item) => parse(item.trim()));
    return items.every((item) => item !== undefined) ? (items as string[]) : undefined;
  };
}

/** An IPv4 network; AWS takes no address inside one for it, such as 10.0.0.1/16. */
export function cidr(text: string): string | undefined {
  return parseCidr(text) ? text : undefined;
}

export function vpcCidr(text: string): string | undefined {
  const network = parseCidr(text);
  return network && network.bits >= VPC_PREFIX_BITS.least && network.bits <= VPC_PREFIX_BITS.most ? text : undefined;
}

/** A plain address; AWS sends it a message to confirm. */
export function email(text: string): string | undefined {
  return /^[^\s@,;<>"]+@[^\s@,;<>"]+\.[^\s@,;<>"]+$/.test(text) ? text : undefined;
}

const TAG_KEY = /^(?!aws:)[\p{L}\p{N} +\-._:/@]{1,128}$/iu;
const TAG_VALUE = /^[\p{L}\p{N} +\-._:/@]{0,256}$/u;
/** Besides the provider's own seven; AWS allows 50 tags on a resource, and some are needed by services. */
const MOST_TAGS = 20;

/** Reads "Team=puppets,Stage=blue". A key of the kit's cost tags is refused: it would hide them. */
export function tagList(text: string): Readonly<Record<string, string>> | undefined {
  const pairs = text.split(',').map((pair) => pair.split('='));
  const tags = pairs.map(([key = '', value, ...rest]): [string, string | undefined] => [
    key.trim(),
    rest.length > 0 ? undefined : value?.trim(),
  ]);
  const right = tags.every(
    ([key, value]) => TAG_KEY.test(key) && value !== undefined && TAG_VALUE.test(value) && !RESERVED_KEYS.has(key.toLowerCase()),
  );
  const keys = new Set(tags.map(([key]) => key.toLowerCase()));
  return right && keys.size === tags.length && tags.length <= MOST_TAGS ? (Object.fromEntries(tags) as Record<string, string>) : undefined;
}

const RESERVED_KEYS = new Set([...COST_TAG_KEYS, 'Name'].map((key) => key.toLowerCase()));
