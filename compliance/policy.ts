import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import { ARTIFACT_KINDS } from '../catalog/schema';
import { KitError } from '../core/error';
import { didYouMean } from '../core/nearest';
import { printable, shorten } from '../core/printable';
import { fromRoot } from '../core/project-root';
import { readTextFile } from '../core/text-file';
import { validateDocument } from '../core/validate';
import { parseYamlDocument, type YamlDocument } from '../core/yaml-document';
import { ENVIRONMENTS, OPENNESS_LEVELS } from '../release/schema';
import { licenceKey } from './expression/evaluate';
import { ROLES, type Role } from './verdict';

const reason = z.string().min(1);
const singleLicence = z
  .string()
  .refine((text) => licenceKey(text) !== undefined, 'must be one SPDX licence, WITH pair or LicenseRef, not an expression with AND or OR')
  .transform((text) => licenceKey(text) ?? text);

/** At least a kind and the beginning of a name: `*` alone would make a row for named subjects one for all. */
const subjectPattern = z
  .string()
  .regex(/^[a-z]+:[^\s*]+\*?$/, 'must be the id of a subject, or the beginning of one followed by *, e.g. npm:@cdktf/*');

const allowRow = z
  .strictObject({
    expression: singleLicence,
    reason,
    /** Subjects that the row is for, as id or as a beginning followed by `*`; all subjects of the role without it. */
    only: z.array(subjectPattern).min(1).optional(),
    /** The licence is acceptable only after somebody has acknowledged it for this release by a waiver. */
    acknowledge: z.boolean().default(false),
    /** A claim of channel "documented" suffices here; shown as a warning. Only for subjects that the row names. */
    documented: z.boolean().default(false),
  })
  .refine((row) => !row.documented || row.only !== undefined, 'a row with documented: true has to name its subjects under only');
const denyRow = z.strictObject({ expression: singleLicence, reason });
const roleTerms = z.strictObject({ allow: z.array(allowRow).default([]), deny: z.array(denyRow).default([]) });

const settlement = z
  .strictObject({
    /** Id of the subject; for a text inside a package also the beginning of an id followed by `*`, since the hash pins the bytes. */
    subject: z.string().min(1),
    /** What the subject says, letter by letter. */
    says: z.string().optional(),
    /** Hash of the licence text that was read. */
    textSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
      .optional(),
    /** Revision or integrity that was read; the settlement is void for any other. */
    revision: z.string().optional(),
    as: singleLicence,
    reason,
  })
  .refine(
    (row) => row.says !== undefined || row.textSha256 !== undefined,
    'a settlement has to name what was read: textSha256, or says with revision',
  )
  .refine(
    (row) => row.says === undefined || row.revision !== undefined,
    'a settlement of what a subject says has to name the revision or the integrity that was read',
  );

const trustedKey = z.strictObject({
  id: z.string().min(1),
  /** ed25519 public key, SPKI, base64. */
  publicKey: z.string().min(1),
  owner: z.string().min(1),
  environments: z.array(z.enum(ENVIRONMENTS)).min(1),
});

const days = z.int().positive().max(3650);
const severity = z.enum(['error', 'warning']);
const openness = z.strictObject({ judged: z.array(z.enum(ARTIFACT_KINDS)), mustExist: z.array(z.enum(ARTIFACT_KINDS)) });

const whole = {
  orLater: z.enum(['exact', 'same-or-later']),
  severity: z.strictObject({ unknown: severity, conflict: severity, unavailable: severity }),
  documentedSuffices: z.boolean(),
  freshness: z.strictObject({ contentAddressedDays: days, liveDays: days, warnDays: days }),
  /** No waiver may be meant to last longer. */
  waivers: z.strictObject({ maxDays: days }),
  /** Licence files inside npm packages: what it means that nobody has read them, or that there are none. */
  packageTexts: z.strictObject({ notRead: severity, none: z.enum(['error', 'warning', 'accept']) }),
  samePublisherCovers: z.array(z.enum(ARTIFACT_KINDS)),
  openness: z.strictObject(
    Object.fromEntries(OPENNESS_LEVELS.map((level) => [level, openness])) as Record<(typeof OPENNESS_LEVELS)[number], typeof openness>,
  ),
};
const lists = {
  roles: z.partialRecord(z.enum(ROLES), roleTerms).default({}),
  settlements: z.array(settlement).default([]),
  trustedKeys: z
    .array(trustedKey)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, 'must hold each key once')
    .default([]),
};
const head = {
  apiVersion: z.literal('onevision-kit/policy/v1'),
  name: z.string().min(1),
  description: z.string().min(1),
  /** Environments whose releases may be judged by it; all of them without it. A rehearsal may rehearse any policy. */
  environments: z.array(z.enum(ENVIRONMENTS)).min(1).optional(),
};

const RootPolicySchema = z.strictObject({ ...head, ...whole, ...lists });
const ChildPolicySchema = z.strictObject({
  ...head,
  extends: z.string().min(1),
  ...lists,
  documentedSuffices: z.boolean().optional(),
  packageTexts: whole.packageTexts.optional(),
  orLater: whole.orLater.optional(),
});

