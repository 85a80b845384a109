import { existsSync } from 'node:fs';
import { type RequestOptions, request } from 'node:https';
import { AppsV1Api, AutoscalingV2Api, CoreV1Api, KubeConfig, VersionApi } from '@kubernetes/client-node';
import { KitError } from '../core/error';
import { type AutoscalerView, type Cluster, type DeploymentView, type EventView, type PodView, ServiceError } from './cluster-types';

export interface ConnectOptions {
  /** kubeconfig file; default: what KUBECONFIG names, else ~/.kube/config. */
  readonly kubeconfig?: string;
  /** Context of it. Never guessed: the current context of a user may be any cluster. */
  readonly context: string;
}

/**
 * Reads a cluster with the rights of a kubeconfig's context.
 * @throws KitError E_CLUSTER_CONTEXT when the file or the context is not there
 */
export function connectCluster(options: ConnectOptions): Cluster {
  const config = loadKubeConfig(options);
  const core = config.makeApiClient(CoreV1Api);
  const apps = config.makeApiClient(AppsV1Api);
  const server = config.getCurrentCluster()?.server ?? '';
  return {
    context: options.context,
    server,
    async version() {
      return (await config.makeApiClient(VersionApi).getCode()).gitVersion ?? null;
    },
    async deployment(namespace, name) {
      const found = await orMissing(apps.readNamespacedDeployment({ namespace, name }));
      return found as unknown as DeploymentView | undefined;
    },
    async pods(namespace, labels) {
      const labelSelector = Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(',');
      return (await core.listNamespacedPod({ namespace, labelSelector })).items as unknown as PodView[];
    },
    async autoscalers(namespace) {
      const api = config.makeApiClient(AutoscalingV2Api);
      return (await api.listNamespacedHorizontalPodAutoscaler({ namespace })).items as unknown as AutoscalerView[];
    },
    async events(namespace) {
      return (await core.listNamespacedEvent({ namespace })).items as unknown as EventView[];
    },
    async logs(namespace, name, container, previous, tailLines) {
      try {
        return await core.readNamespacedPodLog({ namespace, name, container, previous, tailLines });
      } catch {
        // a container that never ran has no log; the reason stands elsewhere
        return '';
      }
    },
    async secret(namespace, name, key) {
      const value = (await orMissing(core.readNamespacedSecret({ namespace, name })))?.data?.[key];
      return value === undefined ? undefined : Buffer.from(value, 'base64').toString('utf8');
    },
    askService: ({ namespace, service, port, path, body, apiKey }, signal) =>
      post(config, `${server}/api/v1/namespaces/${namespace}/services/${service}:${port}/proxy${path}`, body, apiKey, signal),
  };
}

/**
 * A kubeconfig with the named context chosen.
 * @throws KitError E_CLUSTER_CONTEXT when the file or the context is not there
 */
export function loadKubeConfig({ kubeconfig, context }: ConnectOptions): KubeConfig {
  const config = new KubeConfig();
  if (kubeconfig !== undefined) {
    if (!existsSync(kubeconfig)) throw noContext(`the kubeconfig ${kubeconfig} does not exist`, []);
    config.loadFromFile(kubeconfig);
  } else config.loadFromDefault();
  const contexts = config.getContexts().map(({ name }) => name);
  if (!contexts.includes(context)) throw noContext(`the kubeconfig has no context "${context}"`, contexts);
  config.setCurrentContext(context);
  return config;
}

function noContext(what: string, contexts: readonly string[]): KitError {
  return new KitError({
    code: 'E_CLUSTER_CONTEXT',
    message: `${what}.`,
    allowed: contexts.length > 0 ? `${contexts.join(', ')}.` : 'a context of your kubeconfig.',
    next: 'name one with --context NAME, and the file with --kubeconfig FILE if it is not the usual one.',
  });
}

async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if ((error as { code?: number }).code === 404) return undefined;
    throw error;
  }
}

/** The client of the library gathers an answer before it gives it; the time to the first token needs it as it comes. */
async function* post(
  config: KubeConfig,
  url: string,
  body: unknown,
  apiKey: string | undefined,
  signal: AbortSignal,
): AsyncIterable<string> {
  const headers = { 'content-type': 'application/json', ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }) };
  const options: RequestOptions = { method: 'POST', signal, headers };
  await config.applyToHTTPSOptions(options);
  const text = JSON.stringify(body);
  const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const call = request(url, options, resolve);
    call.on('error', reject);
    call.end(text);
  });
  answer.setEncoding('utf8');
  if ((answer.statusCode ?? 0) >= 300) {
    let said = '';
    for await (const piece of answer) said += piece;
    throw new ServiceError(answer.statusCode ?? 0, said.slice(0, 300));
  }
  for await (const piece of answer) yield piece as string;
}
