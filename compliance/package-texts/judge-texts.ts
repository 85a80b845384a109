import { type ExpressionNode, type Leaf, parseExpression } from '../expression/parse';
import { bareId } from '../expression/version-families';
import type { Policy } from '../policy';
import type { PackageText, Subject, SubjectClaim } from '../subjects/subject';

/** What the licence files of a package say to the licence that it declares. */
export interface TextsOutcome {
  /**
   * agrees: every file is word for word a licence of the expression; unproven: a file is no licence word for word, so nobody can say;
   * contradicts: a file is another licence.
   */
  readonly kind: 'agrees' | 'unproven' | 'contradicts';
  readonly because: string;
  /** Every licence of the expression lies there as a text that a program compared. */
  readonly complete: boolean;
  /** The files that decided, with their hashes, for the pins of a waiver. */
  readonly pin: string;
}

/** Compares the licence files of a package with an SPDX expression. Pure. */
export function compareTexts(subject: Subject, texts: readonly PackageText[], expression: string, policy: Policy): TextsOutcome {
  const leaves = leavesOnce(expression);
  const found = texts.map((text) => ({
    text,
    licences: settledAs(subject, text, policy) ?? (text.state === 'verified' ? text.licences : null),
  }));
  const other = found.filter(({ licences }) => licences !== null && !leaves.some((leaf) => isTextOf(licences, leaf)));
  const outcome = (kind: TextsOutcome['kind'], because: string, of: readonly PackageText[], complete = false): TextsOutcome => ({
    kind,
    because,
    complete,
    pin: of.map(({ file, sha256 }) => `${file} sha256:${sha256}`).join(', '),
  });
  if (other.length > 0) {
    const words = other.map(({ text, licences }) => `${text.file}: ${licences?.[0]}`).join('; ');
    return outcome(
      'contradicts',
      words,
      other.map(({ text }) => text),
    );
  }
  const unproven = found.filter(({ licences }) => licences === null).map(({ text }) => text);
  if (unproven.length > 0) return outcome('unproven', unproven.map((text) => `${text.file} is ${text.because}`).join('; '), unproven);
  const compared = found.filter(({ text }) => text.state === 'verified');
  const complete =
    leaves.length > 0 &&
    leaves.every((leaf) => leaf.exception === undefined && compared.some(({ licences }) => isTextOf(licences ?? [], leaf)));
  return outcome('agrees', '', texts, complete);
}

/**
 * The licence of a package that states none itself, or only points at a file: that of its one text, when that is a licence word for word.
 * @param says  what the package lock records
 */
export function concludedFrom(subject: Subject, claims: readonly SubjectClaim[], texts: readonly PackageText[]): SubjectClaim | undefined {
  const [claim] = claims;
  const [text] = texts;
  if (claims.length > 1 || texts.length !== 1 || text?.state !== 'verified') return undefined;
  const says = claim?.says ?? null;
  const named = typeof says === 'string' ? POINTER.exec(says)?.[1]?.replace(/^\.\//, '') : undefined;
  if (says !== null && named !== text.file) return undefined;
  const source = `${text.file} of ${subject.title}`;
  return { channel: 'package-manifest', says: text.licences[0] ?? null, source, retrieved: null, sha256: text.sha256 };
}

/** What npm asks for when a licence has no SPDX id. */
const POINTER = /^SEE LICEN[CS]E IN (\S+)$/i;

/** A reading by a person, pinned to the bytes of the text. */
function settledAs(subject: Subject, text: PackageText, policy: Policy): readonly string[] | undefined {
  const row = policy.settlements.find((each) => each.textSha256 === text.sha256 && isMeant(each.subject, subject.lockIds[0] ?? subject.id));
  return row && [row.as];
}

function isMeant(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : pattern === id;
}

/** The text of a licence is the same whichever of its versions the author chose besides: GPL-2.0-only, GPL-2.0-or-later. */
function isTextOf(licences: readonly string[], leaf: Leaf): boolean {
  return !leaf.reference && licences.some((licence) => bareId(licence) === bareId(leaf.id));
}

const known = new Map<string, readonly Leaf[]>();
const MAX_KNOWN = 10_000;

/** A tree of packages declares the same few expressions thousands of times. */
function leavesOnce(expression: string): readonly Leaf[] {
  const before = known.get(expression);
  if (before) return before;
  const parsed = parseExpression(expression);
  const leaves = parsed.ok ? leavesOf(parsed.root) : [];
  if (known.size < MAX_KNOWN) known.set(expression, leaves);
  return leaves;
}

function leavesOf(node: ExpressionNode): readonly Leaf[] {
  return node.kind === 'leaf' ? [node] : node.sides.flatMap(leavesOf);
}
