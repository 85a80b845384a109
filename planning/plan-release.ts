import { findEngine, findModel, findRegion, instancesOf, priceDate } from '../catalog/find';
import type { Catalog } from '../catalog/schema';
import { unknownFigure } from '../core/figure';
import type { Release } from '../release/schema';
import type { Calibration } from './calibration/schema';
import { alternativesOf } from './choose/alternatives';
import { candidateName, type Evaluation, evaluate, evaluateEach, type Placed, type Refusal } from './choose/evaluate';
import { otherFamily, regionHint } from './choose/hints';
import { nodeOfCluster, nodeOfInstance } from './choose/node';
import { paretoFront } from './choose/pareto';
import type { Question } from './choose/question';
import { type Ranking, rank } from './choose/rank';
import { enginePlan } from './engine-flags';
import { noFit, noPlacement, placementOf } from './parts';
import type { Candidate, Plan, PlanProblem } from './plan';
import { checkBudget } from './price/budget';
import { offHoursSaving } from './price/off-hours';
import { usdPerMillionTokens } from './price/unit-cost';
import { idleCost, saturatedCost, type UseInput } from './price/use';
import { isExtremeImage, refusals } from './refusals';
import { requestShape } from './request';
import { scalingOf } from './scaling';
import { unknownPerformance } from './throughput/performance';
import { warnings } from './warnings';

export interface PlanOptions {
  /** The release file as the user named it. */
  readonly file: string;
  /** The clock, for stale prices. */
  readonly today: Date;
  /** Measurements of the user's own, which then correct and name the figures. */
  readonly calibration?: Calibration;
}

/**
 * Sizes, prices and places a release. Pure: the same release, catalogue and day give the same plan.
 *
 * Targets are decided at the central value of the speed constants, memory at the high end of every term.
 * @throws KitError E_MODEL_UNKNOWN, E_ENGINE_UNKNOWN, E_REGION_UNKNOWN, E_FAMILY_UNKNOWN, E_GPU_UNKNOWN
 */
export function planRelease(release: Release, catalog: Catalog, options: PlanOptions): Plan {
  const question = { ...ask(release, catalog), calibration: options.calibration };
  const blocking = refusals(question);
  const evaluations = blocking.length === 0 ? evaluateAll(question) : [];
  const ranking = rank(evaluations);
  const { chosen, closest } = ranking;
  const usdPerMonth = chosen?.usdPerMonth ?? unknownFigure('no placement');
  const usdPerThousandImages = chosen?.usdPerThousandImages ?? unknownFigure('no placement');
  const budget = checkBudget(release.budget, usdPerMonth, usdPerThousandImages);
  const hint = blocking.length === 0 ? regionHint(question, evaluations, chosen) : undefined;
  const problems: PlanProblem[] = [
    ...blocking,
    ...(blocking.length === 0 && !chosen ? [nothingPlaced(question, evaluations, closest)] : []),
    ...budget.problems,
    ...(hint ? [hint] : []),
    ...warnings(question, chosen, options.today),
  ];
  const shown = chosen ?? closest;
  const use: UseInput = {
    load: release.load,
    request: question.request,
    replicas: chosen?.trial.replicas ?? 0,
    usdPerHour: chosen?.usdPerHour ?? unknownFigure('no placement'),
    usdPerMonth,
    performance: chosen?.performance ?? unknownPerformance('no placement'),
  };
  const { model, request } = question;
  return {
    kind: 'plan',
    schemaVersion: 1,
    state: stateOf(problems, chosen),
    problems,
    release: { name: release.metadata.name, environment: release.metadata.environment, file: options.file },
    model: { id: model.id, title: model.title, revision: release.model.revision, precision: release.model.precision, role: model.role },
    request: {
      imageTokens: request.imageTokens,
      promptTokens: request.promptTokens,
      outputTokens: request.outputTokens,
      totalTokens: request.totalTokens,
      visionPatches: request.visionPatches,
    },
    placement: chosen ? placementOf(question, chosen) : noPlacement(question),
    scaling: scalingOf(question, chosen),
    fit: shown?.fit ?? noFit(question, blocking[0]?.message ?? 'No candidate got as far as its memory.'),
    performance: chosen?.performance ?? unknownPerformance('no placement'),
    engine: enginePlan(question, chosen?.trial.settings ?? null, chosen?.node ?? null),
    cost: {
      usdPerHour: chosen?.usdPerHour ?? unknownFigure('no placement'),
      usdPerMonth,
      usdPerThousandImages,
      usdPerMillionTokens: usdPerMillionTokens(usdPerMonth, release.load, request),
      saturated: saturatedCost(use),
      idle: idleCost(use, chosen?.lines[0]?.usdPerMonth ?? unknownFigure('no placement'), release.budget.externalUsdPerThousandImages),
      offHours: chosen ? offHoursSaving(release.placement, chosen.nodes, chosen.usdPerNodeHour) : null,
      lines: chosen?.lines ?? [],
      priceDate: question.region === null ? null : priceDate(catalog, question.region),
      budget: budget.budget,
    },
    candidates: candidatesOf(ranking, release.load.outputTokens),
    rejected: blocking.length === 0 ? [...ranking.rejected] : blockedCandidates(question, blocking[0] as PlanProblem),
    alternatives: blocking.length === 0 ? [...alternativesOf(question, allowedNodes(question))] : [],
    sources: sourcesOf(question, chosen),
  };
}

