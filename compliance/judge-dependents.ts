import { closesRule } from './closes';
import { judgeLicence } from './expression/evaluate';
import { type JudgedSubject, judgeSubject, type SubjectContext } from './judge-subject';
import type { OpenPoint } from './open-point';
import type { Policy } from './policy';
import type { Subject } from './subjects/subject';
import type { SubjectVerdict } from './verdict';

/** A host binary is judged by the source it was built from. */
export function follow(subject: Subject, source: JudgedSubject | undefined, context: SubjectContext): JudgedSubject {
  const own = judgeSubject(subject, context);
  if (!source) return own;
  const { state, licence, strength, revision, evidence } = source.verdict;
  const because = `built from ${source.verdict.id}: ${source.verdict.because}`;
  const verdict = { ...own.verdict, state, licence, strength, revision, evidence, because };
  const points =
    state === 'allowed'
      ? []
      : own.points.map(
          (point): OpenPoint => ({ ...point, state, revision, licence, message: `its source ${source.verdict.id} is ${state}.` }),
        );
  return { ...own, verdict, points, holdsUntil: source.holdsUntil };
}

/** A source with restrictive terms inside a data set that is labelled permissive: two statements that cannot both hold. */
export function contradictsLabel(
  subject: Subject,
  own: JudgedSubject,
  whole: JudgedSubject | undefined,
  context: SubjectContext,
): JudgedSubject | undefined {
  if (subject.kind !== 'data-source' || own.verdict.state !== 'denied' || !whole) return undefined;
  const label = whole.verdict.licence;
  if (label === null || judgeLicence(label, context.terms('data', whole.verdict.id)).state !== 'allowed') return undefined;
  const message = `${whole.verdict.id} is labelled ${label}, but this source inside it is under ${own.verdict.licence}.`;
  const points = own.points.map((point) =>
    point.rule === 'OVK-LIC-001'
      ? {
          ...point,
          rule: 'OVK-LIC-006',
          state: 'conflict' as const,
          message,
          closes: closesRule('OVK-LIC-006'),
          // a waiver is for this contradiction; under another label it is another one
          licence: `${own.verdict.licence}, labelled ${label}`,
          evidence: [...point.evidence, ...whole.verdict.evidence],
        }
      : point,
  );
  return { ...own, verdict: { ...own.verdict, state: 'conflict', because: message }, points };
}

/** Rules that the publisher's licence of the derived artifact answers; nothing that was found out against the artifact is among them. */
const COVERABLE: ReadonlySet<string> = new Set(['OVK-EVD-001', 'OVK-EVD-004', 'OVK-AVL-001', 'OVK-LIC-003']);

/** An upstream artifact of the same publisher needs no licence of its own while the artifact made from it has one. */
export function coveredByPublisher(own: JudgedSubject, derived: JudgedSubject | undefined, policy: Policy): JudgedSubject | undefined {
  if (!derived || own.points.length === 0 || derived.verdict.state !== 'allowed') return undefined;
  if (!(policy.samePublisherCovers as readonly string[]).includes(own.verdict.kind)) return undefined;
  if (!own.points.every((point) => COVERABLE.has(point.rule))) return undefined;
  const publisher = own.publishers.find((name) => derived.publishers.includes(name));
  if (publisher === undefined) return undefined;
  const { licence, strength } = derived.verdict;
  const because = `covered: ${publisher} published it and licensed ${derived.verdict.id}, which is made from it, under ${licence}`;
  const verdict: SubjectVerdict = {
    ...own.verdict,
    state: 'allowed',
    licence,
    strength: strength === 'verified' ? 'declared' : strength,
    because,
  };
  return { ...own, verdict, points: [], holdsUntil: derived.holdsUntil };
}
