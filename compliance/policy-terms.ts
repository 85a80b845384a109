import type { LicenceTerms } from './expression/evaluate';
import type { AllowRow, Policy } from './policy';
import type { Role } from './verdict';

/** What a policy says to one subject: the rows of its role that are meant for it. */
export interface SubjectTerms extends LicenceTerms {
  /** Licences that are acceptable only with an acknowledgement, with the reason. */
  readonly acknowledge: ReadonlyMap<string, string>;
  /** Licences for which a claim that is only documented suffices. */
  readonly documented: ReadonlySet<string>;
}

/** Terms per subject; subjects that no row singles out share one value per role. */
export function termsReader(policy: Policy): (role: Role, subject: string) => SubjectTerms {
  const general = new Map<Role, SubjectTerms>();
  return (role, subject) => {
    const rows = policy.roles[role]?.allow ?? [];
    if (rows.some((row) => row.only !== undefined && matches(row, subject))) return build(policy, role, subject);
    let terms = general.get(role);
    if (!terms) {
      terms = build(policy, role, undefined);
      general.set(role, terms);
    }
    return terms;
  };
}

function build(policy: Policy, role: Role, subject: string | undefined): SubjectTerms {
  const rows = (policy.roles[role]?.allow ?? []).filter(
    (row) => row.only === undefined || (subject !== undefined && matches(row, subject)),
  );
  const plain = new Set(rows.filter((row) => !row.acknowledge).map((row) => row.expression));
  return {
    allowed: new Set(rows.map((row) => row.expression)),
    denied: new Set((policy.roles[role]?.deny ?? []).map((row) => row.expression)),
    orLater: policy.orLater,
    documented: new Set(rows.filter((row) => row.documented).map((row) => row.expression)),
    acknowledge: new Map(rows.filter((row) => row.acknowledge && !plain.has(row.expression)).map((row) => [row.expression, row.reason])),
  };
}

function matches(row: AllowRow, subject: string): boolean {
  return (row.only ?? []).some((pattern) => (pattern.endsWith('*') ? subject.startsWith(pattern.slice(0, -1)) : subject === pattern));
}
