import type { Artifact, ArtifactKind } from '../catalog/schema';
import { digestOf } from '../core/canonical-json';
import type { Release } from '../release/schema';
import { applyWaivers } from './apply-waivers';
import { expiringOf, expiryOf } from './expiry';
import { byFinding, compare, toFinding, withWaivers } from './findings';
import { contradictsLabel, coveredByPublisher, follow } from './judge-dependents';
import { type JudgedSubject, judgeSubject, type SubjectContext } from './judge-subject';
import type { LoadedLock } from './lock';
import type { OpenPoint } from './open-point';
import { opennessOf } from './openness/openness';
import { pinsOf } from './pins';
import type { Policy } from './policy';
import { termsReader } from './policy-terms';
import { STATES, type State, worstState } from './state';
import type { Subject } from './subjects/subject';
import { summaryOf } from './summary';
import type { Finding, SubjectVerdict, Verdict } from './verdict';
import type { WaiverFile } from './waiver';

/** Everything a verdict depends on but the clock, as plain data. */
export interface JudgeInputs {
  readonly release: Release;
  readonly releaseFile: string;
  readonly policy: Policy;
  readonly lock: LoadedLock;
  readonly packageLockDigest: string;
  /** Of the record of licence files in packages. */
  readonly packageTextsDigest: string;
  readonly waiverFiles: readonly WaiverFile[];
  /** Bytes of the kept licence texts by their (claimed) hash. */
  readonly evidence: ReadonlyMap<string, Uint8Array>;
  /** All that has to be judged; nobody may leave one out. */
  readonly subjects: readonly Subject[];
  readonly beyond: readonly Artifact[];
  readonly absent: readonly ArtifactKind[];
  /** Models and data in the lock that no lineage names. */
  readonly stray: readonly string[];
  readonly weightsSha256: string | null;
  /** Over the catalog's entries of the model and the engine. */
  readonly catalogDigest: string;
  readonly kitVersion: string;
}

const DAY_MS = 86_400_000;

/** Judges a release. Pure: the same bytes for the same inputs and the same clock. */
export function judge(inputs: JudgeInputs, at: Date): Verdict {
  const judged = judgeAll(inputs, at);
  const open = pointsOf(inputs, judged);
  const waivers = inputs.waiverFiles.flatMap((file) => file.waivers);
  const { environment } = inputs.release.metadata;
  const { waived, points } = applyWaivers(open, waivers, inputs.policy, environment, at);
  const findings = [...open, ...points].map((point) => toFinding(point, inputs.policy, waived.get(point)?.id ?? null)).sort(byFinding);
  const findingsOf = bySubject(findings);
  const subjects = judged
    .map((each) => withWaivers(each, findingsOf.get(each.verdict.id) ?? []))
    .sort((a, b) => compare(a.role, b.role) || compare(a.id, b.id));
  const judgedIds = new Set(subjects.map((subject) => subject.id));
  const loose = findings.filter((finding) => finding.severity === 'error' && !judgedIds.has(finding.subject));
  const state = worstState([...subjects.map((subject) => subject.state), ...loose.map((finding) => finding.state)]);
  const used = [...new Set(waived.values())].sort((a, b) => compare(a.id, b.id));
  const expires =
    expiryOf(judged, used) ?? new Date(new Date(inputs.lock.lock.gathered).getTime() + inputs.policy.freshness.liveDays * DAY_MS);
  const result = {
    kind: 'verdict' as const,
    schemaVersion: 1 as const,
    state,
    environment,
    requires: inputs.release.compliance.requires,
    release: { name: inputs.release.metadata.name, file: inputs.releaseFile },
    model: { id: inputs.release.model.id, revision: inputs.release.model.revision },
    policy: { name: inputs.policy.name, file: inputs.policy.file, digest: digestOf(inputs.policy) },
    lock: { file: inputs.lock.file, digest: inputs.lock.digest },
    kit: { version: inputs.kitVersion },
    pins: [...pinsOf(inputs)],
    openness: opennessOf(judged, inputs.beyond),
    subjectsExpected: inputs.subjects.length,
    subjectsChecked: judged.length,
    counts: countStates(subjects),
    findings,
    subjects,
    waivers: used.map((waiver) => ({
      id: waiver.id,
      subject: waiver.subject,
      rule: waiver.rule,
      reason: waiver.reason,
      approver: waiver.approver,
      key: waiver.key,
      expires: waiver.notAfter,
    })),
    expiring: expiringOf(judged, used, at, inputs.policy.freshness.warnDays),
    expires: expires.toISOString(),
  };
  const summary = summaryOf(result);
  const { metadata, model, engine, placement, compliance } = inputs.release;
  const judgedValues = { metadata, model, engine, target: placement.target, compliance };
  const digest = digestOf({
    policy: result.policy.digest,
    waivers: inputs.waiverFiles.map((file) => file.digest),
    lock: inputs.lock.digest,
    packageLock: inputs.packageLockDigest,
    packageTexts: inputs.packageTextsDigest,
    catalog: inputs.catalogDigest,
    release: judgedValues,
    result: { ...result, release: result.release.name },
  });
  return { ...result, summary, digest };
}

