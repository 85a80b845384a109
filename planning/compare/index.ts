import { findEngine, findModel } from '../../catalog/find';
import type { Catalog, Model } from '../../catalog/schema';
import type { Release } from '../../release/schema';
import { FINE_TUNE_DEFAULTS, FINE_TUNE_METHODS, fineTuneEnvelope } from '../fine-tuning';
import type { Candidate, Plan } from '../plan';
import { planRelease } from '../plan-release';
import type { Ranged } from '../ranged';
import { GIB } from '../units';
import { recommend } from './recommend';
import type { CardRow, Comparison, LicenceState, Option, PrecisionRow, ScoreRow, TuningRow } from './types';

export type { Comparison } from './types';

/** One release to compare, with the catalogue as its contract prices make it. */
export interface CompareInput {
  readonly release: Release;
  readonly file: string;
  readonly catalog: Catalog;
  readonly licence: LicenceState | null;
}

const NOTE = 'Estimates: nothing was measured on a GPU for them, and no endpoint exists yet. Scores are those that were published.';
const CPU = 'CPU';

/**
 * Releases side by side: published scores, memory by precision, cards and machines that hold the load, speed, price, fine-tuning, licence,
 * and which one to take by a stated rule. Pure and deterministic.
 *
 * @param today  the clock, for stale prices
 * @throws KitError as planRelease
 */
export function compareReleases(inputs: readonly CompareInput[], today: Date): Comparison {
  const options = nameApart(inputs.map((input) => optionOf(input, today)));
  const scores = scoresOf(inputs.map(({ catalog, release }) => findModel(catalog, release.model.id).model));
  const regions = [...new Set(inputs.map(({ release }) => release.placement.region ?? null))];
  const first = inputs[0];
  return {
    kind: 'comparison',
    schemaVersion: 1,
    note: NOTE,
    region: regions.length === 1 ? (regions[0] ?? null) : null,
    priceDate: first ? planRelease(first.release, first.catalog, { file: first.file, today }).cost.priceDate : null,
    options,
    scores,
    recommendation: recommend(options, scores),
    differences: differences(inputs),
  };
}

function optionOf({ release, file, catalog, licence }: CompareInput, today: Date): Option {
  const plan = planRelease(release, catalog, { file, today });
  const { model } = findModel(catalog, release.model.id);
  const { placement, cost, performance } = plan;
  return {
    name: release.metadata.name,
    file,
    modelId: model.id,
    title: model.title,
    precision: release.model.precision,
    parameters: model.parameters.total,
    state: plan.state,
    problems: plan.problems.filter((problem) => problem.severity === 'error').map((problem) => `${problem.code}: ${problem.message}`),
    placement:
      placement.replicas === 0
        ? 'none'
        : `${placement.replicas} x ${placement.instanceType ?? 'node of the cluster'}${placement.gpu ? ` (${placement.gpu})` : ''}`,
    withinBudget: cost.budget.withinMonthly === false || cost.budget.withinThousandImages === false ? false : cost.budget.withinMonthly,
    performance: {
      timeToFirstTokenMs: performance.timeToFirstTokenMs,
      timePerOutputTokenMs: performance.timePerOutputTokenMs,
      requestsPerSecondPerReplica: performance.requestsPerSecondPerReplica,
    },
    cost: { usdPerHour: cost.usdPerHour, usdPerMonth: cost.usdPerMonth, usdPerThousandImages: cost.usdPerThousandImages },
    precisions: precisionsOf(release, catalog, file, today),
    fineTuning: tuningOf(model, release, catalog),
    licence,
  };
}

/** Every precision that model and engine share, planned over all machines of the catalogue. */
function precisionsOf(release: Release, catalog: Catalog, file: string, today: Date): readonly PrecisionRow[] {
  const { model } = findModel(catalog, release.model.id);
  const engine = findEngine(catalog, release.engine.name);
  const families = [...new Set(catalog.instances.map((instance) => instance.family))];
  return model.weights
    .filter((weights) => engine.precisions.includes(weights.precision))
    .map(({ precision, origin }) => {
      const wide = { ...release, model: { ...release.model, precision }, placement: { ...release.placement, instanceFamilies: families } };
      const plan = planRelease(wide, catalog, { file, today });
      const pool = plan.fit.terms.some((term) => term.pool === 'gpu') ? 'gpu' : 'host';
      const terms = plan.fit.terms.filter((term) => term.pool === pool);
      const chosen = plan.candidates.find((candidate) => candidate.chosen);
      return {
        precision,
        origin,
        weightsGib: sum(terms.filter((term) => term.name.startsWith('weights') && term.name !== 'weights while loading')),
        neededGib: sum(terms),
        on: plan.fit.candidate,
        cheapest: chosen ? nameOf(chosen) : null,
        usdPerMonth: plan.cost.usdPerMonth,
        cards: cardsOf(plan, catalog),
      };
    });
}

