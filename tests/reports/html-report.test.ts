import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { exactFigure, unknownFigure } from '../../core/figure';
import type { Plan } from '../../planning/plan';
import { PlanSchema } from '../../planning/plan';
import { type HtmlReportInput, renderHtmlReport } from '../../reports/html/render-html-report';
import { STYLE_SHEET } from '../../reports/html/style';
import { RehearsalSummarySchema } from '../../reports/rehearsal-summary';
import { samplePlan, sampleRehearsal, sampleRelease, sampleVerdict } from './sample';

function render(over: Partial<HtmlReportInput> = {}): string {
  return renderHtmlReport({
    release: sampleRelease(),
    plan: samplePlan(),
    verdict: sampleVerdict(),
    rehearsal: sampleRehearsal(),
    kitVersion: '0.1.0',
    ...over,
  });
}

/** The words a reader sees, without tags. */
function textOf(html: string): string {
  return html
    .replace(/<style>.*?<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .replace(/\s+/g, ' ');
}

describe('the sample', () => {
  it('is what the schemas of the other rooms allow', () => {
    expect(PlanSchema.safeParse(samplePlan()).success).toBe(true);
    expect(VerdictSchema.safeParse(sampleVerdict()).success).toBe(true);
    expect(RehearsalSummarySchema.safeParse(sampleRehearsal()).success).toBe(true);
  });
});

describe('the HTML report', () => {
  it('is the same for the same input', () => {
    expect(render()).toBe(render());
  });

  it('loads nothing: no script, image, style sheet, font or frame, and a policy that forbids them', () => {
    const html = render();
    expect(html).not.toMatch(/<(script|link|img|iframe|object|embed|base|form|audio|video|source)\b/);
    expect(html).not.toMatch(/\s(src|srcset|style|on[a-z]+)="/);
    expect(html).not.toMatch(/url\(|@import/);
    expect(html).toContain("default-src 'none'");
  });

  it('permits exactly its own style sheet, which stands unescaped in the page', () => {
    const html = render();
    const style = /<style>(.*?)<\/style>/s.exec(html)?.[1] ?? '';
    expect(style).toBe(STYLE_SHEET);
    expect(html).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
  });

  it('says in words that the release is not releasable yet and never calls it compliant', () => {
    const text = textOf(render());
    expect(text).toContain('Not releasable yet: 2 open points');
    expect(text.toLowerCase()).not.toContain('compliant');
  });

  it('says that a rehearsal verdict allows no more than a rehearsal', () => {
    const verdict = { ...sampleVerdict(), state: 'allowed' as const, environment: 'rehearsal' as const, findings: [] };
    expect(textOf(render({ verdict }))).toContain('Allowed for rehearsal only');
  });

  it('shows each open point with what closes it, and keeps waived ones out of the count', () => {
    const text = textOf(render());
    for (const finding of sampleVerdict().findings.slice(0, 2)) {
      expect(text).toContain(finding.message);
      expect(text).toContain(finding.closes);
    }
    expect(text).toContain('W-1');
  });

  it('shows prices with range, basis, date and parts', () => {
    const text = textOf(render());
    expect(text).toContain('$0.805');
    expect(text).toContain('$0.894 to $1.61');
    expect(text).toContain('calibrated estimate');
    expect(text).toContain('list prices of 2026-07-20');
    expect(text).toContain('EKS control plane');
  });

  it('writes unknown for what nobody knows, never 0 or NaN', () => {
    const base = samplePlan();
    const nothing = unknownFigure('nobody knows');
    const plan: Plan = {
      ...base,
      fit: {
        ...base.fit,
        verdict: 'unknown',
        capacityBytes: null,
        budgetBytes: null,
        kvCache: { ...base.fit.kvCache, tokens: null, concurrentRequests: null },
      },
      performance: {
        timeToFirstTokenMs: nothing,
        timePerOutputTokenMs: nothing,
        requestsPerSecondPerReplica: nothing,
        outputTokensPerSecondPerReplica: nothing,
        boundBy: null,
        concurrencyPerReplica: nothing,
      },
      cost: {
        ...base.cost,
        usdPerHour: nothing,
        usdPerMonth: nothing,
        usdPerThousandImages: nothing,
        usdPerMillionTokens: nothing,
        lines: [],
        priceDate: null,
      },
      candidates: base.candidates.map((candidate) => ({ ...candidate, usdPerHour: nothing })),
    };
    const html = render({ plan });
    const tiles = [...html.matchAll(/<span class="big">([^<]*)<\/span>/g)].map((match) => match[1]);
    expect(new Set(tiles)).toEqual(new Set(['unknown']));
    expect(html).not.toMatch(/NaN|Infinity|undefined|\[object/);
    expect(textOf(html)).toContain('The date of the prices is unknown');
  });

  it('renders a plan without any placement, subjects or sources', () => {
    const base = samplePlan();
    const plan: Plan = {
      ...base,
      state: 'refused',
      problems: [{ code: 'E_NO_PLACEMENT', severity: 'error', message: 'nothing fits.', next: 'allow more families.' }],
      placement: { ...base.placement, instanceType: null, device: null, gpu: null, capacity: null, replicas: 0, quota: null, vcpu: 0 },
      fit: { ...base.fit, verdict: 'does-not-fit', terms: [], shortByBytes: 2 ** 30 },
      candidates: [],
      rejected: [],
      sources: [],
    };
    const verdict = { ...sampleVerdict(), subjects: [], findings: [], waivers: [], expiring: [] };
    const text = textOf(render({ plan, verdict, rehearsal: null }));
    expect(text).toContain('The plan is refused');
    expect(text).toContain('nothing fits.');
    expect(text).toContain('No rehearsal belongs to this report');
  });

  it('folds a crowd of alike subjects by licence, but never one that is not allowed', () => {
    const verdict = sampleVerdict();
    const odd = { ...verdict.subjects[10], id: 'npm:odd', title: 'odd-package', state: 'unknown' as const };
    const html = render({ verdict: { ...verdict, subjects: [...verdict.subjects, odd as (typeof verdict.subjects)[number]] } });
    expect(textOf(html)).toContain('20 of kind npm, all allowed MIT 13, ISC 7');
    expect(html).toMatch(/<h4>odd-package<\/h4>/);
  });

  it('marks one candidate as chosen in the chart and in the table', () => {
    const html = render();
    expect(html.match(/class="dot chosen"/g)).toHaveLength(2); // one per drawing
    expect(html.match(/<tr class="chosen">/g)).toHaveLength(1);
  });

  it('gives each row of each table as many cells as its head', () => {
    const tables = [...render().matchAll(/<table.*?<\/table>/gs)].map((match) => match[0]);
    expect(tables.length).toBeGreaterThan(7);
    for (const table of tables) {
      const widths = [...table.matchAll(/<tr.*?<\/tr>/gs)].map((row) => row[0].match(/<t[hd]/g)?.length);
      expect(new Set(widths).size, table.slice(0, 200)).toBe(1);
    }
  });

  it('draws the memory terms with the line of the budget', () => {
    const html = render();
    expect(html.match(/<line class="limit"/g)).toHaveLength(2); // one per drawing
    expect(textOf(html)).toContain('The terms add up to 12.77 GiB');
  });

  it('has headings in order, ids once and labels that exist', () => {
    const html = render();
    const levels = [...html.matchAll(/<h([1-6])/g)].map((match) => Number(match[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    levels.forEach((level, index) => {
      if (index > 0) expect(level).toBeLessThanOrEqual((levels[index - 1] ?? 0) + 1);
    });
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    const wanted = [...html.matchAll(/(?:aria-labelledby|href)="#?([^"]*)"/g)]
      .flatMap((match) => (match[1] ?? '').split(' '))
      .filter((id) => !id.startsWith('https'));
    expect(wanted.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('lists what is not proved: estimates, declared licences and the gaps of the rehearsal', () => {
    const text = textOf(render());
    expect(text).toContain('Speed is estimated by formula');
    expect(text).toContain('declared by the publisher');
    expect(text).toContain('AWS was not asked.');
    expect(text).toContain('The price of NAT gateway is unknown');
  });

  it('does not call an exact price an estimate', () => {
    const base = samplePlan();
    const plan: Plan = { ...base, cost: { ...base.cost, usdPerHour: exactFigure(1, 'sourced', 'a list') } };
    expect(textOf(render({ plan }))).toContain('Per hour of use $1.00 sourced');
  });
});
