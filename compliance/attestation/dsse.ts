import { type KeyObject, sign, verify } from 'node:crypto';
import { z } from 'zod';

/**
 * Dead Simple Signing Envelope, protocol 1.0.2 (secure-systems-lab/dsse): a payload, its type, and signatures over both.
 * The bytes that are signed hold the lengths of type and payload, so that no other split of them has the same signature.
 */
export const EnvelopeSchema = z.object({
  payload: z.string(),
  payloadType: z.string().min(1),
  signatures: z.array(z.object({ keyid: z.string().optional(), sig: z.string() })).min(1),
});
export type Envelope = Readonly<z.output<typeof EnvelopeSchema>>;

/** Pre-authentication encoding: what is signed. `PAE(type, body) = "DSSEv1" SP LEN(type) SP type SP LEN(body) SP body`, lengths in bytes. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Buffer {
  const head = `DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.byteLength} `;
  return Buffer.concat([Buffer.from(head), payload]);
}

/** Signs a payload by an ed25519 or ECDSA P-256 key (SHA-256, DER, as cosign writes and reads it). */
export function signEnvelope(payloadType: string, payload: Uint8Array, key: KeyObject, keyid: string): Envelope {
  const signature = sign(digestOf(key), preAuthenticationEncoding(payloadType, payload), key);
  return {
    payload: Buffer.from(payload).toString('base64'),
    payloadType,
    signatures: [{ keyid, sig: signature.toString('base64') }],
  };
}

/**
 * The payload when one of the signatures is that of the key, else undefined. `keyid` is a hint that nobody signed, so it decides nothing.
 * ECDSA signatures may be DER (cosign) or the two numbers side by side (the example of the specification).
 */
export function openEnvelope(envelope: Envelope, key: KeyObject): Buffer | undefined {
  const payload = decodeBase64(envelope.payload);
  if (!payload) return undefined;
  const signed = preAuthenticationEncoding(envelope.payloadType, payload);
  const good = envelope.signatures.some(({ sig }) => {
    const bytes = decodeBase64(sig);
    return bytes !== undefined && verifies(signed, key, bytes);
  });
  return good ? payload : undefined;
}

function verifies(signed: Buffer, key: KeyObject, signature: Buffer): boolean {
  if (key.asymmetricKeyType === 'ed25519') return verify(null, signed, key, signature);
  return (['der', 'ieee-p1363'] as const).some((dsaEncoding) => verify('sha256', signed, { key, dsaEncoding }, signature));
}

function digestOf(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}

/** Both alphabets, as the specification asks of who verifies, but each text one way only: what decodes to the same bytes by accident is refused. */
function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text || bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_') === text
    ? bytes
    : undefined;
}
