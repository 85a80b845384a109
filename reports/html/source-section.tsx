import type { Verdict } from '../../compliance/verdict';
import type { Plan } from '../../planning/plan';
import { Facts, Section, SourceText } from './parts';

/** Where the numbers and the judgement come from, so that both can be traced and made again. */
export function SourceSection(props: { plan: Plan; verdict: Verdict }) {
  const { plan, verdict } = props;
  return (
    <Section id="sources" title="Sources">
      <Facts
        entries={[
          ['Release file', <code key="release">{plan.release.file}</code>],
          ['Policy', <code key="policy">{verdict.policy.file}</code>, <code key="digest">{verdict.policy.digest}</code>],
          ['Evidence lock', <code key="lock">{verdict.lock.file}</code>, <code key="digest">{verdict.lock.digest}</code>],
        ]}
      />
      {plan.sources.length === 0 ? null : (
        <>
          <h3>Behind the numbers</h3>
          <ul class="plainlist">
            {[...new Set(plan.sources)].map((source) => (
              <li key={source}>
                <SourceText text={source} />
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  );
}

/** What a reader must not take this page for. */
export function NotProvedSection(props: { gaps: readonly string[] }) {
  return (
    <Section id="not-proved" title="What is not proved">
      <ul class="plainlist">
        {props.gaps.map((gap) => (
          <li key={gap}>{gap}</li>
        ))}
      </ul>
    </Section>
  );
}
