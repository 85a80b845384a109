import { z } from 'zod';
import { REVISION } from '../release/schema';
import { instantSchema } from './instant-schema';
import { contradictionsIn } from './lock-rules';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
const subjectId = z.string().regex(/^[a-z]+:[^\s]+$/, 'must be the id of a subject, e.g. hf:model/ORG/NAME');

/** Where a claim was read. `documented`: a document about the artifact says so, nobody looked at the artifact itself. */
export const CHANNELS = [
  'card',
  'api',
  'file',
  'label',
  'gguf-header',
  'wheel-metadata',
  'package-registry',
  'package-manifest',
  'package-lock',
  'documented',
] as const;

export const ClaimSchema = z
  .strictObject({
    channel: z.enum(CHANNELS),
    /** The licence as it stands there; null when the source was read and states none; a list is kept as a list. */
    says: z.union([z.string(), z.array(z.string()), z.null()]),
    source: z.string().min(1),
    retrieved: instantSchema,
    /** Hash of what was read. For channel `file` the bytes stand in compliance/evidence/<sha256>.txt. */
    sha256: sha256.nullable(),
    note: z.string().optional(),
  })
  .refine((claim) => claim.channel === 'documented' || claim.sha256 !== null, 'a claim that was read needs the hash of what was read');
export type Claim = Readonly<z.output<typeof ClaimSchema>>;

export const LockSubjectSchema = z
  .strictObject({
    id: subjectId,
    source: z.string().min(1),
    requested: z.string().min(1),
    /** Id that answered; null when nothing did. Different from `requested` after a rename. */
    resolved: subjectId.nullable(),
    revision: z.string().nullable(),
    /** Organisations that published it, as the artifact itself says. */
    publishers: z.array(z.string()).default([]),
    retrieved: instantSchema,
    retrieval: z.strictObject({
      status: z.enum(['retrieved', 'unavailable']),
      http: z.int().min(100).max(599).nullable(),
      reason: z.string().nullable(),
    }),
    /** content: pinned by a hash of the bytes; live: an answer that the owner may change. */
    addressing: z.enum(['content', 'live']),
    gated: z.boolean().nullable(),
    private: z.boolean().nullable(),
    disabled: z.boolean().nullable(),
    /** Whether the thing itself is there and is more than a stub; null when nobody could look. */
    presence: z.strictObject({ present: z.boolean().nullable(), because: z.string().min(1) }),
    claims: z.array(ClaimSchema),
    /** Files with their hashes; `bytes` is null where their size was not told. */
    files: z.array(z.strictObject({ path: z.string().min(1), bytes: z.int().nonnegative().nullable(), sha256 })),
  })
  .refine(
    (subject) =>
      subject.retrieval.status === 'retrieved' ||
      (subject.files.length === 0 && subject.claims.every((claim) => claim.channel === 'documented')),
    'what was not retrieved can have documented claims only, and no files',
  )
  .superRefine((subject, context) => {
    for (const { path, allowed } of contradictionsIn(subject)) {
      const input = path.reduce<unknown>((value, step) => (value as Record<string | number, unknown>)[step], subject);
      context.addIssue({ code: 'custom', path: [...path], message: allowed, input });
    }
  });
export type LockSubject = Readonly<z.output<typeof LockSubjectSchema>>;

export const EvidenceLockSchema = z.strictObject({
  kind: z.literal('evidence-lock'),
  schemaVersion: z.literal(1),
  model: z.strictObject({ id: z.string().min(1), revision: z.string().regex(REVISION) }),
  gathered: instantSchema,
  gatheredBy: z.string().min(1),
  subjects: z.array(LockSubjectSchema).min(1),
});
export type EvidenceLock = Readonly<z.output<typeof EvidenceLockSchema>>;
