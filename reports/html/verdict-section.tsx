import { STATES } from '../../compliance/state';
import type { Finding, Verdict } from '../../compliance/verdict';
import type { CodeTable } from '../../core/codes';
import type { Plan } from '../../planning/plan';
import { formatCount, formatTime, formatUsd, plural } from '../format';
import { type Headline, openPoints, planHeadline, planSentence, STATE_MEANINGS, verdictHeadline } from '../headline';
import { groupFindings } from '../open-point-groups';
import { Facts, FigureTile, Section } from './parts';
import { StateBadge, StateSign } from './state-badge';

/** First thing on the page: may it be released, does the plan hold, what is open, what does it cost. */
export function VerdictSection(props: { plan: Plan; verdict: Verdict; codes: CodeTable }) {
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
      <OpenAtAGlance findings={openPoints(verdict)} codes={props.codes} />
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

/** The summary of the judgement, where it says more than the headline, what its state means, and what was held against what. */
function judgedSentence(verdict: Verdict): string {
  const repeats = verdictHeadline(verdict).headline.toLowerCase() === verdict.summary.toLowerCase().replace(/\.$/, '');
  const worst = `The state is ${verdict.state}: ${STATE_MEANINGS[verdict.state]}.`;
  const judged = `Judged by the policy ${verdict.policy.name}; the release requires ${verdict.requires}.`;
  return repeats ? `${worst} ${judged}` : `${verdict.summary.replace(/\.?$/, '.')} ${worst} ${judged}`;
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

/** What is open at a glance: one line per kind of point, the worst first; the section further down has it in full. */
function OpenAtAGlance(props: { findings: readonly Finding[]; codes: CodeTable }) {
  if (props.findings.length === 0) return null;
  const groups = groupFindings(props.findings);
  return (
    <>
      <h3>What is open</h3>
      <ul class="glance">
        {groups.slice(0, GROUPS_AT_A_GLANCE).map((group) => (
          <li key={`${group.rule} ${group.state} ${group.closes}`}>
            <StateBadge tone={group.state} />
            <span>
              <strong>{props.codes[group.rule]?.title ?? group.message ?? group.findings[0]?.message ?? group.rule}</strong>:{' '}
              {namesOf(group.findings)}
            </span>
          </li>
        ))}
      </ul>
      <p class="note">
        {groups.length > GROUPS_AT_A_GLANCE ? `${plural(groups.length - GROUPS_AT_A_GLANCE, 'more kind')} of points. ` : ''}
        <a href="#open-points">All open points, and what would close each</a>
      </p>
    </>
  );
}

const GROUPS_AT_A_GLANCE = 10;
const NAMES_AT_A_GLANCE = 3;

function namesOf(findings: readonly Finding[]): string {
  const names = [...new Set(findings.map((finding) => finding.subject))];
  const left = names.length - NAMES_AT_A_GLANCE;
  return `${names.slice(0, NAMES_AT_A_GLANCE).join(', ')}${left > 0 ? ` and ${formatCount(left)} more` : ''}`;
}
