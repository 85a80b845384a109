import type { Finding, Verdict } from '../../compliance/verdict';
import type { CodeTable } from '../../core/codes';
import type { Plan } from '../../planning/plan';
import { plural } from '../format';
import { openPoints } from '../headline';
import { groupFindings, type PointGroup } from '../open-point-groups';
import { EvidenceList } from './evidence-list';
import { Section } from './parts';
import { StateBadge } from './state-badge';

/** Open points, each with what would close it; then what the plan objects to; then remarks that do not count. */
export function FindingsSection(props: { plan: Plan; verdict: Verdict; codes: CodeTable }) {
  const open = openPoints(props.verdict);
  const remarks = props.verdict.findings.filter((finding) => finding.severity !== 'error' && finding.waivedBy === null);
  return (
    <Section
      id="open-points"
      title="Open points"
      lead={
        open.length === 0
          ? 'Nothing is open under this policy.'
          : `${plural(open.length, 'point')} between this release and “allowed”, grouped by what would close them: evidence to obtain, or a waiver to sign.`
      }
    >
      {groupFindings(open).map((group) => (
        <Group key={`${group.rule} ${group.state} ${group.closes}`} group={group} codes={props.codes} />
      ))}
      <PlanProblems plan={props.plan} />
      {remarks.length === 0 ? null : (
        <details>
          <summary>
            {plural(remarks.length, 'remark')} <span class="fine">shown, not counted</span>
          </summary>
          <div class="inside">
            {groupFindings(remarks).map((group) => (
              <Group key={`${group.rule} ${group.state} ${group.closes}`} group={group} codes={props.codes} />
            ))}
          </div>
        </details>
      )}
    </Section>
  );
}

function Group(props: { group: PointGroup; codes: CodeTable }) {
  const { group } = props;
  const [only] = group.findings;
  const title = props.codes[group.rule]?.title ?? (group.findings.length === 1 ? only?.subject : group.message);
  const bare = group.message !== null && group.findings.every((finding) => finding.evidence.length === 0);
  return (
    <article class={`point by-${group.state}`}>
      <div class="head">
        <h3>{title ?? group.rule}</h3>
        <span class="signs">
          {group.findings.length > 1 ? <span class="tag">{plural(group.findings.length, 'point')}</span> : null}
          <StateBadge tone={group.state} />
        </span>
      </div>
      {group.message === null || group.message === title ? null : <p>{group.message}</p>}
      <ul class={bare ? 'members compact' : 'members'}>
        {group.findings.map((finding) => (
          <li key={`${finding.subject} ${finding.message}`}>
            <strong>{finding.subject}</strong> <span class="where">{placeOf(finding)}</span>
            {group.message === null ? <p>{finding.message}</p> : null}
            {finding.evidence.length === 0 ? null : <EvidenceList evidence={finding.evidence} />}
          </li>
        ))}
      </ul>
      <p class="closes">
        <strong>Closes it:</strong> {group.closes}
      </p>
      <p class="meta">
        <code>{group.rule}</code>
        <span>{group.severity}</span>
      </p>
    </article>
  );
}

function placeOf(finding: Finding): string {
  const { file, line } = finding.location;
  return line === null ? file : `${file}:${line}`;
}

function PlanProblems(props: { plan: Plan }) {
  const { problems } = props.plan;
  if (problems.length === 0) return null;
  return (
    <>
      <h3>From the plan</h3>
      {problems.map((problem) => (
        <article key={`${problem.code} ${problem.message}`} class={`point by-${problem.severity === 'error' ? 'denied' : 'unknown'}`}>
          <div class="head">
            <h4>{problem.message}</h4>
            <StateBadge tone={problem.severity === 'error' ? 'denied' : 'unknown'}>{problem.severity}</StateBadge>
          </div>
          <p class="closes">
            <strong>Next:</strong> {problem.next}
          </p>
          <p class="meta">
            <code>{problem.code}</code>
          </p>
        </article>
      ))}
    </>
  );
}
