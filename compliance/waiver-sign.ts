import { sign } from 'node:crypto';
import { parseDocument, stringify } from 'yaml';
import { KitError } from '../core/error';
import { isWaivable } from './apply-waivers';
import type { NamedKey } from './attestation/keys';
import type { OpenPoint } from './open-point';
import { parseWaivers, signedBytes, type Waiver } from './waiver';

/** A file of waivers after signing. */
export interface SignedFile {
  readonly text: string;
  /** Ids of the waivers that got a signature. */
  readonly signed: readonly string[];
  /** Ids that had one already and were left alone. */
  readonly left: readonly string[];
}

/**
 * Signs the waivers of a file that have no signature yet, or just those that are named; comments and order stay.
 * A signature that stands is never replaced unasked: whoever signs has read what he signs.
 *
 * @param ids  waivers to sign, also again; all unsigned ones when empty
 * @throws KitError E_WAIVER_INVALID, E_YAML_SYNTAX, E_KEY_INVALID for a key that is not ed25519
 */
export function signWaivers(text: string, file: string, key: NamedKey, ids: readonly string[] = []): SignedFile {
  if (key.key.asymmetricKeyType !== 'ed25519') {
    const next = 'make one with `openssl genpkey -algorithm ed25519 -out FILE`.';
    throw new KitError({ code: 'E_KEY_INVALID', message: `a waiver is signed by an ed25519 key, this one is ${key.id}.`, next });
  }
  const document = parseDocument(text);
  const drafts = (document.toJS()?.waivers ?? []) as readonly Partial<Waiver>[];
  for (const [index, draft] of drafts.entries()) {
    const wanted = ids.length > 0 ? ids.includes(String(draft?.id)) : draft?.signature === undefined;
    if (!wanted) continue;
    document.setIn(['waivers', index, 'key'], key.id);
    document.deleteIn(['waivers', index, 'signature']);
  }
  // Read again by the schema of a reader, so that nothing is signed that would be refused later.
  const { waivers } = parseWaivers(document.toString({ lineWidth: 0 }), file);
  const missing = ids.filter((id) => !waivers.some(({ waiver }) => waiver.id === id));
  if (missing.length > 0) {
    throw new KitError({
      code: 'E_WAIVER_INVALID',
      message: `there is no waiver ${missing.join(', ')} in it.`,
      location: { file },
      allowed: `${waivers.map(({ waiver }) => waiver.id).join(', ')}.`,
      next: 'correct --id.',
    });
  }
  const unfinished = waivers.filter(({ waiver }) => [waiver.reason, waiver.ticket, waiver.approver].includes(FILL_IN));
  const toSign = unfinished.filter(({ waiver }) => waiver.signature === undefined);
  if (toSign.length > 0) {
    throw new KitError(
      toSign.map(({ waiver, location }) => ({
        code: 'E_WAIVER_INVALID',
        message: `the waiver ${waiver.id} still says "${FILL_IN}".`,
        location: { file, line: location.line ?? undefined },
        next: 'write reason, ticket and approver, then sign it.',
      })),
    );
  }
  const signed: string[] = [];
  for (const [index, { waiver }] of waivers.entries()) {
    if (waiver.signature !== undefined) continue;
    document.setIn(['waivers', index, 'signature'], sign(null, signedBytes(waiver), key.key).toString('base64'));
    signed.push(waiver.id);
  }
  return {
    text: document.toString({ lineWidth: 0 }),
    signed,
    left: waivers.map(({ waiver }) => waiver.id).filter((id) => !signed.includes(id)),
  };
}

/** What the writer of a waiver has to fill in himself. */
const FILL_IN = 'FILL IN';

/** Drafts of waivers for open points, with every pin as it is now; reason, ticket and approver are for the people who decide. */
export function draftWaivers(points: readonly OpenPoint[], environment: Waiver['environments'][number], from: Date, days: number): string {
  const instant = (date: Date) => `${date.toISOString().slice(0, 19)}Z`;
  const until = new Date(from.getTime() + days * 86_400_000);
  const seen = new Map<string, number>();
  const waivers = points
    .filter((point) => point.mild === undefined && isWaivable(point, environment))
    .map((point) => ({
      id: idOf(point, seen),
      subject: point.subject,
      revision: point.revision,
      rule: point.rule,
      licence: point.licence,
      environments: [environment],
      notBefore: instant(from),
      notAfter: instant(until),
      reason: FILL_IN,
      ticket: FILL_IN,
      approver: FILL_IN,
    }));
  return stringify({ apiVersion: 'onevision-kit/waivers/v1', waivers }, { lineWidth: 0 });
}

/** An id of its own for each draft: two waivers of one id are both void. */
function idOf({ rule, subject }: OpenPoint, seen: Map<string, number>): string {
  const id = `${rule.slice('OVK-'.length).toLowerCase()}-${subject.replaceAll(/[^A-Za-z0-9.]+/g, '-')}`.slice(0, MAX_ID);
  const count = (seen.get(id) ?? 0) + 1;
  seen.set(id, count);
  return count === 1 ? id : `${id}-${count}`;
}

/** Leaves room for a number behind it in the 80 characters of an id. */
const MAX_ID = 76;