export type Policy = Readonly<z.output<typeof RootPolicySchema>> & { readonly file: string };
type ChildPolicy = Readonly<z.output<typeof ChildPolicySchema>> & { readonly file: string };
export type AllowRow = z.output<typeof allowRow>;
export type TrustedKey = z.output<typeof trustedKey>;

const MAX_EXTENDS = 4;

/**
 * Reads a policy by name (`compliance/policies/NAME.yaml`) or by path inside the repository, with what it extends.
 * @throws KitError E_POLICY_UNKNOWN, E_POLICY_INVALID, E_YAML_SYNTAX
 */
export function loadPolicy(name: string, depth = 0): Policy {
  const policy = readPolicyFile(name);
  if (!('extends' in policy)) return policy;
  const { extends: base, file } = policy;
  if (depth >= MAX_EXTENDS) {
    throw new KitError({ code: 'E_POLICY_INVALID', message: `more than ${MAX_EXTENDS} policies extend each other.`, location: { file } });
  }
  const above = loadPolicy(base, depth + 1);
  refuseWider(policy, above);
  const { description, environments = above.environments } = policy;
  return { ...mergePolicy(above, policy), name: policy.name, description, ...(environments ? { environments } : {}), file };
}

/** What extends a policy for a class room is no policy for production because it says so. */
function refuseWider({ environments = [], file }: ChildPolicy, above: Policy): void {
  const wider = environments.filter((each) => above.environments?.includes(each) === false);
  if (wider.length === 0) return;
  throw new KitError({
    code: 'E_POLICY_INVALID',
    message: `it is for ${wider.join(', ')}, and ${above.file}, which it extends, is not.`,
    location: { file },
    allowed: `under "environments": ${above.environments?.join(', ')}.`,
    next: 'extend another policy.',
  });
}

/**
 * The keys that a policy's own file trusts, without those of what it extends.
 * @throws KitError as loadPolicy
 */
export function ownTrustedKeys(name: string): readonly TrustedKey[] {
  return readPolicyFile(name).trustedKeys;
}

function readPolicyFile(name: string): Policy | ChildPolicy {
  const file = policyFile(name);
  const document = parseYamlDocument(
    readTextFile(fromRoot(file), `policy ${file}`, 'correct compliance.policy in the release file.'),
    file,
  );
  const next = 'see `npx ovkit explain E_POLICY_INVALID`.';
  const extending = typeof document.value === 'object' && document.value !== null && 'extends' in document.value;
  const policy = extending
    ? validateDocument(document, ChildPolicySchema, 'E_POLICY_INVALID', next)
    : validateDocument(document, RootPolicySchema, 'E_POLICY_INVALID', next);
  refuseOtherName(policy.name, file, document);
  return { ...policy, file };
}

/** Reports show a policy by its name, so that no file may call itself by that of another. */
function refuseOtherName(name: string, file: string, document: YamlDocument): void {
  const own = basename(file, '.yaml');
  if (name === own) return;
  throw new KitError({
    code: 'E_POLICY_INVALID',
    message: `it calls itself "${shorten(printable(name), MAX_NAME)}".`,
    location: document.locate(['name']),
    allowed: `${own}, as its file is called.`,
    next: 'correct the name, or rename the file.',
  });
}

const MAX_NAME = 80;

type Additions = Pick<
  z.output<typeof ChildPolicySchema>,
  'roles' | 'settlements' | 'trustedKeys' | 'documentedSuffices' | 'orLater' | 'packageTexts'
>;

/** A policy with the rows of another added; a licence that the addition allows is no longer denied. */
export function mergePolicy(base: Policy, more: Additions): Policy {
  const roles = Object.fromEntries(
    ROLES.map((role) => {
      const add = more.roles[role] ?? { allow: [], deny: [] };
      const allowed = new Set(add.allow.map((row) => row.expression));
      const old = base.roles[role] ?? { allow: [], deny: [] };
      return [
        role,
        { allow: [...old.allow, ...add.allow], deny: [...old.deny.filter((row) => !allowed.has(row.expression)), ...add.deny] },
      ];
    }),
  ) as Record<Role, z.output<typeof roleTerms>>;
  return {
    ...base,
    roles,
    documentedSuffices: more.documentedSuffices ?? base.documentedSuffices,
    orLater: more.orLater ?? base.orLater,
    packageTexts: more.packageTexts ?? base.packageTexts,
    settlements: [...base.settlements, ...more.settlements],
    trustedKeys: [...base.trustedKeys.filter(({ id }) => !more.trustedKeys.some((key) => key.id === id)), ...more.trustedKeys],
  };
}

const POLICY_FOLDER = 'compliance/policies';

function policyFile(name: string): string {
  const safe = !name.startsWith('/') && !name.split('/').includes('..');
  const file = name.includes('/') || name.endsWith('.yaml') ? name : `${POLICY_FOLDER}/${name}.yaml`;
  if (safe && existsSync(fromRoot(file))) return file;
  const known = readdirSync(fromRoot(POLICY_FOLDER))
    .filter((entry) => entry.endsWith('.yaml'))
    .map((entry) => entry.replace('.yaml', ''))
    .sort();
  throw new KitError({
    code: 'E_POLICY_UNKNOWN',
    message: `there is no policy "${name}".${didYouMean(name, known)}`,
    allowed: `${known.join(', ')}, or a path inside the repository.`,
    next: 'correct compliance.policy in the release file.',
  });
}
