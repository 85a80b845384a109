import type { SubjectVerdict, Verdict } from '../../compliance/verdict';
import { formatCount, plural } from '../format';
import { EvidenceList } from './evidence-list';
import { type Crowd, licenceGroups, licenceText } from './licence-groups';
import { Section } from './parts';
import { StateBadge } from './state-badge';

/** Which licence stands behind each part, how strong the claim is, and on what evidence. */
export function LicenceSection(props: { verdict: Verdict }) {
  return (
    <Section
      id="licences"
      title="Licences and evidence by subject"
      lead="Verified: the licence text was compared word by word. Declared: its publisher says so, nobody compared it. Documented: a third source says so. None of these is legal advice."
    >
      {licenceGroups(props.verdict.subjects).map((group) => (
        <div key={group.role}>
          <h3>{group.title}</h3>
          {group.single.map((subject) => (
            <Subject key={subject.id} subject={subject} />
          ))}
          {group.crowds.map((crowd) => (
            <CrowdFold key={crowd.kind} crowd={crowd} />
          ))}
        </div>
      ))}
    </Section>
  );
}

function Subject(props: { subject: SubjectVerdict }) {
  const { subject } = props;
  return (
    <article class={`point by-${subject.state}`}>
      <div class="head">
        <h4>{subject.title}</h4>
        <span class="signs">
          {subject.strength === 'none' ? null : <span class="tag">{subject.strength}</span>}
          <StateBadge tone={subject.state} />
        </span>
      </div>
      <p>
        <strong>{licenceText(subject)}</strong>
      </p>
      <p>{subject.because}</p>
      <p class="meta">
        <span>
          {subject.kind} <code>{subject.id}</code>
        </span>
        {subject.revision ? (
          <span>
            judged at <code>{subject.revision}</code>
          </span>
        ) : (
          <span>no revision</span>
        )}
        {subject.partOf ? <span>part of {subject.partOf}</span> : null}
      </p>
      {subject.evidence.length === 0 ? (
        <p class="note">No evidence.</p>
      ) : (
        <details>
          <summary>{plural(subject.evidence.length, 'piece')} of evidence</summary>
          <div class="inside">
            <EvidenceList evidence={subject.evidence} />
          </div>
        </details>
      )}
    </article>
  );
}

function CrowdFold(props: { crowd: Crowd }) {
  const { crowd } = props;
  return (
    <details>
      <summary>
        {`${formatCount(crowd.subjects.length)} of kind ${crowd.kind}, all allowed`}{' '}
        <span class="fine">{crowd.byLicence.map(({ licence, subjects }) => `${licence} ${formatCount(subjects.length)}`).join(', ')}</span>
      </summary>
      <div class="inside stack">
        {crowd.byLicence.map(({ licence, subjects }) => (
          <div key={licence}>
            <h4>{`${licence}: ${formatCount(subjects.length)}`}</h4>
            <ul class="names">
              {subjects.map((subject) => (
                <li key={subject.id}>
                  {nameAndRevision(subject)} <span class="fine">{subject.strength}</span>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </div>
    </details>
  );
}

function nameAndRevision(subject: SubjectVerdict): string {
  return subject.revision && !subject.title.includes(subject.revision) ? `${subject.title} ${subject.revision}` : subject.title;
}
