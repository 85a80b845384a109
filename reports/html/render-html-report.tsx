import { renderToString } from 'preact-render-to-string';
import type { Verdict } from '../../compliance/verdict';
import type { CodeTable } from '../../core/codes';
import type { Plan } from '../../planning/plan';
import type { Release } from '../../release/schema';
import { cleanStrings } from '../clean';
import { planSentence, verdictHeadline } from '../headline';
import { notProved } from '../not-proved';
import type { RehearsalSummary } from '../rehearsal-summary';
import { ChoiceSection } from './choice-section';
import { EngineSection } from './engine-section';
import { FindingsSection } from './findings-section';
import { LicenceSection } from './licence-section';
import { MemorySection } from './memory-section';
import { OpennessSection } from './openness-section';
import { type ContentsEntry, Page } from './page';
import { PriceSection } from './price-section';
import { RehearsalSection } from './rehearsal-section';
import { RejectedSection } from './rejected-section';
import { RunsSection } from './runs-section';
import { NotProvedSection, SourceSection } from './source-section';
import { VerdictSection } from './verdict-section';
import { ExpirySection, WaiverSection } from './waiver-section';

export interface HtmlReportInput {
  readonly release: Release;
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly rehearsal?: RehearsalSummary | null;
  readonly kitVersion: string;
  /** Titles of rules and error codes; without them the page shows the codes alone. */
  readonly codes?: CodeTable;
}

/**
 * The report of a release as one self-contained HTML page, read top-down by an administrator.
 * The same input gives the same bytes: no clock, no network; every date on it comes from the input.
 */
export function renderHtmlReport(input: HtmlReportInput): string {
  const { release, plan, verdict, rehearsal = null, kitVersion, codes = {} } = cleanStrings(input);
  const { name, environment } = release.metadata;
  const page = (
    <Page
      title={`${name}: ${verdictHeadline(verdict).headline}`}
      contents={rehearsal ? CONTENTS : CONTENTS.filter((entry) => entry.id !== 'rehearsal')}
      footer={`Written by onevision-kit ${kitVersion} from ${plan.release.file}. It reports evidence and estimates; it is not legal advice.`}
      header={
        <>
          <p class="eyebrow">{`Release report, environment ${environment}`}</p>
          <h1>{name}</h1>
          <p class="line">{planSentence(plan)}</p>
        </>
      }
    >
      <VerdictSection plan={plan} verdict={verdict} codes={codes} />
      <RunsSection release={release} plan={plan} />
      <PriceSection plan={plan} targets={release.targets} />
      <MemorySection plan={plan} />
      <ChoiceSection plan={plan} neededPerSecond={release.load.peakRequestsPerSecond} />
      <RejectedSection plan={plan} codes={codes} />
      <EngineSection plan={plan} />
      <LicenceSection verdict={verdict} />
      <OpennessSection verdict={verdict} />
      <FindingsSection plan={plan} verdict={verdict} codes={codes} />
      <WaiverSection verdict={verdict} />
      <ExpirySection verdict={verdict} />
      {rehearsal ? <RehearsalSection rehearsal={rehearsal} /> : null}
      <NotProvedSection gaps={notProved(plan, verdict, rehearsal)} />
      <SourceSection plan={plan} verdict={verdict} />
    </Page>
  );
  return `<!doctype html>\n${renderToString(page)}\n`;
}

const CONTENTS: readonly ContentsEntry[] = [
  { id: 'verdict', title: 'Verdict' },
  { id: 'runs', title: 'What runs where' },
  { id: 'price', title: 'Price' },
  { id: 'memory', title: 'Memory' },
  { id: 'choice', title: 'Why this machine' },
  { id: 'rejected', title: 'Rejected options' },
  { id: 'engine', title: 'Engine flags' },
  { id: 'licences', title: 'Licences and evidence' },
  { id: 'openness', title: 'How open it is' },
  { id: 'open-points', title: 'Open points' },
  { id: 'waivers', title: 'Waivers' },
  { id: 'expiry', title: 'What expires' },
  { id: 'rehearsal', title: 'Rehearsal' },
  { id: 'not-proved', title: 'What is not proved' },
  { id: 'sources', title: 'Sources' },
];
