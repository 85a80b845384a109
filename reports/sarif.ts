import type { Finding, Verdict } from '../compliance/verdict';
import { sha256Hex } from '../core/canonical-json';
import type { CodeTable } from '../core/codes';
import type { Plan } from '../planning/plan';
import { cleanText } from './clean';
import { sarifRules } from './sarif-rules';

export interface SarifOptions {
  /** Titles and remedies of the rules, e.g. the code tables of compliance and planning. */
  readonly codes?: CodeTable;
  readonly kitVersion?: string;
}

/** Results that code scanning keeps of one run ("Top 5,000 results"). Source: GitHub docs, SARIF support for code scanning. */
const MAX_RESULTS = 5_000;
/** Longer messages are cut; a finding that needs more says so in the report. */
const MAX_MESSAGE_CHARACTERS = 2_000;

/**
 * The violations of a verdict (and of a plan) as a SARIF 2.1.0 log for code scanning: findings of severity error that no waiver excuses.
 * Denied and contradictory ones have level error, those that are unknown or unavailable level warning.
 * The same input gives the same log; the worst come first, and what goes beyond 5,000 results is counted in `properties.omittedResults`.
 */
export function toSarif(verdict: Verdict, plan?: Plan, options: SarifOptions = {}): SarifLog {
  const violations = [...verdict.findings.filter(isViolation).map(fromFinding), ...(plan ? fromPlan(plan) : [])].sort(worstFirst);
  const kept = violations.slice(0, MAX_RESULTS);
  const rules = sarifRules(
    kept.map((violation) => violation.rule),
    options.codes ?? {},
  );
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'onevision-kit',
            ...(options.kitVersion ? { semanticVersion: options.kitVersion } : {}),
            rules,
          },
        },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { '%SRCROOT%': { description: { text: 'Root of the repository.' } } },
        results: kept.map((violation) =>
          toResult(
            violation,
            rules.findIndex((rule) => rule.id === violation.rule),
          ),
        ),
        properties: {
          state: verdict.state,
          verdictDigest: verdict.digest,
          verdictExpires: verdict.expires,
          omittedResults: violations.length - kept.length,
        },
      },
    ],
  };
}

interface Violation {
  readonly rule: string;
  readonly level: 'error' | 'warning';
  readonly subject: string;
  readonly text: string;
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
}

function isViolation(finding: Finding): boolean {
  return finding.severity === 'error' && finding.waivedBy === null;
}

function fromFinding(finding: Finding): Violation {
  return {
    rule: finding.rule,
    level: finding.state === 'denied' || finding.state === 'conflict' ? 'error' : 'warning',
    subject: finding.subject,
    text: `${finding.subject}: ${finding.message} To close: ${finding.closes}`,
    ...finding.location,
  };
}

function fromPlan(plan: Plan): Violation[] {
  return plan.problems
    .filter((problem) => problem.severity === 'error')
    .map((problem) => ({
      rule: problem.code,
      level: 'error',
      subject: plan.release.name,
      text: `${problem.message} Next: ${problem.next}`,
      file: plan.release.file,
      line: null,
      column: null,
    }));
}

function toResult(violation: Violation, ruleIndex: number) {
  const text = cleanText(violation.text);
  return {
    ruleId: violation.rule,
    ruleIndex,
    level: violation.level,
    message: { text: text.length > MAX_MESSAGE_CHARACTERS ? `${text.slice(0, MAX_MESSAGE_CHARACTERS - 1)}…` : text },
    locations: [
      {
        physicalLocation: {
          artifactLocation: artifactLocation(violation.file),
          // Code scanning shows a result only with a line; a finding about a whole file stands on its first.
          region: { startLine: violation.line ?? 1, ...(violation.column === null ? {} : { startColumn: violation.column }) },
        },
      },
    ],
    partialFingerprints: { primaryLocationLineHash: fingerprint(violation) },
  };
}

/** The same point keeps its identity when lines move: rule, subject and file, not the line. */
function fingerprint(violation: Violation): string {
  return `${sha256Hex([violation.rule, violation.subject, violation.file].join('\0')).slice(0, 16)}:1`;
}

/** A path inside the repository as a relative URI; one outside of it stays absolute. */
function artifactLocation(file: string): { readonly uri: string; readonly uriBaseId?: string } {
  const path = cleanText(file).replaceAll('\\', '/').replace(/^\.\//, '');
  const uri = path
    .split('/')
    .map((part) => encodeURIComponent(part))
    .join('/');
  return path.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' };
}

function worstFirst(a: Violation, b: Violation): number {
  const key = (violation: Violation) =>
    [violation.level, violation.file, String(violation.line ?? 0).padStart(9, '0'), violation.rule, violation.subject, violation.text].join(
      '\0',
    );
  const [left, right] = [key(a), key(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The part of SARIF 2.1.0 that the kit writes; a test holds it against the schema of OASIS. */
export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly [
    {
      readonly tool: {
        readonly driver: { readonly name: string; readonly semanticVersion?: string; readonly rules: ReturnType<typeof sarifRules> };
      };
      readonly columnKind: 'utf16CodeUnits';
      readonly originalUriBaseIds: Readonly<Record<string, unknown>>;
      readonly results: readonly ReturnType<typeof toResult>[];
      readonly properties: Readonly<Record<string, string | number>>;
    },
  ];
}
