import {
  type AutoscalerView,
  type Cluster,
  type DeploymentView,
  type EventView,
  type PodView,
  ServiceError,
} from '../../rollout/cluster-types';
import type { Expected } from '../../rollout/expectation';

export const DIGEST = `sha256:${'2b'.repeat(32)}`;
export const MANIFEST = `sha256:${'4c'.repeat(32)}`;

export const EXPECTED: Expected = {
  release: { name: 'puppet-show', environment: 'production' },
  namespace: 'puppet-show',
  workload: 'puppet-show-onevision',
  servicePortName: 'http',
  verdictDigest: `sha256:${'1'.repeat(64)}`,
  image: `registry.example.org/show@${DIGEST}`,
  imageDigest: DIGEST,
  proxyImage: null,
  apiKey: null,
  command: ['python3', '-m', 'server'],
  args: ['--model', '/models/show', '--max-model-len', '4096'],
  modelId: 'lmms-lab/show',
  modelRevision: 'a'.repeat(40),
  weightsManifest: MANIFEST,
  scaled: false,
  timeToFirstTokenMs: { low: 100, high: 500 },
  timePerOutputTokenMs: { low: 10, high: 20 },
};

/** A pod that runs just what is expected. */
export function goodPod(name = 'show-1'): PodView {
  const status = (container: string) => ({ name: container, imageID: EXPECTED.image, ready: true, restartCount: 0 });
  return {
    metadata: { name, annotations: { 'onevision-kit/model-revision': EXPECTED.modelRevision } },
    spec: {
      nodeName: 'node-1',
      initContainers: [{ name: 'weights', image: EXPECTED.image }],
      containers: [{ name: 'engine', image: EXPECTED.image, command: EXPECTED.command, args: EXPECTED.args }],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True' }],
      initContainerStatuses: [{ ...status('weights'), state: { terminated: { exitCode: 0, message: MANIFEST } } }],
      containerStatuses: [{ ...status('engine'), state: { running: {} } }],
    },
  };
}

export const COMPLETE: DeploymentView = {
  metadata: { generation: 2 },
  spec: { replicas: 1, selector: { matchLabels: { app: 'show' } } },
  status: { observedGeneration: 2, replicas: 1, updatedReplicas: 1, readyReplicas: 1 },
};

interface FakeCluster {
  readonly deployment?: DeploymentView;
  readonly pods?: readonly PodView[];
  readonly events?: readonly EventView[];
  readonly logs?: string;
  readonly autoscalers?: readonly AutoscalerView[];
  readonly answer?: string;
  /** Values of Secrets by namespace/name/key; an error is thrown. */
  readonly secrets?: Readonly<Record<string, string | Error>>;
  /** Keys that the service takes; undefined: it asks for none. */
  readonly keys?: readonly string[];
}

/** A cluster that answers what it is told. */
export function fakeCluster({
  deployment = COMPLETE,
  pods = [goodPod()],
  events = [],
  logs = '',
  autoscalers = [],
  answer = 'Paris',
  secrets = {},
  keys,
}: FakeCluster): Cluster {
  return {
    context: 'fake',
    server: 'https://fake',
    version: async () => 'v1.36.3',
    deployment: async () => deployment,
    pods: async () => pods,
    events: async () => events,
    autoscalers: async () => autoscalers,
    logs: async () => logs,
    async secret(namespace, name, key) {
      const found = secrets[`${namespace}/${name}/${key}`];
      if (found instanceof Error) throw found;
      return found;
    },
    async *askService({ apiKey }) {
      if (keys && !keys.includes(apiKey ?? '')) throw new ServiceError(401, '{"error":{"code":"invalid_api_key"}}');
      for (const word of answer.split(/(?<= )/)) yield `data: ${JSON.stringify({ choices: [{ delta: { content: word } }] })}\n\n`;
      yield 'data: [DONE]\n\n';
    },
  };
}
