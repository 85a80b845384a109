import { z } from 'zod';
import { ENVIRONMENTS, OPENNESS_LEVELS } from '../release/schema';
import { StateSchema } from './state';

/** Roles that a subject plays in the release; the policy has rows per role. */
export const ROLES = [
  'released-artifact',
  'upstream-artifact',
  'data',
  'recipe-and-logs',
  'runtime',
  'build-tool',
  'operator-tool',
] as const;
export const RoleSchema = z.enum(ROLES);
export type Role = (typeof ROLES)[number];

export const EvidenceRefSchema = z.strictObject({
  /** Channel of the claim, e.g. card, file, gguf-header, package-lock, documented. */
  channel: z.string(),
  /** What it says: a licence expression, an HTTP status, a reason. */
  says: z.string(),
  source: z.string(),
  retrieved: z.string().nullable(),
  sha256: z.string().nullable(),
});
export type EvidenceRef = Readonly<z.infer<typeof EvidenceRefSchema>>;

export const FindingSchema = z.strictObject({
  /** Stable rule id, e.g. OVK-LIC-003; see `ovkit explain`. */
  rule: z.string().regex(/^OVK-[A-Z]{2,4}-\d{3}$/),
  /** error: counts towards the state; warning and note: shown only. */
  severity: z.enum(['error', 'warning', 'note']),
  state: StateSchema,
  subject: z.string(),
  message: z.string(),
  /** What would close the point: evidence to obtain, a waiver to sign. */
  closes: z.string(),
  evidence: z.array(EvidenceRefSchema),
  location: z.strictObject({ file: z.string(), line: z.int().positive().nullable(), column: z.int().positive().nullable() }),
  /** Waiver that excuses it; the finding is then a note and its subject allowed. */
  waivedBy: z.string().nullable(),
});
export type Finding = Readonly<z.infer<typeof FindingSchema>>;

export const SubjectVerdictSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  role: RoleSchema,
  kind: z.string(),
  /** Version, revision or digest that was judged; null when there is none. */
  revision: z.string().nullable(),
  /** Licence that the evidence agrees on, as an SPDX expression, or null. */
  licence: z.string().nullable(),
  /** declared: somebody says so; verified: the text was compared word by word. */
  strength: z.enum(['verified', 'declared', 'documented', 'none']),
  state: StateSchema,
  because: z.string(),
  /** Subject that this one is part of. */
  partOf: z.string().nullable(),
  evidence: z.array(EvidenceRefSchema),
});
export type SubjectVerdict = Readonly<z.infer<typeof SubjectVerdictSchema>>;

export const AppliedWaiverSchema = z.strictObject({
  id: z.string(),
  subject: z.string(),
  rule: z.string(),
  reason: z.string(),
  approver: z.string(),
  key: z.string(),
  expires: z.string(),
});

/** A thing that the verdict is about, by the digest of its bytes: for any other bytes nothing was judged. */
export const PinSchema = z.strictObject({
  what: z.enum(['image', 'model', 'file', 'lock', 'package-lock', 'policy', 'waivers']),
  name: z.string(),
  algorithm: z.enum(['sha256', 'gitCommit']),
  /** Lower-case hex. */
  value: z.string().regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/),
});
export type Pin = Readonly<z.infer<typeof PinSchema>>;

/**
 * What a component of an openness framework came to. open: its licence is open for such a thing and was read at it; conditional: open,
 * but made for another kind of thing; closed: known not to be open, or not there; unknown: nobody could read it, or it was not looked at.
 */
export const OPENNESS_STATES = ['open', 'conditional', 'unknown', 'closed'] as const;
export const OpennessComponentSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  state: z.enum(OPENNESS_STATES),
  because: z.string(),
  subjects: z.array(z.string()),
});
export type OpennessComponent = Readonly<z.infer<typeof OpennessComponentSchema>>;

export const MOF_CLASSES = ['none', 'III', 'II', 'I'] as const;
/** Two frameworks beside each other: they disagree on data, so neither is a summary of the other. Waivers make nothing open. */
export const OpennessSchema = z.strictObject({
  mof: z.strictObject({
    version: z.string(),
    /** Highest class whose components are all open or conditional. */
    proven: z.enum(MOF_CLASSES),
    /** Highest class that is still possible: none of its components is known to be closed. */
    atBest: z.enum(MOF_CLASSES),
    components: z.array(OpennessComponentSchema.extend({ class: z.enum(['III', 'II', 'I']) })),
  }),
  osaid: z.strictObject({
    version: z.string(),
    state: z.enum(['met', 'not met', 'unknown']),
    elements: z.array(OpennessComponentSchema),
  }),
});
export type Openness = Readonly<z.infer<typeof OpennessSchema>>;

export const VerdictSchema = z.strictObject({
  kind: z.literal('verdict'),
  schemaVersion: z.literal(1),
  state: StateSchema,
  /** One sentence for people, e.g. "allowed for rehearsal only, 12 waivers". Never "compliant". */
  summary: z.string(),
  environment: z.enum(ENVIRONMENTS),
  requires: z.enum(OPENNESS_LEVELS),
  release: z.strictObject({ name: z.string(), file: z.string() }),
  model: z.strictObject({ id: z.string(), revision: z.string() }),
  policy: z.strictObject({ name: z.string(), file: z.string(), digest: z.string() }),
  lock: z.strictObject({ file: z.string(), digest: z.string() }),
  /** Version of the kit whose rules were applied. */
  kit: z.strictObject({ version: z.string() }),
  pins: z.array(PinSchema),
  openness: OpennessSchema,
  subjectsExpected: z.int().nonnegative(),
  subjectsChecked: z.int().nonnegative(),
  /** Number of subjects in each state. */
  counts: z.record(StateSchema, z.int().nonnegative()),
  findings: z.array(FindingSchema),
  subjects: z.array(SubjectVerdictSchema),
  waivers: z.array(AppliedWaiverSchema),
  /** What runs out within 30 days, or has run out. */
  expiring: z.array(z.strictObject({ what: z.string(), expires: z.string() })),
  /** sha256 over policy, waivers, lock, package lock, the kit's version, the catalog's facts, the release's judged values and the result. */
  digest: z.string(),
  /** When the verdict stops holding (RFC 3339, UTC), from the evidence's times, never from the clock of the run. */
  expires: z.string(),
});

/** What the compliance engine says of a release. The same bytes for the same input and the same clock. */
export type Verdict = Readonly<z.infer<typeof VerdictSchema>>;