/** Every point that is open before waivers: what a waiver would have to name. */
export function openPoints(inputs: JudgeInputs, at: Date): readonly OpenPoint[] {
  return pointsOf(inputs, judgeAll(inputs, at));
}

function pointsOf(inputs: JudgeInputs, judged: readonly JudgedSubject[]): readonly OpenPoint[] {
  return [...judged.flatMap((each) => each.points), ...openPointsOfRelease(inputs, judged)];
}

/** Judges every subject: first each by itself, then what depends on another's verdict. */
function judgeAll(inputs: JudgeInputs, at: Date): JudgedSubject[] {
  const { lock, evidence, policy, weightsSha256 } = inputs;
  const context: SubjectContext = { lock, evidence, policy, terms: termsReader(policy), at, weightsSha256 };
  const first = new Map(
    inputs.subjects.filter((subject) => subject.follows === null).map((each) => [each.id, judgeSubject(each, context)]),
  );
  const byId = (id: string | null): JudgedSubject | undefined => (id === null ? undefined : first.get(id));
  return inputs.subjects.map((subject) => {
    if (subject.follows !== null) return follow(subject, byId(subject.follows), context);
    const own = first.get(subject.id) as JudgedSubject;
    return contradictsLabel(subject, own, byId(subject.partOf), context) ?? coveredByPublisher(own, byId(subject.partOf), policy) ?? own;
  });
}

function openPointsOfRelease(inputs: JudgeInputs, judged: readonly JudgedSubject[]): OpenPoint[] {
  const location = { file: inputs.releaseFile, line: null, column: null };
  const common = { evidence: [], location, revision: null, licence: null };
  const { requires } = inputs.release.compliance;
  const points: OpenPoint[] = inputs.absent.map((kind) => ({
    ...common,
    rule: 'OVK-OPN-001',
    state: 'unavailable',
    subject: `lineage:${kind}`,
    message: `${requires} needs ${kind}, and the catalog knows of none for ${inputs.release.model.id}.`,
    closes: 'find it and add it to the catalog, lower compliance.requires, or a waiver.',
    // What one model lacks says nothing of another one.
    revision: inputs.release.model.revision,
  }));
  for (const id of inputs.stray) {
    const { file, line = null, column = null } = inputs.lock.locate(id);
    points.push({
      ...common,
      rule: 'OVK-SUB-002',
      state: 'unknown',
      subject: id,
      message: `${file} holds evidence of it, and the lineage of the catalog does not name it, so it was not judged.`,
      closes: 'put it back into the lineage, or gather the lock again (`npx ovkit lock refresh`).',
      location: { file, line, column },
      revision: inputs.lock.subjects.get(id)?.revision ?? null,
    });
  }
  for (const artifact of inputs.beyond) {
    const message = `${artifact.title}: not needed for ${requires}, so it was not judged.`;
    points.push({
      ...common,
      rule: 'OVK-OPN-002',
      state: 'unknown',
      subject: artifact.id,
      message,
      closes: 'raise compliance.requires to have it judged.',
      mild: 'note',
    });
  }
  if (judged.length !== inputs.subjects.length || judged.length === 0) {
    const message = `${judged.length} of ${inputs.subjects.length} subjects were checked.`;
    points.push({
      ...common,
      rule: 'OVK-SUB-001',
      state: 'unknown',
      subject: 'release:subjects',
      message,
      closes: 'this is a defect of the kit: report it.',
    });
  }
  return points;
}

function countStates(subjects: readonly SubjectVerdict[]): Record<State, number> {
  const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  for (const subject of subjects) counts[subject.state] += 1;
  return counts;
}

function bySubject(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const map = new Map<string, Finding[]>();
  for (const finding of findings) {
    const own = map.get(finding.subject);
    if (own) own.push(finding);
    else map.set(finding.subject, [finding]);
  }
  return map;
}
