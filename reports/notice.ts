import type { SubjectVerdict, Verdict } from '../compliance/verdict';
import { printable } from '../core/printable';

/** A licence or notice text that lies at hand, as it was read. */
export interface NoticeText {
  /** Id of the subject that it belongs to. */
  readonly subject: string;
  /** Name of the file inside the subject, e.g. LICENSE. */
  readonly file: string;
  readonly text: string;
  readonly sha256: string;
}

/**
 * Licences with their actual texts: first what the service is made of, then what stands on the operator's desk. Every text is printed once,
 * below all that carry it word by word; what has no text at hand is named as such, and no text is put in its place.
 */
export function toNotice(verdict: Verdict, texts: readonly NoticeText[]): string {
  const ids = new Set(verdict.subjects.map((subject) => subject.id));
  const known = texts.filter((text) => ids.has(text.subject));
  const byText = new Map<string, NoticeText[]>();
  for (const text of known) byText.set(text.sha256, [...(byText.get(text.sha256) ?? []), text]);
  const numbered = [...byText.entries()].sort(([a, [first]], [b, [second]]) =>
    compare(`${first?.subject} ${first?.file} ${a}`, `${second?.subject} ${second?.file} ${b}`),
  );
  const numbers = new Map(numbered.map(([hash], index) => [hash, index + 1]));
  const numbersOf = (id: string) =>
    [...new Set(known.filter((text) => text.subject === id).map((text) => numbers.get(text.sha256) ?? 0))].sort((a, b) => a - b);
  const lines = SECTIONS.flatMap(({ title, roles }) => {
    const own = verdict.subjects.filter((subject) => (roles as readonly string[]).includes(subject.role));
    return own.length === 0
      ? []
      : ['', title, '-'.repeat(title.length), '', ...own.map((subject) => subjectLine(subject, numbersOf(subject.id)))];
  });
  const without = verdict.subjects.filter((subject) => numbersOf(subject.id).length === 0).length;
  return [
    `NOTICE of ${printable(verdict.release.name)}`,
    '',
    printable(`${verdict.model.id} at ${verdict.model.revision}; ${verdict.summary}.`),
    printable(`Verdict ${verdict.digest}. "declared": somebody says so; "verified": the text was compared word by word. Not legal advice.`),
    `${byText.size} texts for ${verdict.subjects.length - without} of ${verdict.subjects.length} subjects; for ${without} no text is at hand.`,
    ...lines,
    ...numbered.flatMap(([hash, carriers]) => textLines(numbers.get(hash) ?? 0, hash, carriers)),
    '',
  ].join('\n');
}

const SECTIONS = [
  { title: 'What is released and what it runs on', roles: ['released-artifact', 'upstream-artifact', 'runtime'] },
  { title: 'Training data, recipes and logs', roles: ['data', 'recipe-and-logs'] },
  { title: "Tools on the operator's desk, none of which ships", roles: ['operator-tool'] },
  { title: 'Tools that build, none of which ships', roles: ['build-tool'] },
] as const;

function subjectLine(subject: SubjectVerdict, texts: readonly number[]): string {
  const licence = subject.licence === null ? 'no licence known' : `${subject.strength} ${subject.licence}`;
  return printable(`${subject.id}: ${licence}; ${texts.length === 0 ? 'no text at hand' : `text ${texts.join(', ')}`}`);
}

const RULE = '='.repeat(80);

function textLines(number: number, hash: string, carriers: readonly NoticeText[]): string[] {
  const names = [...new Set(carriers.map(({ subject, file }) => `${subject} ${file}`))].sort(compare);
  const text = carriers[0]?.text ?? '';
  return [
    '',
    RULE,
    `Text ${number}, sha256 ${hash}`,
    ...names.map((name) => printable(`  ${name}`)),
    RULE,
    '',
    ...text.split(/\r\n|\r|\n/).map(printableLine),
  ];
}

/** Control characters of a text, but for tabs, must not reach a terminal. */
function printableLine(line: string): string {
  return line.split('\t').map(printable).join('\t').trimEnd();
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