/** The cheapest machine of each card; for a card without one, the reason of its machine that came closest. */
function cardsOf(plan: Plan, catalog: Catalog): readonly CardRow[] {
  const cards = new Map<string, CardRow>();
  const byPrice = [...plan.candidates].sort((a, b) => (a.usdPerMonth.value ?? Infinity) - (b.usdPerMonth.value ?? Infinity));
  for (const candidate of byPrice) {
    const card = candidate.gpu ?? CPU;
    if (cards.has(card)) continue;
    cards.set(card, { card, candidate: nameOf(candidate), usdPerMonth: candidate.usdPerMonth.value, reason: null });
  }
  for (const { candidate, code, reason } of plan.rejected) {
    const instance = catalog.instances.find(({ type }) => candidate === type || candidate.startsWith(`${type} `));
    const card = instance?.gpu ? (catalog.gpus.find((gpu) => gpu.key === instance.gpu)?.name ?? instance.gpu) : CPU;
    if (!cards.has(card)) cards.set(card, { card, candidate: null, usdPerMonth: null, reason: `${candidate}: ${code}. ${reason}` });
  }
  return [...cards.values()];
}

function tuningOf(model: Model, release: Release, catalog: Catalog): readonly TuningRow[] {
  const region = release.placement.region ?? (catalog.prices.regions[0] as string);
  const { imageWidthPx = FINE_TUNE_DEFAULTS.imageWidthPx, imageHeightPx = FINE_TUNE_DEFAULTS.imageHeightPx } = release.load;
  // A GGUF is for inference; its model is trained from the published 16-bit weights.
  return FINE_TUNE_METHODS.filter((method) => method !== 'adapter' || model.parameters.merger > 0).map((method) => {
    const envelope = fineTuneEnvelope(model, { ...FINE_TUNE_DEFAULTS, imageWidthPx, imageHeightPx, method, region }, catalog);
    const machine = envelope.machines.find((candidate) => candidate.fits && candidate.usd.value !== null);
    const unsharded = envelope.memory[1] ?? envelope.memory[0];
    return {
      method,
      trainedParameters: envelope.trainedParameters,
      gibOneGpu: (unsharded as NonNullable<typeof unsharded>).totalGib,
      machine: machine?.instanceType ?? null,
      hours: machine?.hours ?? envelope.a100GpuHours,
      usd: machine?.usd ?? { value: null, low: null, high: null, basis: 'unknown', source: 'no machine of the region holds it' },
    };
  });
}

function scoresOf(models: readonly Model[]): readonly ScoreRow[] {
  const names = [...new Set(models.flatMap((model) => model.scores.map((score) => score.benchmark)))];
  return names.map((benchmark) => {
    const found = models.map((model) => model.scores.find((score) => score.benchmark === benchmark));
    return {
      benchmark,
      values: found.map((score) => score?.value ?? null),
      sources: [...new Set(found.flatMap((score) => score?.source ?? []))],
    };
  });
}

/** What must be equal for prices and times to be about the same thing. */
function differences(inputs: readonly CompareInput[]): readonly string[] {
  const sides: readonly [string, (release: Release) => unknown][] = [
    ['load', (release) => release.load],
    ['targets', (release) => release.targets],
    ['placement.region', (release) => release.placement.region],
    ['placement.target', (release) => release.placement.target],
    ['placement.capacity', (release) => release.placement.capacity],
    ['placement.surviveOneFailure', (release) => release.placement.surviveOneFailure ?? false],
  ];
  return sides
    .filter(([, side]) => new Set(inputs.map(({ release }) => JSON.stringify(sorted(side(release))))).size > 1)
    .map(([name]) => `${name} differs between the releases`);
}

function sorted(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Two releases of the same name are told apart by their files. */
function nameApart(options: readonly Option[]): readonly Option[] {
  return options.map((option) => {
    const twice = options.filter((other) => other.name === option.name).length > 1;
    return twice ? { ...option, name: `${option.name} (${option.file})` } : option;
  });
}

function nameOf({ candidate, replicas }: Candidate): string {
  return `${replicas} x ${candidate}`;
}

function sum(terms: Plan['fit']['terms']): Ranged | null {
  if (terms.length === 0) return null;
  const total = (end: 'bytes' | 'low' | 'high') => terms.reduce((bytes, term) => bytes + term[end], 0) / GIB;
  return { value: total('bytes'), low: total('low'), high: total('high') };
}
