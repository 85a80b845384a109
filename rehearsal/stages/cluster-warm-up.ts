import { startTrialCluster, type TrialCluster } from '../cluster/trial-cluster';
import type { Walk, WarmUp } from '../stage';
import { trialOptions } from './cluster-parts';

/** Clusters under way; undefined where something is not built yet. */
const begun = new WeakMap<Walk, Promise<TrialCluster | undefined>>();

/**
 * Starts the cluster of the trial as soon as the release is judged: the stages between need a core and a half, and wait for each other. Nothing is
 * built here; that takes minutes and is for the stage itself to say.
 */
export const clusterWarmUp: WarmUp = {
  after: 'check',
  begin(walk) {
    if (walk.namedCluster || walk.cluster === 'none' || walk.verdict?.state !== 'allowed') return;
    const starting = start(walk);
    starting.catch(() => undefined);
    begun.set(walk, starting);
  },
  async end(walk) {
    const cluster = await begun.get(walk)?.catch(() => undefined);
    await cluster?.stop();
  },
};

/** The cluster that was begun. @throws what its start threw */
export function warmCluster(walk: Walk): Promise<TrialCluster | undefined> {
  return begun.get(walk) ?? Promise.resolve(undefined);
}

async function start(walk: Walk): Promise<TrialCluster | undefined> {
  const options = await trialOptions(walk, false);
  return typeof options === 'string' ? undefined : startTrialCluster(options);
}
