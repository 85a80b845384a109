import { KitError } from '../core/error';
import { oneLine } from './gate/hcl-text';

/** A place in the JSON of a stack at which a token of CDKTF stands that nothing will resolve. */
export interface LeakedToken {
  /** e.g. resource.aws_vpc.vpc.tags.Name */
  readonly path: string;
  readonly text: string;
}

/**
 * Finds what is left of CDKTF's tokens in what a stack is synthesised to, in values and in keys. A reference such as `vpc.id` is a token until the
 * synth: a string (`${TfToken[TOKEN.5]}`), a number (-8.1e+298), a list or a map. Whoever cuts, converts or computes with one destroys it, and
 * CDKTF writes the remains without an error.
 * Source of the forms: cdktf 0.21, lib/tokens/private/encoding.
 */
export function leakedTokens(value: unknown, path = ''): LeakedToken[] {
  if (typeof value === 'string') return isTokenText(value) ? [{ path, text: value }] : [];
  if (typeof value === 'number') return isTokenNumber(value) ? [{ path, text: String(value) }] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const its = path === '' ? key : `${path}.${key}`;
    return isTokenText(key) ? [{ path: path || 'the stack', text: key }] : leakedTokens(inner, its);
  });
}

/** @throws KitError E_STACK_TOKEN when a stack holds a token, before anything of the stack is written */
export function refuseTokens(stack: string, json: unknown): void {
  const leaked = leakedTokens(json);
  if (leaked.length === 0) return;
  throw new KitError(
    leaked.slice(0, SHOWN).map(({ path, text }) => ({
      code: 'E_STACK_TOKEN',
      message: `${path} of stack ${stack} would hold ${JSON.stringify(oneLine(text, TEXT_CHARACTERS))}, a token of CDKTF that was changed before it was resolved.`,
      allowed: 'references as they are, and the functions of `Fn` on them; no string or number operation.',
      next: 'correct the construct that sets it, see `npx ovkit explain E_STACK_TOKEN`.',
    })),
  );
}

const SHOWN = 5;
const TEXT_CHARACTERS = 80;

/**
 * A whole token in any case, or a part of one that was cut; a number token in digits or with an exponent. Not what `hclText` has made of a text
 * that somebody wrote to look like one.
 */
const TOKEN_TEXTS = [/TfToken\[|\[TOKEN\.\d+\]/i, /(?:(?<!\$)\$|[#&])\{(?:Tf|TF|tft)(?!Token\()/, /\d(?:\.\d+)?e\+2\d\d/i, /\d{200}/];
/** No quantity of a stack is as large; what was computed with a token still is, or is no number any more. */
const LARGEST_NUMBER = 1e200;

function isTokenText(text: string): boolean {
  return TOKEN_TEXTS.some((form) => form.test(text));
}

function isTokenNumber(value: number): boolean {
  return !Number.isFinite(value) || Math.abs(value) > LARGEST_NUMBER;
}
