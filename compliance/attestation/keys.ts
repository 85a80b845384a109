import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { relative, resolve } from 'node:path';
import { sha256Hex } from '../../core/canonical-json';
import { KitError } from '../../core/error';
import { projectRoot } from '../../core/project-root';
import { readTextFile } from '../../core/text-file';

/** A key with its name: type and the beginning of the SHA-256 of its public half (SPKI). */
export interface NamedKey {
  readonly key: KeyObject;
  readonly id: string;
  /** Public half, SPKI, base64: what a policy lists under trustedKeys. */
  readonly publicKey: string;
}

const KINDS = 'a PEM file with an ed25519 or ECDSA P-256 key.';
const NEXT = 'make one with `openssl genpkey -algorithm ed25519 -out FILE`, its public half with `openssl pkey -in FILE -pubout`.';

/**
 * Reads a private key of the user. It must not lie inside the repository: what lies there is committed sooner or later.
 * @param passphrase  of an encrypted PEM file
 * @throws KitError E_KEY_INVALID, E_KEY_IN_REPOSITORY, E_FILE_MISSING
 */
export function readPrivateKey(file: string, passphrase?: string): NamedKey {
  const inside = relative(projectRoot(), resolve(file));
  if (!inside.startsWith('..') && inside !== resolve(file)) {
    throw new KitError({
      code: 'E_KEY_IN_REPOSITORY',
      message: `the private key ${file} lies inside the repository.`,
      allowed: 'a path outside of it, or better a key store that hands the key out for one command.',
      next: 'move it; if it was ever committed, make a new one.',
    });
  }
  return read(file, (pem) => createPrivateKey({ key: pem, passphrase }));
}

/**
 * Reads a public key.
 * @throws KitError E_KEY_INVALID, E_FILE_MISSING
 */
export function readPublicKey(file: string): NamedKey {
  return read(file, (pem) => {
    // Node would derive the public half of a private key; whoever verifies has no business with one.
    if (pem.includes('PRIVATE KEY')) throw new Error('it is a private key');
    return createPublicKey(pem);
  });
}

function read(file: string, parse: (pem: string) => KeyObject): NamedKey {
  const pem = readTextFile(file, 'the key', NEXT);
  let key: KeyObject;
  try {
    key = parse(pem);
  } catch (cause) {
    const message = /private key$/.test((cause as Error).message) ? 'it is a private key.' : 'it cannot be read as a key.';
    throw new KitError({ code: 'E_KEY_INVALID', message, location: { file }, allowed: KINDS, next: NEXT }, { cause });
  }
  const kind = kindOf(key);
  if (!kind) {
    const message = `its type is ${key.asymmetricKeyType ?? 'unknown'}.`;
    throw new KitError({ code: 'E_KEY_INVALID', message, location: { file }, allowed: KINDS, next: NEXT });
  }
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return { key, id: `${kind}:${sha256Hex(spki).slice(0, 16)}`, publicKey: spki.toString('base64') };
}

function kindOf(key: KeyObject): 'ed25519' | 'ecdsa-p256' | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'ed25519';
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1' ? 'ecdsa-p256' : undefined;
}
