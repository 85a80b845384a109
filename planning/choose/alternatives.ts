import { unknownFigure } from '../../core/figure';
import type { Precision } from '../../release/schema';
import type { Alternative } from '../plan';
import { type Evaluation, evaluateEach, type Placed } from './evaluate';
import type { Node } from './node';
import type { Question } from './question';
import { rank } from './rank';

/**
 * The release in every other region of the catalogue and in every other precision that model and engine share, on the machines that it allows.
 * Hints: what the release says is never changed. The catalogue knows no quality of a precision, so neither does the hint.
 *
 * @param nodes  the allowed machines
 */
export function alternativesOf(question: Question, nodes: readonly Node[]): readonly Alternative[] {
  if (question.region === null) return [];
  return [...regions(question, nodes), ...precisions(question, nodes)];
}

function regions(question: Question, nodes: readonly Node[]): readonly Alternative[] {
  return question.catalog.prices.regions
    .filter((region) => region !== question.region)
    .map((region) => {
      const evaluations = evaluateEach({ ...question, region }, nodes);
      const absent = families(evaluations.filter((item) => item.kind === 'refused' && item.rejected.code === 'E_NOT_OFFERED'));
      const note = absent.length > 0 ? `not offered there: ${absent.join(', ')}` : 'all allowed families are offered there';
      return alternative('region', region, evaluations, note);
    });
}

function precisions(question: Question, nodes: readonly Node[]): readonly Alternative[] {
  const { model, engine, release } = question;
  return model.weights
    .filter((weights) => engine.precisions.includes(weights.precision) && weights.precision !== release.model.precision)
    .map((weights) => {
      const changed: Question = { ...question, release: { ...release, model: { ...release.model, precision: weights.precision } } };
      const origin = weights.origin === 'published' ? 'published weights' : 'made by the engine at load';
      return alternative(
        'precision',
        weights.precision satisfies Precision,
        evaluateEach(changed, nodes),
        `${origin}; what it costs in quality is not known`,
      );
    });
}

function alternative(kind: Alternative['kind'], name: string, evaluations: readonly Evaluation[], note: string): Alternative {
  const { chosen, closest } = rank(evaluations);
  if (!chosen) {
    const why = closest ? `${closest.name}: ${closest.rejected.reason}` : 'nothing is allowed.';
    return {
      kind,
      name,
      candidate: null,
      usdPerHour: unknownFigure('no placement'),
      usdPerMonth: unknownFigure('no placement'),
      note: `${note}; none does, ${why}`,
    };
  }
  return { kind, name, candidate: describe(chosen), usdPerHour: chosen.usdPerHour, usdPerMonth: chosen.usdPerMonth, note };
}

function describe({ name, node, trial }: Placed): string {
  return `${trial.replicas} x ${name}${node.gpu ? ` (${node.gpu.name})` : ''}`;
}

function families(evaluations: readonly Evaluation[]): readonly string[] {
  return [...new Set(evaluations.map((item) => item.node.instance?.family ?? item.node.name))];
}
