import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { type CompareInput, compareReleases } from '../../planning/compare';
import { loadRelease } from '../../release/load';
import { CATALOG, type Change, release, TODAY } from './support';

const EIGHT = loadRelease(fromRoot('examples/llava-onevision-1.5-8b.yaml')).release;
const input = (of: CompareInput['release'], file: string): CompareInput => ({
  release: of,
  file,
  catalog: CATALOG,
  licence: { state: 'unknown', summary: 'open' },
});
const compare = (small: Change = {}, large: Change = {}) =>
  compareReleases([input(release(small), 'release.yaml'), input(release(large, EIGHT), '8b.yaml')], TODAY);

describe('4B against 8B', () => {
  it('recommends the cheapest that holds, and says what the step up buys', () => {
    const { recommendation, options } = compare();
    expect(recommendation.name).toBe('puppet-show');
    const [step] = recommendation.steps;
    const usd = options.map((option) => option.cost.usdPerMonth.value as number);
    expect(step?.usdPerMonthMore).toBeCloseTo((usd[1] as number) - (usd[0] as number), 9);
    // 11 benchmarks of the project page; the 4B leads in MMBench-en and ChartQA.
    expect(step).toMatchObject({ better: 9, compared: 11 });
    expect(step?.meanPoints).toBeCloseTo(
      (67.7 - 64.9 + 84.1 - 84.2 + 68.1 - 67.8 + 55.4 - 52.7 + 86.5 - 87.1 + 0.6 + 2.9 + 0.6 + 2.3 + 10 + 8.4) / 11,
      6,
    );
  });

  it('recommends the 8B where the 4B does not hold', () => {
    const { recommendation, options } = compare({ budget: { monthlyUsd: 10 } });
    expect(options[0]).toMatchObject({ state: 'refused', withinBudget: false, problems: [expect.stringContaining('E_BUDGET_MONTHLY')] });
    expect(recommendation).toMatchObject({ name: 'puppet-show-8b', steps: [] });
  });

  it('sees no step up in the same release again, nor in one at the same price that is no better', () => {
    const again = compareReleases([input(release(), 'release.yaml'), input(release(), 'release.yaml')], TODAY);
    expect(again.recommendation.steps).toEqual([]);
    expect(again.recommendation.because).toMatch(/; puppet-show \(release\.yaml\) costs the same\./);
    const three = compareReleases([input(release(), 'a.yaml'), input(release(), 'b.yaml'), input(release({}, EIGHT), '8b.yaml')], TODAY);
    expect(three.recommendation.steps.map(({ name }) => name)).toEqual(['puppet-show-8b']);
  });

  it('recommends nothing when nothing holds', () => {
    const { recommendation } = compare({ budget: { monthlyUsd: 10 } }, { budget: { monthlyUsd: 10 } });
    expect(recommendation).toMatchObject({ name: null, steps: [] });
  });

  it('has scores with their sources, memory by precision, cards with reasons, and fine-tuning', () => {
    const { scores, options } = compare();
    expect(scores.find(({ benchmark }) => benchmark === 'DocVQA')).toMatchObject({
      values: [94.4, 95],
      sources: [expect.stringContaining('project page')],
    });
    const [small, large] = options;
    const bf16 = large?.precisions.find(({ precision }) => precision === 'bf16');
    expect(bf16?.neededGib?.high).toBeGreaterThan(bf16?.weightsGib?.high as number);
    expect(bf16?.weightsGib?.value).toBeGreaterThan(small?.precisions[0]?.weightsGib?.value as number);
    expect(bf16?.cards.find(({ card }) => card === 'NVIDIA T4')).toMatchObject({
      candidate: null,
      reason: expect.stringContaining('E_GPU_NO_BF16'),
    });
    const cards = bf16?.cards.filter(({ usdPerMonth }) => usdPerMonth !== null).map(({ usdPerMonth }) => usdPerMonth as number) ?? [];
    expect(cards).toEqual([...cards].sort((a, b) => a - b));
    const lora = options.map((option) => option.fineTuning.find(({ method }) => method === 'lora'));
    expect(lora[1]?.gibOneGpu.value).toBeGreaterThan(lora[0]?.gibOneGpu.value as number);
  });

  it('says what the releases do not have in common', () => {
    expect(compare({}, { load: { imagesPerRequest: 2 } }).differences).toEqual(['load differs between the releases']);
    expect(compare().differences).toEqual([]);
  });

  it('is the same for the same input', () => {
    expect(compare()).toEqual(compare());
  });

  it('tells releases of the same name apart', () => {
    const twice = compareReleases([input(release(), 'a.yaml'), input(release(), 'b.yaml')], TODAY);
    expect(twice.options.map(({ name }) => name)).toEqual(['puppet-show (a.yaml)', 'puppet-show (b.yaml)']);
  });
});
