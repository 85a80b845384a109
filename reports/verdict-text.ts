import pc from 'picocolors';
import type { State } from '../compliance/state';
import type { Finding, SubjectVerdict, Verdict } from '../compliance/verdict';
import { formatLocation } from '../core/error';
import { printable } from '../core/printable';

export interface VerdictTextOptions {
  readonly colours: boolean;
}

/**
 * A verdict for the terminal: the sentence, the open points with what would close each, the subjects by role, what expires.
 * Every string of the input is made printable, so that no licence field can write control characters or lines of its own.
 */
export function verdictText(verdict: Verdict, { colours }: VerdictTextOptions): string {
  const paint = pc.createColors(colours);
  const colourOf: Readonly<Record<State, (text: string) => string>> = {
    allowed: paint.green,
    unavailable: paint.yellow,
    unknown: paint.yellow,
    conflict: paint.magenta,
    denied: paint.red,
  };
  const errors = verdict.findings.filter((finding) => finding.severity === 'error');
  const warnings = verdict.findings.filter((finding) => finding.severity === 'warning');
  const sections = [
    [
      paint.bold(colourOf[verdict.state](printable(verdict.summary))),
      `${verdict.model.id} at ${verdict.model.revision.slice(0, 19)}, environment ${verdict.environment}, requires ${verdict.requires}`,
      `policy ${verdict.policy.name}, lock ${verdict.lock.file}; ${verdict.subjectsChecked} of ${verdict.subjectsExpected} subjects checked`,
    ].map((line, index) => (index === 0 ? line : printable(line))),
    ...groupByState(errors).map(([state, findings]) => [
      paint.bold(colourOf[state](`${state} (${findings.length})`)),
      ...findings.flatMap((finding) => findingLines(finding, paint.dim)),
    ]),
    warnings.length === 0
      ? []
      : [paint.bold(`warnings (${warnings.length})`), ...warnings.flatMap((finding) => findingLines(finding, paint.dim))],
    [paint.bold('subjects by role'), ...roleLines(verdict.subjects)],
    [paint.bold('openness'), ...opennessLines(verdict.openness)],
    expiryLines(verdict, paint.bold),
    [paint.dim(printable(`digest ${verdict.digest}`))],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
}

function groupByState(findings: readonly Finding[]): readonly (readonly [State, readonly Finding[]])[] {
  const states = [...new Set(findings.map((finding) => finding.state))];
  return states.map((state) => [state, findings.filter((finding) => finding.state === state)] as const);
}

function findingLines(finding: Finding, dim: (text: string) => string): string[] {
  const { file, line, column } = finding.location;
  const where = formatLocation({ file, line: line ?? undefined, column: column ?? undefined });
  return [
    `  ${finding.rule}  ${printable(finding.subject)}`,
    `    ${printable(finding.message)}`,
    `    closes: ${printable(finding.closes)}`,
    dim(`    ${printable(where)}`),
  ];
}

/** Kinds that come by the hundred: they are counted, and the findings above name those that are open. Everything else is named. */
const COUNTED: Readonly<Record<string, string>> = { 'npm-package': 'npm packages', 'python-package': 'Python packages' };

function roleLines(subjects: readonly SubjectVerdict[]): string[] {
  const roles = [...new Set(subjects.map((subject) => subject.role))];
  return roles.flatMap((role) => {
    const own = subjects.filter((subject) => subject.role === role);
    const counts = Object.entries(COUNTED).flatMap(([kind, title]) => {
      const packages = own.filter((subject) => subject.kind === kind);
      return packages.length === 0 ? [] : [`    ${packages.length} ${title}: ${countsOf(packages)}`];
    });
    return [`  ${role}`, ...own.filter(({ kind }) => !Object.hasOwn(COUNTED, kind)).map(subjectLine), ...counts];
  });
}

function subjectLine(subject: SubjectVerdict): string {
  const licence = subject.licence === null ? 'no licence' : `${subject.strength} ${subject.licence}`;
  return printable(`    ${subject.state.padEnd(11)}  ${subject.id}  ${licence}`);
}

function countsOf(subjects: readonly SubjectVerdict[]): string {
  const states = [...new Set(subjects.map((subject) => subject.state))].sort();
  return states.map((state) => `${subjects.filter((subject) => subject.state === state).length} ${state}`).join(', ');
}

/** Two frameworks beside each other, with what keeps each from more. */
function opennessLines({ mof, osaid }: Verdict['openness']): string[] {
  const titles = (list: readonly { readonly state: string; readonly title: string }[], state: string) =>
    list.filter((component) => component.state === state).map((component) => component.title);
  const rest = (list: readonly { readonly state: string; readonly title: string }[]) =>
    (['closed', 'unknown'] as const)
      .map((state) => [state, titles(list, state)] as const)
      .filter(([, names]) => names.length > 0)
      .map(([state, names]) => `    ${state}: ${names.join('; ')}`);
  return [
    `  Model Openness Framework ${mof.version}: class proven ${mof.proven}, at best ${mof.atBest}`,
    ...rest(mof.components),
    `  Open Source AI Definition ${osaid.version}: ${osaid.state}`,
    ...rest(osaid.elements),
  ].map(printable);
}

const SHOWN_EXPIRING = 5;

function expiryLines(verdict: Verdict, bold: (text: string) => string): string[] {
  const soon = verdict.expiring.slice(0, SHOWN_EXPIRING).map(({ what, expires }) => printable(`  ${expires}  ${what}`));
  const more = verdict.expiring.length > SHOWN_EXPIRING ? [`  and ${verdict.expiring.length - SHOWN_EXPIRING} more`] : [];
  return [`${bold('holds until')} ${verdict.expires}`, ...soon, ...more];
}
