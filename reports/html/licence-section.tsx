import type { SubjectVerdict, Verdict } from '../../compliance/verdict';
import { formatCount, plural } from '../format';
import { EvidenceList } from './evidence-list';
import { type Alike, type Crowd, licenceGroups, licenceText } from './licence-groups';
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
          {group.shown.map((item) => (
            <Subjects key={item.first.id} alike={item} />
          ))}
          {group.crowds.map((crowd) => (
            <CrowdFold key={crowd.kind} crowd={crowd} />
          ))}
        </div>
      ))}
    </Section>
  );
}

function Subjects(props: { alike: Alike }) {
  const { first, subjects } = props.alike;
  const many = subjects.length > 1;
  return (
    <article class={`point by-${first.state}`}>
      <div class="head">
        <h4>{many ? `${formatCount(subjects.length)} of kind ${first.kind}` : first.title}</h4>
        <span class="signs">
          {first.strength === 'none' ? null : <span class="tag">{first.strength}</span>}
          <StateBadge tone={first.state} />
        </span>
      </div>
      <p>
        <strong>{licenceText(first)}</strong>: {first.because}
      </p>
      {many ? (
        <ul class="members compact">
          {subjects.map((subject) => (
            <li key={subject.id}>
              {nameAndRevision(subject)} <code>{subject.id}</code>
            </li>
          ))}
        </ul>
      ) : (
        <Identity subject={first} />
      )}
      {first.evidence.length === 0 ? <p class="note">No evidence.</p> : <EvidenceList evidence={first.evidence} />}
    </article>
  );
}

function Identity(props: { subject: SubjectVerdict }) {
  const { id, kind, revision, partOf } = props.subject;
  return (
    <p class="meta">
      <span>
        {kind} <code>{id}</code>
      </span>
      <span>{revision ? <code>{revision}</code> : 'no revision'}</span>
      {partOf ? <span>part of {partOf}</span> : null}
    </p>
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
            <h4>{`${licence}: ${plural(subjects.length, 'subject')}, ${strengthsOf(subjects)}`}</h4>
            <ul class="names">
              {subjects.map((subject) => (
                <li key={subject.id}>{nameAndRevision(subject)}</li>
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

/** `declared`, or `3 verified, 12 declared` where they differ. */
function strengthsOf(subjects: readonly SubjectVerdict[]): string {
  const strengths = [...new Set(subjects.map((subject) => subject.strength))];
  if (strengths.length === 1) return strengths.join('');
  return strengths
    .map((strength) => `${formatCount(subjects.filter((subject) => subject.strength === strength).length)} ${strength}`)
    .join(', ');
}