function ask(release: Release, catalog: Catalog): Question {
  const { model } = findModel(catalog, release.model.id);
  const engine = findEngine(catalog, release.engine.name);
  const { placement, load } = release;
  const region = placement.target === 'aws' && placement.region !== undefined ? findRegion(catalog, placement.region) : null;
  // An image that the processor refuses is a problem of the plan, see refusals(); its tokens then count as one pixel square.
  const tame = { ...load, imageWidthPx: 1, imageHeightPx: 1 };
  const request = requestShape(isExtremeImage(load) ? tame : load, model);
  return { release, catalog, model, engine, request, region, sizes: new Map() };
}

function evaluateAll(question: Question): readonly Evaluation[] {
  const { release, catalog } = question;
  if (release.placement.target === 'cluster') return [evaluate(question, nodeOfCluster(release.placement, catalog), null)];
  return evaluateEach(question, allowedNodes(question));
}

function allowedTypes({ release, catalog }: Question) {
  return instancesOf(catalog, release.placement.instanceFamilies ?? []);
}

function allowedNodes(question: Question) {
  if (question.region === null) return [];
  return allowedTypes(question).map((instance) => nodeOfInstance(instance, question.catalog));
}

function capacities(release: Release) {
  return [...new Set(release.placement.capacity)];
}

function nothingPlaced(question: Question, evaluations: readonly Evaluation[], closest: Refusal | undefined): PlanProblem {
  const undecided = evaluations.length > 0 && evaluations.every((evaluation) => evaluation.kind === 'refused' && evaluation.unknown);
  const reason = closest ? `${closest.name} came closest: ${closest.rejected.reason}` : 'no candidate is allowed.';
  const other = otherFamily(question);
  const better = other ? `allow ${other.node.name} ($${other.usdPerMonth.value?.toFixed(2)} a month), or ` : '';
  return {
    code: undecided ? 'W_PLACEMENT_UNKNOWN' : 'E_NO_PLACEMENT',
    severity: undecided ? 'warning' : 'error',
    message: `none of ${evaluations.length} candidate(s) holds the load within the targets; ${reason}`,
    next: `${better}lower the load, loosen the targets, or raise maxReplicas.`,
  };
}

function stateOf(problems: readonly PlanProblem[], chosen: Placed | undefined): Plan['state'] {
  if (problems.some((problem) => problem.severity === 'error')) return 'refused';
  if (!chosen || chosen.unknown !== null || chosen.usdPerMonth.value === null) return 'unknown';
  return 'ok';
}

function candidatesOf({ placed, chosen }: Ranking, outputTokens: number): Candidate[] {
  const front = paretoFront(placed, outputTokens);
  return placed.map((item) => ({
    candidate: item.name,
    instanceType: item.node.instance?.type ?? null,
    gpu: item.node.gpu?.name ?? null,
    gpuCount: item.node.gpu ? item.node.gpuCount : 0,
    tensorParallel: item.trial.settings.tensorParallel,
    capacity: item.capacity,
    replicas: item.trial.replicas,
    usdPerHour: item.usdPerHour,
    usdPerMonth: item.usdPerMonth,
    usdPerThousandImages: item.usdPerThousandImages,
    performance: item.performance,
    paretoOptimal: front.has(item),
    chosen: item === chosen,
  }));
}

function blockedCandidates(question: Question, problem: PlanProblem): Plan['rejected'] {
  const { release } = question;
  if (release.placement.target === 'cluster') return [];
  return allowedTypes(question).flatMap((instance) =>
    capacities(release).map((capacity) => ({
      candidate: candidateName(instance.type, capacity),
      code: problem.code,
      reason: problem.message,
      shortBy: null,
    })),
  );
}

function sourcesOf({ model, engine, catalog, region, calibration }: Question, chosen: Placed | undefined): string[] {
  const prices = region === null ? [] : [`prices: ${catalog.prices.sources[region] ?? ''} (${priceDate(catalog, region)})`];
  const gpu = chosen?.node.gpu ? [`${chosen.node.gpu.name}: ${chosen.node.gpu.source}`] : [];
  const speed = chosen?.performance.timePerOutputTokenMs.source;
  const own = calibration ? [`calibration: ${calibration.name} (${calibration.madeAt})`] : [];
  return [
    ...new Set([`model: ${model.source}`, `engine: ${engine.source}`, ...gpu, ...(speed ? [`speed: ${speed}`] : []), ...own, ...prices]),
  ];
}
