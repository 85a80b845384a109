import { sha256Hex } from '../core/canonical-json';
import { fromRoot } from '../core/project-root';
import { writeFileAtomically } from '../core/text-file';
import { type EvidenceLock, EvidenceLockSchema } from './lock-schema';

/**
 * Writes a lock and the licence texts it names: the texts first, so that a lock never names what is not there.
 * @param file  path inside the repository
 * @throws KitError E_OUT_UNWRITABLE; ZodError for a lock that claims what it did not retrieve
 */
export function writeLock(file: string, lock: EvidenceLock, texts: readonly Uint8Array[]): void {
  const text = `${JSON.stringify(EvidenceLockSchema.parse(lock), null, 2)}\n`;
  for (const bytes of texts) writeFileAtomically(fromRoot('compliance/evidence', `${sha256Hex(bytes)}.txt`), bytes);
  writeFileAtomically(fromRoot(file), text);
}
