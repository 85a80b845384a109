import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { until } from '../cluster/workload';
import { createUnlessThere, type KubernetesObject } from '../control-plane/api-client';
import { type Child, lastLines, startChild } from '../control-plane/child';
import type { ControlPlane } from '../control-plane/control-plane';
import { freePorts } from '../control-plane/ports';
import { registerExternalMetrics } from '../metrics/external-metrics-api';
import { realAddress } from '../nodes/network';
import { createIdentity } from '../provider-standin/protocol/certificate';
import type { KedaBinaries } from './binaries';

/** The real KEDA beside a control plane, as two processes of this machine instead of two pods. */
export interface Keda {
  /** Last lines that its programs printed, for a message. */
  words(): string;
  stop(): Promise<void>;
}

const NAMESPACE = 'keda';
/** Where the API server looks for the adapter; behind it is 127.254.254.2. */
const ADDRESS = '10.254.254.2';

/**
 * Installs KEDA's kinds and starts its operator and its metrics adapter with the rights of the administrator. What a Helm release of KEDA brings
 * besides (its service accounts, webhook and certificates of its own) is not tried.
 * @throws Error when one of them ends or does not answer
 */
export async function startKeda(plane: ControlPlane, binaries: KedaBinaries, signal?: AbortSignal): Promise<Keda> {
  const { api, kubeconfig } = plane;
  const folder = join(plane.folder, 'keda');
  const certificates = join(folder, 'certificates');
  mkdirSync(certificates, { recursive: true });
  // operator and adapter prove themselves to each other by certificates of one authority; one that signs itself is all three
  const identity = createIdentity(Date.now());
  for (const [file, text] of Object.entries({ 'ca.crt': identity.certificate, 'tls.crt': identity.certificate, 'tls.key': identity.key })) {
    writeFileSync(join(certificates, file), text, { mode: 0o600 });
  }
  await createUnlessThere(api, '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
  for (const definition of binaries.definitions.flatMap((text) =>
    parseAllDocuments(text).map((document) => document.toJS() as KubernetesObject),
  )) {
    await createUnlessThere(api, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', definition);
  }
  // the API server of a rehearsal shows the adapter no certificate, so its questions come from nobody
  await createUnlessThere(api, '/apis/rbac.authorization.k8s.io/v1/clusterroles', READER);
  await createUnlessThere(api, '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings', READERS);
  const [grpc = 0, probe = 0, secure = 0, metrics = 0] = await freePorts(4);
  const env = {
    ...process.env,
    POD_NAMESPACE: NAMESPACE,
    POD_NAME: 'keda-operator',
    WATCH_NAMESPACE: '',
    KEDA_CLUSTER_OBJECT_NAMESPACE: NAMESPACE,
    KUBECONFIG: kubeconfig,
  };
  const start = (name: string, command: string, args: readonly string[]): Child =>
    startChild({ name, command, args, env, cwd: folder, logFile: join(folder, `${name}.log`) });
  const operator = start('keda-operator', binaries.operator, [
    `--kubeconfig=${kubeconfig}`,
    `--metrics-service-bind-address=127.0.0.1:${grpc}`,
    `--health-probe-bind-address=127.0.0.1:${probe}`,
    '--enable-prometheus-metrics=false',
    `--cert-dir=${certificates}`,
    '--zap-log-level=info',
  ]);
  const adapter = start('keda-adapter', binaries.adapter, [
    `--kubeconfig=${kubeconfig}`,
    `--lister-kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--authentication-skip-lookup=true',
    `--metrics-service-address=localhost:${grpc}`,
    `--bind-address=${realAddress(ADDRESS)}`,
    `--secure-port=${secure}`,
    `--port=${metrics}`,
    `--cert-dir=${certificates}`,
  ]);
  const children = [operator, adapter];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop(2_000)));
  };
  let unavailable = '';
  const words = (): string => [`APIService: ${unavailable}`, ...children.map((child) => `${child.name}: ${lastLines(child)}`)].join('\n');
  try {
    await registerExternalMetrics(api, ADDRESS, secure);
    await until('KEDA to be ready', signal, async () => {
      for (const child of children) if (!child.running) throw new Error(`${child.name} ended: ${lastLines(child, 10)}`);
      return (await isReady(`http://127.0.0.1:${probe}/readyz`)) && (await isAvailable());
    });
    return { words, stop };
  } catch (error) {
    await stop();
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${words()}`);
  }

  async function isAvailable(): Promise<boolean> {
    const path = '/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.external.metrics.k8s.io';
    const { status } = await api.get<{ status?: { conditions?: Condition[] } }>(path);
    const available = status?.conditions?.find(({ type }) => type === 'Available');
    unavailable = available?.message ?? '';
    return available?.status === 'True';
  }
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

const READER = {
  metadata: { name: 'external-metrics-reader' },
  rules: [
    { apiGroups: ['external.metrics.k8s.io'], resources: ['*'], verbs: ['get', 'list'] },
    // whether the API is there at all
    { nonResourceURLs: ['/apis', '/apis/*'], verbs: ['get'] },
  ],
};
const READERS = {
  metadata: { name: 'external-metrics-readers' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'external-metrics-reader' },
  subjects: [{ kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:unauthenticated' }],
};

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
