import { unknownFigure } from '../../core/figure';
import type { Placed } from '../choose/evaluate';
import type { Question } from '../choose/question';
import { coldStart } from './cold-start';
import { scalingMode } from './mode';
import type { Scaling } from './schema';
import { SIGNALS } from './signals';
import { targetsOf } from './targets';
import { scaleDownWindow, scaleUpWindow } from './windows';

/**
 * How the replicas of a plan follow its load: who scales, on which signals, to which targets, how fast, and what holds when the signals are lost.
 * @param chosen  the placement; without one nothing is scaled
 */
export function scalingOf(question: Question, chosen: Placed | undefined): Scaling {
  const { minReplicas, maxReplicas } = question.release.placement;
  if (!chosen) {
    const none = scaleUpWindow(0, 0);
    return {
      mode: 'none',
      because: 'No placement was found.',
      minReplicas,
      maxReplicas,
      fallbackReplicas: { value: 0, formula: '0', source: 'no placement' },
      arrivalSeconds: unknownFigure('no placement'),
      engineSeconds: unknownFigure('no placement'),
      coldStartSeconds: unknownFigure('no placement'),
      signals: [],
      scaleUp: none,
      scaleDown: scaleDownWindow(0),
    };
  }
  const choice = scalingMode(question.release.placement);
  const start = coldStart(question, chosen);
  const targets = targetsOf(question, chosen);
  return {
    ...choice,
    minReplicas,
    maxReplicas,
    fallbackReplicas: {
      value: chosen.trial.replicas,
      formula: `replicas of the peak (${chosen.trial.replicas})`,
      source: 'what the plan needs for peakRequestsPerSecond; more stay when more run',
    },
    ...start,
    signals: choice.mode === 'none' ? [] : SIGNALS[question.engine.kind].map((signal) => ({ ...signal, target: targets[signal.id] })),
    scaleUp: scaleUpWindow(start.coldStartSeconds.value ?? 0, maxReplicas - minReplicas),
    scaleDown: scaleDownWindow(start.coldStartSeconds.high ?? 0),
  };
}
