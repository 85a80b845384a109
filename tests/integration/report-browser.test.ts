import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VerdictSchema } from '../../compliance/verdict';
import { PlanSchema } from '../../planning/plan';
import { ReleaseSchema } from '../../release/schema';
import { renderCompareReport } from '../../reports/html/render-compare-report';
import { renderHtmlReport } from '../../reports/html/render-html-report';
import { RehearsalSummarySchema } from '../../reports/rehearsal-summary';
import { samplePlan, sampleRehearsal, sampleRelease, sampleVerdict } from '../reports/sample';
import { sampleComparison } from '../reports/sample-comparison';
import { HOSTILE_FRAGMENTS, replaceFreeStrings } from '../reports/strings';
import { findChromium, launchChromium } from './chromium';
import { notRun } from './requirements';

const AXE = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');
const LAYOUTS = [
  [1280, 'light'],
  [1280, 'dark'],
  [400, 'light'],
  [400, 'dark'],
] as const;

const executable = findChromium();

describe('the report in a real browser', () => {
  if (!executable) {
    notRun('the report in a browser: accessibility, layout, print', 'no Chromium on PATH and no CHROME_PATH');
    return;
  }
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ovkit-report-'));
    browser = await launchChromium(executable);
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Opens a page from disk, and notes every request beyond the file itself and every complaint of the page. */
  async function open(html: string, width = 1280, colorScheme: 'light' | 'dark' = 'light') {
    const file = join(folder, `report-${width}-${colorScheme}.html`);
    writeFileSync(file, html);
    const page = await (await browser.newContext({ viewport: { width, height: 900 }, colorScheme })).newPage();
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => complaints.push(dialog.message()));
    await page.goto(pathToFileURL(file).href);
    return { page, requests, complaints };
  }

  it.each(LAYOUTS)('has no violation of axe at %i px, %s, with every fold open', async (width, colorScheme) => {
    const { page } = await open(sample(), width, colorScheme);
    await unfold(page);
    expect(await violations(page)).toEqual([]);
  });

  it.each(LAYOUTS)('has no violation and no sideways scroll in a comparison at %i px, %s', async (width, colorScheme) => {
    const { page, requests, complaints } = await open(
      renderCompareReport({ comparison: sampleComparison(), kitVersion: '0.1.0' }),
      width,
      colorScheme,
    );
    expect(await violations(page)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth)).toBe(true);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
  });

  it('is seen by axe: a planted fault is reported', async () => {
    const { page } = await open(sample().replace('<html lang="en">', '<html>'));
    expect((await violations(page)).map((violation) => violation.split(':')[0])).toContain('html-has-lang');
  });

  it.each(LAYOUTS)('never scrolls sideways at %i px, %s, not even with long words', async (width, colorScheme) => {
    for (const html of [sample(), renderWith((index) => `${'w'.repeat(300)} ${index}`)]) {
      const { page } = await open(html, width, colorScheme);
      await unfold(page);
      const [content, viewport] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect(content).toBeLessThanOrEqual(viewport ?? 0);
    }
  });

  it('asks the network for nothing and breaks no rule of its own security policy', async () => {
    const { page, requests, complaints } = await open(sample());
    await page.mouse.wheel(0, 20_000);
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
    expect(await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).toBe('rgb(244, 245, 248)');
  });

  it('executes no string of the input', async () => {
    for (let shift = 0; shift < HOSTILE_FRAGMENTS.length; shift += 4) {
      const { page, requests, complaints } = await open(
        renderWith((index) => `${HOSTILE_FRAGMENTS[(index + shift) % HOSTILE_FRAGMENTS.length]} ${index}`),
      );
      expect(await page.evaluate(() => 'pwned' in globalThis)).toBe(false);
      expect(requests).toHaveLength(1);
      expect(complaints).toEqual([]);
      expect(await page.locator('script, img, iframe, form, input').count()).toBe(0);
    }
  });

  it('shows one drawing of each chart, the narrow one on a phone', async () => {
    for (const [width, variant] of [
      [1280, 'wide'],
      [400, 'narrow'],
    ] as const) {
      const { page } = await open(sample(), width);
      const shown = page.locator('figure svg[role=img]:visible');
      expect(await shown.count()).toBe(2);
      for (const svg of await shown.all()) expect(await svg.getAttribute('class')).toBe(variant);
    }
  });

  it('draws no name of the scatter chart over another', async () => {
    const { page } = await open(sample());
    const boxes = await page.locator('#choice svg.wide > text.muted, #choice svg.wide > text.strong').evaluateAll((texts) =>
      texts.map((text) => {
        const { left, right, top, bottom } = text.getBoundingClientRect();
        return { left, right, top, bottom };
      }),
    );
    expect(boxes.length).toBeGreaterThan(5);
    for (const [index, a] of boxes.entries()) {
      for (const b of boxes.slice(index + 1)) {
        const overlap =
          Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
        expect(overlap, JSON.stringify([a, b])).toBe(false);
      }
    }
  });

  it('prints to PDF with everything that is folded on the screen', async () => {
    const { page } = await open(sample());
    const folded = page.getByText('package-19', { exact: false }).first();
    expect(await folded.isVisible()).toBe(false);
    await page.emulateMedia({ media: 'print' });
    expect((await folded.boundingBox())?.height).toBeGreaterThan(5);
    const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-');
    expect(pdf.toString('latin1').match(/\/Type\s*\/Page\b/g)?.length).toBeGreaterThan(2);
  });

  it('can be walked by keyboard: the skip link comes first and leads to the report', async () => {
    const { page } = await open(sample());
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the report');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('report');
  });
});

function sample(): string {
  return renderHtmlReport({
    release: sampleRelease(),
    plan: samplePlan(),
    verdict: sampleVerdict(),
    rehearsal: sampleRehearsal(),
    kitVersion: '0.1.0',
  });
}

/** The page with every free string of every input replaced. */
function renderWith(replace: (index: number) => string): string {
  return renderHtmlReport({
    release: replaceFreeStrings(sampleRelease(), ReleaseSchema, replace),
    plan: replaceFreeStrings(samplePlan(), PlanSchema, replace),
    verdict: replaceFreeStrings(sampleVerdict(), VerdictSchema, replace),
    rehearsal: replaceFreeStrings(sampleRehearsal(), RehearsalSummarySchema, replace),
    kitVersion: replace(0),
  });
}

async function unfold(page: Page): Promise<void> {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll('details')) details.open = true;
  });
}

/** Violations of axe's default rules as `rule: element`. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const results = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return results.violations.flatMap((violation) => violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)}`));
}
