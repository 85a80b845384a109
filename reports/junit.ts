import type { Finding, SubjectVerdict, Verdict } from '../compliance/verdict';
import { cleanText } from './clean';

/**
 * The verdict as a JUnit report: a test suite per role, a test case per subject. Denied and contradictory subjects are failures, those
 * that are unknown or unavailable are errors, and neither is ever "skipped", which most readers of JUnit take for green.
 */
export function toJunit(verdict: Verdict, at: Date): string {
  const roles = [...new Set(verdict.subjects.map((subject) => subject.role))];
  const known = new Set(verdict.subjects.map((subject) => subject.id));
  const loose = verdict.findings.filter((finding) => finding.severity === 'error' && !known.has(finding.subject));
  const byId = new Map<string, Finding[]>();
  for (const finding of verdict.findings) byId.set(finding.subject, [...(byId.get(finding.subject) ?? []), finding]);
  const suites = [
    ...roles.map((role) => ({
      name: role as string,
      cases: verdict.subjects
        .filter((subject) => subject.role === role)
        .map((subject) => caseOf(role, subject, byId.get(subject.id) ?? [])),
    })),
    ...(loose.length === 0 ? [] : [{ name: 'release', cases: loose.map((finding) => looseCase(finding)) }]),
  ];
  const all = suites.flatMap((suite) => suite.cases);
  const attributes = { name: `compliance of ${verdict.release.name}`, ...countsOf(all), timestamp: at.toISOString().slice(0, 19) };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributesText(attributes)}>`,
    ...suites.flatMap((suite) => [
      `  <testsuite${attributesText({ name: suite.name, ...countsOf(suite.cases), skipped: 0, timestamp: attributes.timestamp })}>`,
      ...suite.cases.flatMap((each) => each.lines),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

interface Case {
  readonly outcome: 'passed' | 'failure' | 'error';
  readonly lines: readonly string[];
}

function caseOf(role: string, subject: SubjectVerdict, findings: readonly Finding[]): Case {
  const open = findings.filter((finding) => finding.severity === 'error' && finding.waivedBy === null);
  const outcome = subject.state === 'allowed' ? 'passed' : outcomeOf(subject.state);
  const texts = open.length > 0 ? open.map(textOf) : [subject.because];
  return { outcome, lines: caseLines(role, subject.id, outcome, subject.state, subject.because, texts) };
}

function looseCase(finding: Finding): Case {
  const outcome = outcomeOf(finding.state);
  return { outcome, lines: caseLines('release', finding.subject, outcome, finding.state, finding.message, [textOf(finding)]) };
}

function outcomeOf(state: Finding['state']): 'failure' | 'error' {
  return state === 'denied' || state === 'conflict' ? 'failure' : 'error';
}

function textOf(finding: Finding): string {
  const { file, line } = finding.location;
  return `${finding.rule}: ${finding.message} To close: ${finding.closes} (${file}${line === null ? '' : `:${line}`})`;
}

function caseLines(
  suite: string,
  name: string,
  outcome: Case['outcome'],
  type: string,
  message: string,
  texts: readonly string[],
): readonly string[] {
  const head = `    <testcase${attributesText({ name, classname: suite, time: 0 })}`;
  if (outcome === 'passed') return [`${head}/>`];
  return [
    `${head}>`,
    `      <${outcome}${attributesText({ type, message })}>${texts.map(xmlText).join('\n')}</${outcome}>`,
    '    </testcase>',
  ];
}

function countsOf(cases: readonly Case[]) {
  const count = (outcome: Case['outcome']) => cases.filter((each) => each.outcome === outcome).length;
  return { tests: cases.length, failures: count('failure'), errors: count('error') };
}

function attributesText(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('');
}

/** Characters that XML 1.0 does not know at all are replaced before the five that have a meaning are escaped. */
function xmlText(text: string): string {
  return cleanText(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&apos;');
}
