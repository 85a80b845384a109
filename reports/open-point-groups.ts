import type { Finding } from '../compliance/verdict';

/** Findings of one rule in one state that the same step closes; 15 unreachable data sources are one thing to do, not 15. */
export interface PointGroup {
  readonly rule: string;
  readonly state: Finding['state'];
  readonly severity: Finding['severity'];
  readonly closes: string;
  /** What all of them say, or null when each says something else. */
  readonly message: string | null;
  readonly findings: readonly Finding[];
}

/** Findings by rule, state and what closes them, in the order in which each group first appears; none is left out. */
export function groupFindings(findings: readonly Finding[]): readonly PointGroup[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.rule, finding.state, finding.severity, finding.closes]);
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const { rule, state, severity, closes, message } = first;
    const same = members.every((member) => member.message === message);
    return [{ rule, state, severity, closes, message: same ? message : null, findings: members }];
  });
}
