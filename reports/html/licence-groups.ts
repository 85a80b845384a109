import { ROLES, type Role, type SubjectVerdict } from '../../compliance/verdict';

/** Subjects of one role: those shown with all their evidence, and the crowds that are folded by kind. */
export interface RoleGroup {
  readonly role: Role;
  readonly title: string;
  readonly shown: readonly Alike[];
  readonly crowds: readonly Crowd[];
}
/** Subjects of which exactly the same is known and said; one of them, as a rule. */
export interface Alike {
  readonly first: SubjectVerdict;
  readonly subjects: readonly SubjectVerdict[];
}
/** Many subjects of one kind that are all allowed, such as the npm tree, counted by licence. */
export interface Crowd {
  readonly kind: string;
  readonly subjects: readonly SubjectVerdict[];
  readonly byLicence: readonly { readonly licence: string; readonly subjects: readonly SubjectVerdict[] }[];
}

/** More allowed subjects of one kind than this are a crowd. */
const CROWD = 12;

const ROLE_TITLES: Readonly<Record<Role, string>> = {
  'released-artifact': 'What is released',
  'upstream-artifact': 'What it is built from',
  data: 'Training data',
  'recipe-and-logs': 'Recipes, code and logs',
  runtime: 'What it runs on',
  'build-tool': 'What builds it',
  'operator-tool': 'What the operator runs',
};

/** Subjects by role in the order of the roles; nothing is left out. */
export function licenceGroups(subjects: readonly SubjectVerdict[]): readonly RoleGroup[] {
  return ROLES.map((role) =>
    groupOf(
      role,
      subjects.filter((subject) => subject.role === role),
    ),
  ).filter((group) => group.shown.length + group.crowds.length > 0);
}

function groupOf(role: Role, subjects: readonly SubjectVerdict[]): RoleGroup {
  const allowed = (kind: string) => subjects.filter((subject) => subject.kind === kind && subject.state === 'allowed');
  const crowded = [...new Set(subjects.map((subject) => subject.kind))].filter((kind) => allowed(kind).length > CROWD);
  const inCrowd = (subject: SubjectVerdict) => crowded.includes(subject.kind) && subject.state === 'allowed';
  return {
    role,
    title: ROLE_TITLES[role],
    shown: alike(subjects.filter((subject) => !inCrowd(subject))),
    crowds: crowded.map((kind) => crowdOf(kind, allowed(kind))),
  };
}

/** Puts those together of which the same is said and of which there is no evidence that could differ. */
function alike(subjects: readonly SubjectVerdict[]): readonly Alike[] {
  const groups = new Map<string, SubjectVerdict[]>();
  for (const subject of subjects) {
    const { id, kind, state, licence, strength, because, evidence } = subject;
    const key = JSON.stringify(evidence.length > 0 ? [id] : [kind, state, licence, strength, because]);
    groups.set(key, [...(groups.get(key) ?? []), subject]);
  }
  return [...groups.values()].flatMap((members) => (members[0] ? [{ first: members[0], subjects: members }] : []));
}

function crowdOf(kind: string, subjects: readonly SubjectVerdict[]): Crowd {
  const licences = [...new Set(subjects.map(licenceText))];
  const byLicence = licences.map((licence) => ({ licence, subjects: subjects.filter((subject) => licenceText(subject) === licence) }));
  return { kind, subjects, byLicence: byLicence.sort((a, b) => b.subjects.length - a.subjects.length || (a.licence < b.licence ? -1 : 1)) };
}

/** The licence, or that there is none known. */
export function licenceText(subject: SubjectVerdict): string {
  return subject.licence ?? 'no licence known';
}
