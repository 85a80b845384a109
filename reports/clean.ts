/** Control characters, bidirectional overrides and lone surrogates: they can hide or reorder what a reader sees. */
const DECEPTIVE = /[\p{Cc}\p{Surrogate}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
const REPLACEMENT = '\ufffd';

/** A string for one line of a report: white space becomes a space, deceptive characters become visible. */
export function cleanText(text: string): string {
  return text.replace(/[\t\n\r]+/g, ' ').replace(DECEPTIVE, REPLACEMENT);
}

/** The same data with every string (keys of records too) cleaned; numbers, booleans and null as they are. */
export function cleanStrings<T>(value: T): T {
  return clean(value) as T;
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return cleanText(value);
  if (Array.isArray(value)) return value.map(clean);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [cleanText(key), clean(inner)]));
}
