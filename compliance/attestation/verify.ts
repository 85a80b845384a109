import type { KeyObject } from 'node:crypto';
import type { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json';
import { repeatedKey } from '../../core/json-keys';
import { type Pin, type Verdict, VerdictSchema } from '../verdict';
import { EnvelopeSchema, openEnvelope } from './dsse';
import { extensionOf, PAYLOAD_TYPE, resourceUri, type Statement, StatementSchema } from './statement';

export interface AttestationCheck {
  /** valid: all holds; expired: all holds but the time; invalid: something does not hold, or the verdict is not "allowed". */
  readonly state: 'valid' | 'expired' | 'invalid';
  readonly problems: readonly string[];
  /** null unless the signature is good: nothing of an unsigned text is shown as if it were known. */
  readonly statement: Statement | null;
}

/** What the verifier holds against the statement: the release as it lies here. */
export interface Expected {
  readonly verdict: Pick<Verdict, 'environment' | 'release'>;
  readonly pins: readonly Pin[];
  /** Digest of the verdict that it would get at a time, with its file called as the signer called it. */
  digestAt(at: Date, releaseFile: string): string;
}

/**
 * Checks a signed verdict: the signature, the verdict's bytes, the result, the time, and (unless `expected` is null) that it speaks of exactly
 * the release at hand. Every problem is named, not only the first. Pure.
 */
export function verifyAttestation(
  envelopeText: string,
  verdictBytes: Uint8Array,
  key: KeyObject,
  expected: Expected | null,
  at: Date,
): AttestationCheck {
  const invalid = (...problems: string[]): AttestationCheck => ({ state: 'invalid', problems, statement: null });
  const envelope = EnvelopeSchema.safeParse(parse(envelopeText));
  if (!envelope.success) return invalid('the envelope is not a DSSE envelope.');
  if (envelope.data.payloadType !== PAYLOAD_TYPE) return invalid(`its payload type is not ${PAYLOAD_TYPE}.`);
  const payload = openEnvelope(envelope.data, key);
  if (!payload) return invalid('no signature in it is that of the key: it was changed after signing, or somebody else signed it.');
  const parsed = StatementSchema.safeParse(parse(payload.toString('utf8')));
  if (!parsed.success) return invalid('what was signed is not a verification summary of the kit.');
  const statement = parsed.data;
  const { predicate } = statement;
  const extension = extensionOf(statement);
  const problems: string[] = [];
  const verdict = VerdictSchema.safeParse(parse(Buffer.from(verdictBytes).toString('utf8')));
  if (predicate.inputAttestations.length !== 1 || predicate.inputAttestations[0]?.digest.sha256 !== sha256Hex(verdictBytes))
    problems.push('the verdict file is not the one that was signed.');
  else if (!verdict.success) problems.push('the verdict file is not a verdict of this version of the kit.');
  else if (!isSummaryOf(verdict.data, statement)) problems.push('the statement does not say what the verdict says.');
  if (predicate.verificationResult !== 'PASSED' || extension.state !== 'allowed')
    problems.push(`the verdict is "${extension.state}", not "allowed".`);
  if (expected) problems.push(...otherRelease(statement, expected));
  // What has no pin of its own is compared last, since all that it can say is that something differs.
  if (
    expected &&
    verdict.success &&
    problems.length === 0 &&
    expected.digestAt(new Date(predicate.timeVerified), verdict.data.release.file) !== extension.digest
  )
    problems.push(
      'the release at hand is judged otherwise than what was signed, though all pins are the same: its values, the catalog, the chart, a licence text, the Python lock or the version of the kit changed.',
    );
  if (new Date(predicate.timeVerified) > at) problems.push(`it was made at ${predicate.timeVerified}, after the time of this check.`);
  if (problems.length > 0) return { state: 'invalid', problems, statement };
  if (!(at < new Date(extension.expires)))
    return { state: 'expired', problems: [`the verdict ran out on ${extension.expires}.`], statement };
  return { state: 'valid', problems, statement };
}

/** The statement is a summary of the verdict; a signer who summarises something else is caught. */
function isSummaryOf(verdict: z.output<typeof VerdictSchema>, statement: Statement): boolean {
  const { state, digest, expires } = extensionOf(statement);
  const same = state === verdict.state && digest === verdict.digest && expires === verdict.expires;
  const pinned = sameSet(subjectsOf(statement), verdict.pins.map(keyOf));
  return same && pinned && statement.predicate.resourceUri === resourceUri(verdict);
}

function otherRelease(statement: Statement, expected: Expected): string[] {
  const problems: string[] = [];
  const wanted = resourceUri(expected.verdict);
  if (statement.predicate.resourceUri !== wanted)
    problems.push(`it is about ${statement.predicate.resourceUri}, the release at hand is ${wanted}.`);
  const signed = new Set(subjectsOf(statement));
  const here = new Set(expected.pins.map(keyOf));
  for (const key of [...here].filter((each) => !signed.has(each)).sort())
    problems.push(`not signed, but part of the release at hand: ${key}.`);
  for (const key of [...signed].filter((each) => !here.has(each)).sort()) problems.push(`signed, but not what lies here: ${key}.`);
  return problems;
}

function subjectsOf(statement: Statement): string[] {
  return statement.subject.flatMap(({ name, digest }) =>
    Object.entries(digest).map(([algorithm, value]) => `${name} ${algorithm}:${value}`),
  );
}

function keyOf(pin: Pin): string {
  return `${pin.what}:${pin.name} ${pin.algorithm}:${pin.value}`;
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());
}

/** undefined for what is no JSON, and for what says two things under one key: whoever reads it next may take the other one. */
function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return repeatedKey(text) === undefined ? value : undefined;
  } catch {
    return undefined;
  }
}
