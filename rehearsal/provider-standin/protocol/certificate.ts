import { createSign, generateKeyPairSync, randomBytes } from 'node:crypto';

export interface Identity {
  /** PEM. */
  readonly key: string;
  readonly certificate: string;
  /** The certificate as the handshake wants it: DER in unpadded base64. */
  readonly certificateBase64: string;
}

const BACKDATED_MS = 60_000;
const VALID_MS = 24 * 3_600_000;

/**
 * A key and a certificate that it signs itself, for "localhost", valid for a day: go-plugin's AutoMTLS takes the server's
 * certificate from the handshake line and trusts that one alone. Node makes no certificates, so the few bytes of ASN.1 are written here.
 * Source: RFC 5280, sections 4.1 and 4.2; hashicorp/go-plugin, AutoMTLS.
 */
export function createIdentity(now: number): Identity {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const ecdsaWithSha256 = sequence(oid(1, 2, 840, 10045, 4, 3, 2));
  const name = sequence(set(sequence(oid(2, 5, 4, 3), text(0x0c, 'localhost'))));
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    ecdsaWithSha256,
    name,
    sequence(time(now - BACKDATED_MS), time(now + VALID_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(authority(), keyUsage(), extendedKeyUsage(), alternativeName())),
  );
  const signature = createSign('sha256').update(toBeSigned).sign(privateKey);
  const der = sequence(toBeSigned, ecdsaWithSha256, bits(signature));
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
    certificateBase64: der.toString('base64').replace(/=+$/, ''),
  };
}

function authority(): Buffer {
  return extension([2, 5, 29, 19], sequence(tagged(0x01, Buffer.from([0xff]))));
}

/** Digital signature, key agreement and certificate signing. */
function keyUsage(): Buffer {
  return extension([2, 5, 29, 15], tagged(0x03, Buffer.from([2, 0b10001100])));
}

function extendedKeyUsage(): Buffer {
  return extension([2, 5, 29, 37], sequence(oid(1, 3, 6, 1, 5, 5, 7, 3, 1), oid(1, 3, 6, 1, 5, 5, 7, 3, 2)));
}

function alternativeName(): Buffer {
  return extension([2, 5, 29, 17], sequence(text(0x82, 'localhost')));
}

function extension(id: readonly [number, number, ...number[]], value: Buffer): Buffer {
  return sequence(oid(...id), tagged(0x01, Buffer.from([0xff])), tagged(0x04, value));
}

function tagged(tag: number, body: Buffer): Buffer {
  const length = body.length;
  const head = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...head]), body]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(parts));
}

function integer(body: Buffer): Buffer {
  return tagged(0x02, body);
}

function bits(body: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), body]));
}

function text(tag: number, value: string): Buffer {
  return tagged(tag, Buffer.from(value, 'ascii'));
}

/** GeneralizedTime in UTC, whole seconds. */
function time(ms: number): Buffer {
  return text(0x18, `${new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)}Z`);
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  const body = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 127];
    for (let high = part >> 7; high > 0; high >>= 7) groups.unshift((high & 127) | 128);
    body.push(...groups);
  }
  return tagged(0x06, Buffer.from(body));
}
