import { join } from 'node:path';
import { findHelm } from '../../charts/helm';
import { chartValues } from '../../charts/values';
import { writeFileAtomically } from '../../core/text-file';
import { KEEPER } from '../cluster/keeper';
import { type NamedCluster, tryOnNamedCluster } from '../cluster/named-cluster';
import { type ReleaseTrial, tryRelease } from '../cluster/release-trial';
import { ADAPTER_NOT_PROVED } from '../metrics/metrics-adapter';
import { NODES_NOT_PROVED } from '../nodes/nodes';
import { required, type Stage, type StageOutcome, type Walk } from '../stage';
import { trialOptions } from './cluster-parts';
import { clusterWarmUp, warmCluster } from './cluster-warm-up';

/** The model whose file and engine this machine can have from package registries. */
const MODEL = 'HuggingFaceTB/SmolLM2-135M-Instruct-GGUF';
const SCALING_NOT_TRIED =
  'Scaling was not tried: it needs Prometheus (on the PATH, or from its Debian package) and a release that an HPA scales.';
const PROXY_NOT_PROVED = 'The proxy in front of the engine: there is no nginx on this machine, and none could be fetched.';
/** A rolling update that loses one request in some hundreds is seen. */
const LEAST_REQUESTS = 1_000;

/** Brings the release up on a real API server with the real engine, and tries what must hold there. */
export const clusterStage: Stage = {
  id: 'cluster',
  title: 'run it on a real API server',
  applies: (walk) =>
    walk.namedCluster !== undefined || (walk.loaded?.release.model.id === MODEL && 'state' in walk.loaded.release.engine.image),
  warmUp: clusterWarmUp,
  async run(walk) {
    walk.seen.cluster = 'not-run';
    if (walk.namedCluster) return onNamedCluster(walk, walk.namedCluster);
    const state = required(walk.verdict, 'the verdict').state;
    if (state !== 'allowed') return notRun(`the verdict is ${state}: admission would refuse every pod`);
    if (walk.cluster === 'none') return notRun('left out by --cluster none');
    const options = await trialOptions(walk, walk.cluster === 'embedded');
    if (typeof options === 'string') return notRun(options);
    const trial = await tryRelease({
      ...options,
      cluster: await warmCluster(walk),
      now: () => new Date(),
      onProgress: walk.onProgress,
      leastRequests: LEAST_REQUESTS,
    });
    writeFileAtomically(join(walk.outDir, 'rollout.json'), `${JSON.stringify(trial.rollout, null, 2)}\n`);
    return judge(walk, trial);
  },
};

/** A release that is not allowed must be refused there as a whole; one that is allowed must be taken, and each change of it refused. */
async function onNamedCluster(walk: Walk, cluster: NamedCluster): Promise<StageOutcome> {
  const plan = required(walk.plan, 'the plan');
  if (plan.placement.replicas === 0) return notRun('the plan places nothing that could be installed');
  const verdict = required(walk.verdict, 'the verdict');
  const values = chartValues(required(walk.loaded, 'the release').release, plan, verdict);
  const trial = await tryOnNamedCluster({
    cluster,
    helm: await findHelm({ signal: walk.signal, onProgress: walk.onProgress }),
    // the placeholders of images that are not built render only for a rehearsal
    values: { ...values, rehearsal: true },
    plan,
    now: () => new Date(),
    signal: walk.signal,
    onProgress: walk.onProgress,
  });
  const where = `Kubernetes ${trial.version.replace(/^v/, '')} of ${cluster.context}`;
  if (verdict.state !== 'allowed') {
    return trial.refused?.includes('OVK-ADM-001')
      ? { state: 'passed', detail: `${where} refuses the release, whose verdict is ${verdict.state} (OVK-ADM-001)` }
      : { state: 'failed', detail: `${where} took a release whose verdict is ${verdict.state}` };
  }
  const wrong = [
    ...(trial.refused === null ? [] : [`admission refused what was judged: ${trial.refused}`]),
    ...trial.refusals.filter(({ message }) => !message?.includes('OVK-ADM-')).map(({ title }) => `admission let ${title} through`),
    ...(trial.rollout === null || trial.rollout.state === 'proved' ? [] : [`the rollout ${trial.rollout.state}`]),
  ];
  if (trial.rollout) walk.seen.cluster = wrong.length === 0 ? 'proved' : 'failed';
  if (wrong.length > 0) return { state: 'failed', detail: `${where}: ${wrong.join('; ')}` };
  const ran = trial.rollout ? 'runs the release' : 'took every object of the release, without a pod: its image is a placeholder';
  return {
    state: 'passed',
    detail: `${where} ${ran}; ${trial.refusals.length} of ${trial.refusals.length} changes refused; all of it removed again but the inert policy ${KEEPER}`,
  };
}

function judge(walk: Walk, trial: ReleaseTrial): StageOutcome {
  const { rollout, refusals, scaling, update, drain } = trial;
  const wrong = [
    ...(rollout.state === 'proved' ? [] : [`the rollout ${rollout.state}: ${rollout.findings.map(({ message }) => message).join('; ')}`]),
    ...(trial.tested === null ? [] : [`helm test: ${trial.tested}`]),
    ...(trial.apiKey ?? []),
    ...refusals.filter(({ message }) => !message?.includes('OVK-ADM-')).map(({ title }) => `admission let ${title} through`),
    ...(update.failed + drain.failed === 0 ? [] : [`requests failed: ${[...update.failures, ...drain.failures].join('; ')}`]),
  ];
  walk.seen.cluster = wrong.length === 0 ? 'proved' : 'failed';
  if (wrong.length > 0) return { state: 'failed', detail: wrong.join('; ') };
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  return {
    state: 'passed',
    detail:
      `Kubernetes ${rollout.cluster.version?.replace(/^v/, '')} up in ${seconds(trial.startedInMs)} s, ready ${seconds(trial.deployedInMs)} s after Helm began, ` +
      `${trial.proxied ? `behind its proxy${trial.apiKey ? ', to its API key alone,' : ''} ` : ''}it answers ${JSON.stringify(rollout.smoke?.answer.trim())}; ${refusals.length} of ${refusals.length} changes refused; ` +
      `${scaling ? `scaled ${scaling.from} to ${scaling.to} in ${seconds(scaling.upInMs)} s, held while the metrics were gone, and back; ` : ''}` +
      `${update.requests + drain.requests} requests during update and drain, 0 failed`,
    notProved: [NODES_NOT_PROVED, scaling ? ADAPTER_NOT_PROVED : SCALING_NOT_TRIED, ...(trial.proxied ? [] : [PROXY_NOT_PROVED])],
  };
}

function notRun(why: string): StageOutcome {
  return { state: 'not-run', detail: why };
}
