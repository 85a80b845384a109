import type { Stage } from './stage';
import { chartStage } from './stages/chart';
import { checkStage } from './stages/check';
import { deployStage } from './stages/deploy';
import { gateStage } from './stages/gate';
import { loadStage } from './stages/load';
import { planStage } from './stages/plan';
import { synthStage } from './stages/synth';

/** The way of a release on one machine, in order. */
export const STAGES: readonly Stage[] = [loadStage, planStage, checkStage, synthStage, gateStage, chartStage, deployStage];

/** What no stage of today proves, whatever it says. */
export const NOT_PROVED: readonly string[] = [
  'AWS: nothing was planned or applied against an account.',
  'Kubernetes: the chart was rendered and validated, not installed on an API server.',
  'The engine: no model was loaded and no image was answered.',
];
