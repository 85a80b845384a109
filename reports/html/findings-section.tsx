import type { Finding, Verdict } from '../../compliance/verdict';
import type { Plan } from '../../planning/plan';
import { plural } from '../format';
import { openPoints } from '../headline';
import { EvidenceList } from './evidence-list';
import { Section } from './parts';
import { StateBadge } from './state-badge';

/** Open points, each with what would close it; then what the plan objects to; then remarks that do not count. */
export function FindingsSection(props: { plan: Plan; verdict: Verdict }) {
  const open = openPoints(props.verdict);
  const remarks = props.verdict.findings.filter((finding) => finding.severity !== 'error' && finding.waivedBy === null);
  const { problems } = props.plan;
  return (
    <Section
      id="open-points"
      title="Open points"
      lead={
        open.length === 0
          ? 'Nothing is open under this policy.'
          : `${plural(open.length, 'point')} between this release and “allowed”. Each says which evidence or which signed waiver would close it.`
      }
    >
      {open.map((finding) => (
        <Point key={`${finding.rule} ${finding.subject} ${finding.message}`} finding={finding} />
      ))}
      {problems.length === 0 ? null : (
        <>
          <h3>From the plan</h3>
          {problems.map((problem) => (
            <article key={`${problem.code} ${problem.message}`} class={`point by-${problem.severity === 'error' ? 'denied' : 'unknown'}`}>
              <div class="head">
                <h4>{problem.message}</h4>
                <StateBadge tone={problem.severity === 'error' ? 'denied' : 'unknown'}>{problem.severity}</StateBadge>
              </div>
              <p class="closes">{problem.next}</p>
              <p class="meta">
                <code>{problem.code}</code>
              </p>
            </article>
          ))}
        </>
      )}
      {remarks.length === 0 ? null : (
        <details>
          <summary>
            {plural(remarks.length, 'remark')} <span class="fine">shown, not counted</span>
          </summary>
          <div class="inside">
            {remarks.map((finding) => (
              <Point key={`${finding.rule} ${finding.subject} ${finding.message}`} finding={finding} />
            ))}
          </div>
        </details>
      )}
    </Section>
  );
}

function Point(props: { finding: Finding }) {
  const { finding } = props;
  const { file, line } = finding.location;
  return (
    <article class={`point by-${finding.state}`}>
      <div class="head">
        <h3>{finding.subject}</h3>
        <StateBadge tone={finding.state} />
      </div>
      <p>{finding.message}</p>
      <p class="closes">
        <strong>Closes it:</strong> {finding.closes}
      </p>
      {finding.evidence.length === 0 ? null : <EvidenceList evidence={finding.evidence} />}
      <p class="meta">
        <code>{finding.rule}</code>
        <span>{finding.severity}</span>
        <span>{line === null ? file : `${file}:${line}`}</span>
      </p>
    </article>
  );
}
