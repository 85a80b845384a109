import { ROLES, type Role, type SubjectVerdict } from '../../compliance/verdict';

/** Subjects of one role: those shown one by one, and the crowds that are folded by kind. */
export interface RoleGroup {
  readonly role: Role;
  readonly title: string;
  readonly single: readonly SubjectVerdict[];
  readonly crowds: readonly Crowd[];
}
/** Many subjects of one kind, such as the npm tree, counted by licence. */
export interface Crowd {
  readonly kind: string;
  readonly subjects: readonly SubjectVerdict[];
  readonly byLicence: readonly { readonly licence: string; readonly subjects: readonly SubjectVerdict[] }[];
}

/** More subjects of one kind than this are a crowd; those of them that are not allowed still stand alone. */
const CROWD = 12;

export const ROLE_TITLES: Readonly<Record<Role, string>> = {
  'released-artifact': 'What is released',
  'upstream-artifact': 'What it is built from',
  data: 'Training data',
  'recipe-and-logs': 'Recipes, code and logs',
  runtime: 'What runs beside it',
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
  ).filter((group) => group.single.length + group.crowds.length > 0);
}

function groupOf(role: Role, subjects: readonly SubjectVerdict[]): RoleGroup {
  const kinds = [...new Set(subjects.map((subject) => subject.kind))];
  const crowded = kinds.filter((kind) => subjects.filter((subject) => subject.kind === kind).length > CROWD);
  const inCrowd = (subject: SubjectVerdict) => crowded.includes(subject.kind) && subject.state === 'allowed';
  return {
    role,
    title: ROLE_TITLES[role],
    single: subjects.filter((subject) => !inCrowd(subject)),
    crowds: crowded
      .map((kind) =>
        crowdOf(
          kind,
          subjects.filter((subject) => subject.kind === kind && inCrowd(subject)),
        ),
      )
      .filter((crowd) => crowd.subjects.length > 0),
  };
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
