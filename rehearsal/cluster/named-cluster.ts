import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admissionValues } from '../../charts/admission-values';
import type { ChartValues } from '../../charts/chart-values';
import { expectedPods } from '../../charts/expected-pods';
import type { HelmTool } from '../../charts/helm';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import type { Plan } from '../../planning/plan';
import { connectCluster, loadKubeConfig } from '../../rollout/connect';
import type { Rollout } from '../../rollout/schema';
import { verifyRollout } from '../../rollout/verify';
import { smokeTest } from '../../runtime/golden-images/smoke-test';
import { type ApiClient, clientOf } from '../control-plane/api-client';
import { type Refusal, tryChanges, waitForAdmission } from './admission';
import { makeApiKey, storeApiKey } from './api-key';
import { deployChart, type HelmTarget, uninstall } from './helm-release';
import { leaveKeeper } from './keeper';
import { productionSigns } from './production-signs';

/** A cluster that the user names, and nothing else of the kubeconfig. */
export interface NamedCluster {
  readonly context: string;
  readonly kubeconfig?: string;
  /** The name of the context once more: the user knows what it is. */
  readonly confirmed?: string;
}

export interface NamedTrialOptions {
  readonly cluster: NamedCluster;
  readonly helm: HelmTool;
  readonly values: ChartValues;
  readonly plan: Plan;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  readonly onProgress: (line: string) => void;
}

/** What a cluster of the user's own took and refused. */
export interface NamedTrial {
  readonly namespace: string;
  readonly version: string;
  /** Why the whole release was refused; null when it was taken. */
  readonly refused: string | null;
  readonly refusals: readonly Refusal[];
  /** null: no pod was started, since its image is a placeholder. */
  readonly rollout: Rollout | null;
}

const HELM_TIMEOUT_SECONDS = 600;
const ADMISSION_TIMEOUT_SECONDS = 60;

/**
 * Installs admission and the release in a namespace of its own on the named cluster, tries what must be refused, and takes everything away again, whatever
 * happened, but for one inert policy (`leaveKeeper`). A release whose image is a placeholder is installed with no replica: every object is taken or refused, and no pod is tried.
 * @throws KitError E_CLUSTER_CONTEXT, E_CLUSTER_PRODUCTION; Error with what Helm or the API said
 */
export async function tryOnNamedCluster(options: NamedTrialOptions): Promise<NamedTrial> {
  const { cluster, values, signal, onProgress } = options;
  const config = loadKubeConfig(cluster);
  const api = clientOf(config.getCurrentCluster()?.server ?? '', async () => {
    const request = {};
    await config.applyToHTTPSOptions(request);
    return request;
  });
  await refuseProduction(api, cluster);
  const namespace = `ovkit-rehearsal-${randomBytes(4).toString('hex')}`;
  const scratch = mkdtempSync(join(tmpdir(), 'ovkit-named-'));
  const target: HelmTarget = { helm: options.helm, kubeconfig: cluster.kubeconfig, context: cluster.context, namespace, scratch, signal };
  const release = values.release.name;
  onProgress(`working in the namespace ${namespace} of ${cluster.context}`);
  try {
    const { gitVersion } = await api.get<{ gitVersion: string }>('/version');
    await api.create('/api/v1/namespaces', { metadata: { name: namespace, labels: labelsOf(values) } });
    if (values.apiKey) await storeApiKey(api, namespace, values.apiKey, makeApiKey());
    must(
      await deployChart(
        target,
        `${release}-admission`,
        fromRoot('charts', 'admission'),
        admissionValues(values, false),
        ADMISSION_TIMEOUT_SECONDS,
      ),
    );
    if (!(await waitForAdmission(api, namespace, signal))) throw new Error('the API server does not enforce the policies of admission');
    const runs = values.image.state === 'built';
    const given = runs ? values : { ...values, replicas: 0, autoscaling: { ...values.autoscaling, mode: 'none' } };
    onProgress(runs ? 'installing the release' : 'installing the release without a pod: its image is a placeholder');
    const said = await deployChart(target, release, fromRoot('charts', 'onevision'), given, HELM_TIMEOUT_SECONDS);
    if (said?.includes('OVK-ADM-')) return { namespace, version: gitVersion, refused: said, refusals: [], rollout: null };
    must(said);
    const expected = expectedPods(values, options.plan, namespace);
    const refusals = await tryChanges(api, namespace, expected.workload);
    const rollout = runs
      ? await verifyRollout({
          ...options,
          cluster: connectCluster(cluster),
          expected,
          smoke: smokeTest(options.plan.request),
          timeoutSeconds: 0,
        })
      : null;
    return { namespace, version: gitVersion, refused: null, refusals, rollout };
  } finally {
    // also after Ctrl-C, and therefore without its signal
    const cleaning = { ...target, signal: undefined };
    await uninstall(cleaning, release);
    await uninstall(cleaning, `${release}-admission`);
    await leaveKeeper(api, namespace, release);
    await api.remove(`/api/v1/namespaces/${namespace}`);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Weights on the disk of the node are the one thing that the level "restricted" refuses. */
function labelsOf({ weights }: ChartValues): Record<string, string> {
  const level = weights.volume.type === 'hostPath' ? 'privileged' : 'restricted';
  return { 'onevision-kit/rehearsal': 'true', 'pod-security.kubernetes.io/enforce': level };
}

interface Listed {
  readonly items: readonly { readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> } }[];
}

async function refuseProduction(api: ApiClient, { context, confirmed }: NamedCluster): Promise<void> {
  if (confirmed === context) return;
  const [namespaces, nodes, deployments] = await Promise.all([
    api.get<Listed>('/api/v1/namespaces'),
    api.get<Listed>('/api/v1/nodes'),
    api.get<Listed>('/apis/apps/v1/deployments?labelSelector=app.kubernetes.io%2Fpart-of%3Donevision-kit'),
  ]);
  const signs = productionSigns({
    context,
    server: api.server,
    namespaces: namespaces.items.map(({ metadata }) => metadata.name),
    nodes: nodes.items.length,
    environments: deployments.items.flatMap(({ metadata }) => metadata.labels?.['onevision-kit/environment'] ?? []),
  });
  if (signs.length === 0) return;
  throw new KitError({
    code: 'E_CLUSTER_PRODUCTION',
    message: `"${context}" looks like a cluster that somebody relies on: ${signs.join('; ')}.`,
    allowed: 'a cluster for tests; policies of admission belong to the whole cluster.',
    next: `name another context, or say that you mean it with --confirm-context ${context}.`,
  });
}

function must(said: string | undefined): void {
  if (said !== undefined) throw new Error(said);
}
