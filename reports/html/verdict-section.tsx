import { STATES } from '../../compliance/state';
import type { Finding, Verdict } from '../../compliance/verdict';
import type { Plan } from '../../planning/plan';
import { formatCount, formatTime, formatUsd, plural } from '../format';
import { type Headline, openPoints, planHeadline, planSentence, verdictHeadline } from '../headline';
import { Facts, FigureTile, Section } from './parts';
import { StateBadge, StateSign } from './state-badge';

/** First thing on the page: may it be released, does the plan hold, what is open, what does it cost. */
export function VerdictSection(props: { plan: Plan; verdict: Verdict }) {
  const { plan, verdict } = props;
  const errors = plan.problems.filter((problem) => problem.severity === 'error');
  return (
    <Section id="verdict" title="Verdict">
      <div class="verdicts">
        <Answer what="May it be released?" answer={verdictHeadline(verdict)} say={judgedSentence(verdict)} />
        <Answer what="Does it fit, in time and in budget?" answer={planHeadline(plan)} say={errors[0]?.message ?? planSentence(plan)} />
      </div>
      <dl class="tiles">
        <FigureTile title="Per hour of use" figure={plan.cost.usdPerHour} format={formatUsd} />
        <FigureTile
          title="Per month"
          figure={plan.cost.usdPerMonth}
          format={formatUsd}
          note={budgetNote(plan.cost.budget.monthlyUsd, plan.cost.budget.withinMonthly)}
        />
        <FigureTile
          title="Per 1,000 images"
          figure={plan.cost.usdPerThousandImages}
          format={formatUsd}
          note={budgetNote(plan.cost.budget.usdPerThousandImages, plan.cost.budget.withinThousandImages)}
        />
        <FigureTile title="Per million tokens" figure={plan.cost.usdPerMillionTokens} format={formatUsd} />
      </dl>
      <OpenByRule findings={openPoints(verdict)} />
      <h3>What was judged</h3>
      <Facts
        entries={[
          [
            'Subjects checked',
            `${formatCount(verdict.subjectsChecked)} of ${formatCount(verdict.subjectsExpected)}`,
            <Tally key="tally" verdict={verdict} />,
          ],
          ['Policy', verdict.policy.name, <code key="file">{verdict.policy.file}</code>],
          ['Environment', verdict.environment, `requires ${verdict.requires}`],
          ['Verdict holds until', formatTime(verdict.expires), 'from the dates of the evidence and the waivers'],
          ['Digest of the verdict', <code key="digest">{verdict.digest}</code>],
        ]}
      />
    </Section>
  );
}

function Answer(props: { what: string; answer: Headline; say: string }) {
  return (
    <div class={`answer is-${props.answer.tone}`}>
      <p class="what">{props.what}</p>
      <p class="headline">
        <StateSign tone={props.answer.tone} />
        {props.answer.headline}
      </p>
      <p class="say">{props.say}</p>
    </div>
  );
}

/** The summary of the judgement, where it says more than the headline, and what was held against what. */
function judgedSentence(verdict: Verdict): string {
  const repeats = verdictHeadline(verdict).headline.toLowerCase().startsWith(verdict.summary.toLowerCase().replace(/\.$/, ''));
  const judged = `Judged by the policy ${verdict.policy.name}; the release requires ${verdict.requires}.`;
  return repeats ? judged : `${verdict.summary.replace(/\.?$/, '.')} ${judged}`;
}

function budgetNote(limitUsd: number | null, within: boolean | null): string | null {
  if (limitUsd === null) return null;
  const words = within === null ? 'not known whether within' : within ? 'within' : 'over';
  return `${words} the budget of ${formatUsd(limitUsd)}`;
}

function Tally(props: { verdict: Verdict }) {
  const counts = props.verdict.counts as Readonly<Partial<Record<string, number>>>;
  return (
    <ul class="tally">
      {STATES.filter((state) => (counts[state] ?? 0) > 0).map((state) => (
        <li key={state}>
          <StateBadge tone={state}>{`${formatCount(counts[state] ?? 0)} ${state}`}</StateBadge>
        </li>
      ))}
    </ul>
  );
}

/** What is open at a glance: one line per subject, the worst first; the section further down has it in full. */
function OpenByRule(props: { findings: readonly Finding[] }) {
  if (props.findings.length === 0) return null;
  const subjects = [...new Set(props.findings.map((finding) => finding.subject))];
  const shown = subjects.slice(0, SUBJECTS_AT_A_GLANCE);
  return (
    <>
      <h3>What is open</h3>
      <ul class="plainlist">
        {shown.map((subject) => {
          const mine = props.findings.filter((finding) => finding.subject === subject);
          return (
            <li key={subject}>
              <strong>{subject}</strong>: {mine[0]?.message}
              {mine.length > 1 ? ` (and ${plural(mine.length - 1, 'more point')})` : ''}
            </li>
          );
        })}
      </ul>
      <p class="note">
        {subjects.length > shown.length ? `${plural(subjects.length - shown.length, 'more subject')}. ` : ''}
        <a href="#open-points">All open points, and what would close each</a>
      </p>
    </>
  );
}

const SUBJECTS_AT_A_GLANCE = 8;
