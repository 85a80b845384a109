import type { Stage } from './stage';
import { chartStage } from './stages/chart';
import { checkStage } from './stages/check';
import { clusterStage } from './stages/cluster';
import { deployStage } from './stages/deploy';
import { gateStage } from './stages/gate';
import { loadStage } from './stages/load';
import { planStage } from './stages/plan';
import { synthStage } from './stages/synth';

/** The way of a release on one machine, in order. */
export const STAGES: readonly Stage[] = [loadStage, planStage, checkStage, synthStage, gateStage, chartStage, deployStage, clusterStage];

/** What no stage of today proves, whatever it says. */
export const NOT_PROVED: readonly string[] = [
  'AWS: nothing was planned or applied against an account.',
  'The GPU engine: no model was loaded on a GPU and no image was answered.',
];

/** What is open besides when no release ran on a cluster. */
export const NOT_PROVED_WITHOUT_CLUSTER: readonly string[] = [
  'Kubernetes: the chart was rendered and validated, not installed on an API server.',
  'The engine: no model was loaded and nothing was answered.',
];
