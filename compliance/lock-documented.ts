import { z } from 'zod';
import { fromRoot } from '../core/project-root';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument } from '../core/yaml-document';
import type { LockSubject } from './lock-schema';

const CLAIMS_FILE = 'compliance/documented-claims.yaml';

const documentedSchema = z.strictObject({
  id: z.string(),
  revision: z.string().optional(),
  presence: z.strictObject({ present: z.boolean(), because: z.string() }).optional(),
  claims: z.array(z.strictObject({ says: z.string().nullable(), source: z.string().min(1), date: z.iso.date() })).default([]),
});
type Documented = z.output<typeof documentedSchema>;
const fileSchema = z.strictObject({ apiVersion: z.literal('onevision-kit/documented-claims/v1'), subjects: z.array(documentedSchema) });

/**
 * What public documents say of artifacts, by subject id.
 * @throws KitError E_FILE_MISSING, E_YAML_SYNTAX, E_LOCK_INVALID
 */
export function loadDocumented(): ReadonlyMap<string, Documented> {
  const text = readTextFile(fromRoot(CLAIMS_FILE), `documented claims ${CLAIMS_FILE}`, 'restore it from git.');
  const { subjects } = validateDocument(parseYamlDocument(text, CLAIMS_FILE), fileSchema, 'E_LOCK_INVALID', 'correct the file.');
  return new Map(subjects.map((entry) => [entry.id, entry]));
}

/** Gives a subject that could not be read what documents say of it. Such claims show that something is wrong; they never suffice for production. */
export function withDocumented(subject: LockSubject, known: Documented | undefined): LockSubject {
  if (subject.retrieval.status === 'retrieved' || !known) return subject;
  return {
    ...subject,
    revision: known.revision ?? subject.revision,
    presence: known.presence ?? subject.presence,
    claims: known.claims.map(({ says, source, date }) => ({
      channel: 'documented',
      says,
      source,
      retrieved: `${date}T00:00:00Z`,
      sha256: null,
    })),
  };
}
