import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson, sha256Hex } from '../core/canonical-json';
import { fromRoot } from '../core/project-root';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument } from '../core/yaml-document';
import { ENVIRONMENTS } from '../release/schema';
import { instantSchema } from './instant-schema';
import type { TrustedKey } from './policy';

const words = z.string().min(1).max(2000);

const WaiverSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/, 'must be 1 to 80 letters, digits, dots, dashes and underscores'),
  subject: words,
  /** Version, revision or digest of the subject; null for a subject that has none. */
  revision: words.nullable(),
  rule: z.string().regex(/^OVK-[A-Z]{2,4}-\d{3}$/, 'must be the id of one rule, e.g. OVK-LIC-003; docs/codes.md has all'),
  /** Licence that was observed when the waiver was written; null when none was stated. */
  licence: words.nullable(),
  environments: z.array(z.enum(ENVIRONMENTS)).min(1),
  notBefore: instantSchema,
  notAfter: instantSchema,
  reason: words,
  ticket: words,
  approver: words,
  /** Id of the key that signed. */
  key: z.string().min(1),
  /** ed25519 over the canonical JSON of all other values, base64. */
  signature: z.string().min(1).optional(),
});
export type Waiver = Readonly<z.output<typeof WaiverSchema>>;

const WaiverFileSchema = z.strictObject({ apiVersion: z.literal('onevision-kit/waivers/v1'), waivers: z.array(WaiverSchema) });

/** A waiver with the place where it stands. */
export interface LoadedWaiver {
  readonly waiver: Waiver;
  readonly location: { readonly file: string; readonly line: number | null; readonly column: number | null };
}
export interface WaiverFile {
  readonly file: string;
  readonly digest: string;
  readonly waivers: readonly LoadedWaiver[];
}

/**
 * Reads a file of waivers.
 * @param file  path inside the repository
 * @throws KitError E_FILE_MISSING, E_YAML_SYNTAX, E_WAIVER_INVALID
 */
export function loadWaivers(file: string): WaiverFile {
  return parseWaivers(readTextFile(fromRoot(file), `waiver file ${file}`, 'correct compliance.waivers in the release file.'), file);
}

/** The same for a text that is at hand. */
export function parseWaivers(text: string, file: string): WaiverFile {
  const document = parseYamlDocument(text, file);
  const { waivers } = validateDocument(document, WaiverFileSchema, 'E_WAIVER_INVALID', 'see `npx ovkit explain E_WAIVER_INVALID`.');
  const loaded = waivers.map((waiver, index) => {
    const at = document.locate(['waivers', index, 'id']);
    return { waiver, location: { file, line: at.line ?? null, column: at.column ?? null } };
  });
  return { file, digest: `sha256:${sha256Hex(text)}`, waivers: loaded };
}

/** The bytes that are signed: everything but the signature, in canonical JSON. */
export function signedBytes(waiver: Waiver): Buffer {
  const { signature: _, ...content } = waiver;
  return Buffer.from(canonicalJson(content));
}

/** Id of a key: the beginning of the SHA-256 of its SPKI bytes. */
export function keyId(publicKeySpki: Uint8Array): string {
  return `ed25519:${createHash('sha256').update(publicKeySpki).digest('hex').slice(0, 16)}`;
}

/** Why a signature does not count, or undefined when it does. */
export function signatureProblem(waiver: Waiver, keys: readonly TrustedKey[]): string | undefined {
  if (waiver.signature === undefined) return 'it is not signed';
  const key = keys.find((candidate) => candidate.id === waiver.key);
  if (!key) return `the policy does not trust the key ${waiver.key}`;
  const outside = waiver.environments.filter((environment) => !key.environments.includes(environment));
  if (outside.length > 0) return `the key ${key.id} may not sign for ${outside.join(', ')}`;
  const publicKey = keyOf(key);
  if (!publicKey) return `the policy's key ${key.id} is not an ed25519 key of that id`;
  const good = verify(null, signedBytes(waiver), publicKey, Buffer.from(waiver.signature, 'base64'));
  return good ? undefined : 'its signature does not fit its content';
}

/** Keys that were read before: one signs many waivers. */
const readKeys = new WeakMap<TrustedKey, KeyObject | undefined>();

function keyOf(key: TrustedKey): KeyObject | undefined {
  if (!readKeys.has(key)) readKeys.set(key, readKey(key));
  return readKeys.get(key);
}

function readKey(key: TrustedKey): KeyObject | undefined {
  try {
    const der = Buffer.from(key.publicKey, 'base64');
    const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return publicKey.asymmetricKeyType === 'ed25519' && keyId(der) === key.id ? publicKey : undefined;
  } catch {
    return undefined;
  }
}
