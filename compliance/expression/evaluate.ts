import { isDeprecatedId, readingsOf } from './licence-ids';
import { type ExpressionNode, formatExpression, type Leaf, parseExpression } from './parse';
import { bareId, isSameOrLater } from './version-families';

/** What a policy allows and forbids to one subject. Keys are single licences in the kit's spelling (`licenceKey`). */
export interface LicenceTerms {
  readonly allowed: ReadonlySet<string>;
  /** References that are known to be unacceptable; every other reference that is not allowed is unknown. */
  readonly denied: ReadonlySet<string>;
  /**
   * Meaning of `X+` and `X-or-later`.
   * exact: only a row with the very same spelling allows it; same-or-later: a row for this or a later version allows it, since the user may choose that version.
   */
  readonly orLater: 'exact' | 'same-or-later';
}

/** Outcome of one expression: never a boolean, always with the path that decided. */
export interface ExpressionJudgement {
  readonly state: 'allowed' | 'denied' | 'unknown';
  readonly because: string;
  /** The expression in the kit's spelling, or null when it is not one. */
  readonly expression: string | null;
  /** Keys of the licences that were relied on (allowed) or that broke it (denied, unknown). */
  readonly decisive: readonly string[];
  /** The way from the whole expression to what decided, e.g. `AND, side 2 of 3`, `OR, all 2 sides`, `GPL-3.0-only`. */
  readonly path: readonly string[];
}

/** Longest text, in characters, that can be one of the words NONE, NOASSERTION and UNLICENSED with spaces around it. */
const MAX_WORD = 64;

/**
 * Judges what somebody wrote in a licence field.
 * Linear in the length of the text; never throws. Lists are ambiguous (all of them, or any?) and therefore unknown.
 */
export function judgeLicence(says: unknown, terms: LicenceTerms): ExpressionJudgement {
  if (says === undefined || says === null) return unreadable('no licence is stated');
  if (Array.isArray(says)) return unreadable('a list of licences does not say whether all or any of them apply');
  if (typeof says !== 'string') return unreadable(`a ${typeof says} is not a licence expression`);
  // Long texts are refused below without being looked at.
  const word = says.length <= MAX_WORD ? says.trim().toUpperCase() : '';
  if (word === 'UNLICENSED' || word === 'NONE') {
    return { state: 'denied', because: `${word}: the author grants no licence`, expression: null, decisive: [word], path: [word] };
  }
  if (word === 'NOASSERTION') return unreadable('NOASSERTION: nobody has stated a licence');
  const parsed = parseExpression(says);
  if (!parsed.ok) return unreadable(parsed.problem);
  return { ...evaluate(parsed.root, terms), expression: formatExpression(parsed.root) };
}

/**
 * Key of a single licence for a row of a policy.
 * @returns undefined when the text is not exactly one licence (an expression with AND or OR is refused rather than dropped)
 */
export function licenceKey(text: string): string | undefined {
  const parsed = parseExpression(text);
  return parsed.ok && parsed.root.kind === 'leaf' ? parsed.root.key : undefined;
}

/** The kit's spelling of an expression, or null. */
export function canonicalExpression(text: string): string | null {
  const parsed = parseExpression(text);
  return parsed.ok ? formatExpression(parsed.root) : null;
}

type Judgement = Omit<ExpressionJudgement, 'expression'>;

function evaluate(node: ExpressionNode, terms: LicenceTerms): Judgement {
  if (node.kind === 'leaf') return judgeLeaf(node, terms);
  const sides = node.sides.map((side) => evaluate(side, terms));
  const { state, all } = combine(node.kind, sides);
  const operator = node.kind.toUpperCase();
  if (all) {
    const because = clip(sides.map((side) => side.because).join('; '));
    return { state, because, decisive: sides.flatMap((side) => side.decisive), path: [`${operator}, all ${sides.length} sides`] };
  }
  const at = sides.findIndex((side) => side.state === state);
  const deciding = sides[at] as Judgement;
  return { ...deciding, path: [`${operator}, side ${at + 1} of ${sides.length}`, ...deciding.path] };
}

/** AND: the worst side decides; OR: the best one. `all`: the state needs every side (an AND that is allowed, an OR that is denied). */
function combine(kind: 'and' | 'or', sides: readonly Judgement[]): { readonly state: Judgement['state']; readonly all: boolean } {
  const order = kind === 'and' ? (['denied', 'unknown', 'allowed'] as const) : (['allowed', 'unknown', 'denied'] as const);
  const state = order.find((candidate) => sides.some((side) => side.state === candidate)) ?? 'unknown';
  return { state, all: state === order[2] };
}

function judgeLeaf(leaf: Leaf, terms: LicenceTerms): Judgement {
  const { key } = leaf;
  const because = (state: Judgement['state'], text: string): Judgement => ({
    state,
    because: `${key} ${text}`,
    decisive: [key],
    path: [key],
  });
  if (terms.denied.has(key)) return because('denied', 'is on the list of what is not acceptable');
  if (terms.allowed.has(key)) return because('allowed', 'is allowed');
  if (leaf.reference) return because('unknown', 'is a private reference that the policy does not list');
  const readings = readingsOf(leaf.id, leaf.exception);
  if (readings) {
    const allowed = readings.filter((reading) => isAllowedKey(reading, terms));
    if (allowed.length === readings.length)
      return because(
        'allowed',
        `is deprecated, and ${readings.length === 1 ? 'what replaced it is' : 'both readings are'} allowed (${readings.join(', ')})`,
      );
    if (allowed.length > 0) return because('unknown', `is deprecated and does not say which of ${readings.join(' and ')} is meant`);
    return because('denied', readings.length === 1 ? `is not allowed, and neither is ${readings[0]}` : 'is not allowed in either reading');
  }
  if (isAllowedKey(key, terms))
    return because(
      'allowed',
      allowedDeprecated(key, terms) ? 'is allowed under its older id' : 'is allowed as the same or a later version',
    );
  return because('denied', 'is not on the list of allowed licences');
}

function isAllowedKey(key: string, terms: LicenceTerms): boolean {
  if (terms.allowed.has(key) || allowedDeprecated(key, terms)) return true;
  if (terms.orLater === 'exact') return false;
  const { id, exception, later } = parts(key);
  if (!later) return false;
  for (const row of terms.allowed) {
    const other = parts(row);
    if (other.exception === exception && isSameOrLater(bareId(id), bareId(other.id))) return true;
  }
  return false;
}

/** A row with the old id `GPL-2.0` means `GPL-2.0-only`, as SPDX defines it. */
function allowedDeprecated(key: string, terms: LicenceTerms): boolean {
  const { id, exception } = parts(key);
  if (!id.endsWith('-only')) return false;
  const old = id.slice(0, -'-only'.length);
  return isDeprecatedId(old) && terms.allowed.has(exception === undefined ? old : `${old} WITH ${exception}`);
}

function parts(key: string): { readonly id: string; readonly exception: string | undefined; readonly later: boolean } {
  const [base = '', exception] = key.split(' WITH ');
  const plus = base.endsWith('+');
  return { id: plus ? base.slice(0, -1) : base, exception, later: plus || base.endsWith('-or-later') };
}

function unreadable(because: string): ExpressionJudgement {
  return { state: 'unknown', because, expression: null, decisive: [], path: [] };
}

function clip(text: string): string {
  return text.length > 400 ? `${text.slice(0, 397)}...` : text;
}
