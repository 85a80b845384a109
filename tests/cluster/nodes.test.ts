import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { eventually, requireControlPlane, SHELL_IMAGE, SHELL_RULE, startCluster } from './support';

const GPU_NODE = { instanceType: 'g6.xlarge', region: 'us-east-1', device: 'gpu', gpu: 'L4', gpuCount: 1, vcpu: 4, memoryGib: 16 } as const;
const PODS = '/api/v1/namespaces/default/pods';

interface PodAnswer {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly conditions?: readonly { type: string; status: string; message?: string }[];
    readonly containerStatuses?: readonly {
      ready: boolean;
      restartCount: number;
      state: { waiting?: { reason: string }; terminated?: { exitCode: number; reason: string; message?: string } };
      lastState: { terminated?: { exitCode: number; reason: string; message?: string } };
    }[];
  };
}

describe('the embedded control plane and its nodes', async () => {
  const binary = await requireControlPlane('the embedded control plane and its nodes');
  if (!binary) return;
  let cluster: EmbeddedCluster;

  beforeAll(async () => {
    cluster = await startCluster(binary, plannedNodes(GPU_NODE, 2), [
      SHELL_RULE,
      { repository: 'registry.example.org/*', meaning: { kind: 'status-only' } },
    ]);
  });
  afterAll(async () => {
    const pids = cluster.plane.pids();
    await cluster.stop();
    expect(pids.filter(isRunning)).toEqual([]);
    expect(existsSync(cluster.plane.folder)).toBe(false);
  });

  const pod = (name: string) => cluster.plane.api.get<PodAnswer>(`${PODS}/${name}`);
  const create = (name: string, script: string, extra: { spec?: object; container?: object } = {}) =>
    cluster.plane.api.create(PODS, {
      metadata: { name },
      spec: {
        tolerations: [{ operator: 'Exists' }],
        containers: [{ name: 'main', image: SHELL_IMAGE, command: ['sh', '-c', script], ...extra.container }],
        ...extra.spec,
      },
    });

  it('says which of its parts run, and that the nodes are stand-ins', async () => {
    expect(cluster.plane.pids()).toHaveLength(4);
    const node = await cluster.plane.api.get<{ metadata: { annotations: Record<string, string> } }>('/api/v1/nodes/g6-xlarge-1');
    expect(JSON.stringify(node.metadata.annotations)).toContain('no kubelet');
  });

  it('schedules by GPU, taint and label as the plan has them', async () => {
    const image = 'registry.example.org/gpu@sha256:1';
    const containers = [{ name: 'gpu', image, resources: { limits: { 'nvidia.com/gpu': 1 } } }];
    await cluster.plane.api.create(PODS, { metadata: { name: 'untolerant' }, spec: { containers: [{ name: 'cpu', image }] } });
    const spec = {
      containers,
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }],
      nodeSelector: { 'node.kubernetes.io/instance-type': 'g6.xlarge' },
    };
    for (const name of ['gpu-1', 'gpu-2', 'gpu-3']) await cluster.plane.api.create(PODS, { metadata: { name }, spec });
    const nodes = await eventually('two GPU pods', async () => {
      const found = (await Promise.all(['gpu-1', 'gpu-2', 'gpu-3'].map(pod))).filter(isReady).map(({ spec: { nodeName } }) => nodeName);
      return found.length === 2 && found;
    });
    expect(new Set(nodes)).toEqual(new Set(['g6-xlarge-1', 'g6-xlarge-2']));
    const why = await eventually(
      'a reason',
      async () => (await pod('untolerant')).status.conditions?.find(({ status }) => status === 'False')?.message,
    );
    expect(why).toContain('untolerated taint');
    for (const name of ['gpu-1', 'gpu-2', 'gpu-3', 'untolerant']) await cluster.plane.api.remove(`${PODS}/${name}`);
  });

  it('runs a container as a process with its environment, ConfigMap and Secret, and keeps its log and exit code', async () => {
    await cluster.plane.api.create('/api/v1/namespaces/default/configmaps', {
      metadata: { name: 'settings' },
      data: { 'a.txt': 'from the map' },
    });
    await cluster.plane.api.create('/api/v1/namespaces/default/secrets', { metadata: { name: 'keys' }, stringData: { key: 'hush' } });
    await create('whole', 'echo "$WORD $KEY $HOSTNAME"; cat "$FILE"; echo done > "$TERMINATION_MESSAGE_FILE"; exit 3', {
      spec: { restartPolicy: 'Never', volumes: [{ name: 'map', configMap: { name: 'settings' } }] },
      container: {
        env: [
          { name: 'WORD', value: 'hello' },
          { name: 'FILE', value: '/etc/settings/a.txt' },
          { name: 'KEY', valueFrom: { secretKeyRef: { name: 'keys', key: 'key' } } },
        ],
        volumeMounts: [{ name: 'map', mountPath: '/etc/settings' }],
      },
    });
    const ended = await eventually('its end', async () => {
      const { status } = await pod('whole');
      return status.phase === 'Failed' && status.containerStatuses?.[0]?.state.terminated;
    });
    expect(ended).toMatchObject({ exitCode: 3, reason: 'Error', message: 'done\n' });
    expect(await logOf('whole')).toBe('hello hush whole\nfrom the map');
  });

  it('restarts what crashes with a back-off, and says so in status and events', async () => {
    await create('crashing', 'echo broken; exit 7');
    const status = await eventually('a crash loop', async () => {
      const found = (await pod('crashing')).status.containerStatuses?.[0];
      return found?.state.waiting?.reason === 'CrashLoopBackOff' && found.restartCount >= 2 && found;
    });
    expect(status.lastState.terminated).toMatchObject({ exitCode: 7 });
    const events = await cluster.plane.api.get<{ items: { reason: string }[] }>('/api/v1/namespaces/default/events');
    expect(events.items.map(({ reason }) => reason)).toContain('BackOff');
    await cluster.plane.api.remove(`${PODS}/crashing`);
  });

  it('makes a pod ready by its real HTTP probe, and not ready when the answer changes', async () => {
    const script = `const http = require('node:http'); let ok = true;
      http.createServer((q, r) => { if (q.url === '/break') ok = false; r.writeHead(ok ? 200 : 503).end(); }).listen(8123, process.argv[1]);`;
    await create('probed', '', {
      container: {
        command: ['node', '-e', script, '0.0.0.0'],
        ports: [{ name: 'http', containerPort: 8123 }],
        readinessProbe: { httpGet: { path: '/', port: 'http' }, periodSeconds: 1, failureThreshold: 1 },
      },
    });
    await eventually('readiness', async () => isReady(await pod('probed')));
    // through the API server and the stand-in of the network, as kubectl would
    await cluster.plane.api.get(`${PODS}/probed:8123/proxy/break`).catch(() => undefined);
    await eventually('unreadiness', async () => !isReady(await pod('probed')));
    await cluster.plane.api.remove(`${PODS}/probed`);
  });

  it('gives a container its time of grace, and kills it after that', async () => {
    await create('stubborn', 'trap "" TERM; while true; do sleep 0.1; done', {
      spec: { terminationGracePeriodSeconds: 2, tolerations: [{ operator: 'Exists' }] },
    });
    await eventually('running', async () => (await pod('stubborn')).status.phase === 'Running');
    const started = Date.now();
    await cluster.plane.api.remove(`${PODS}/stubborn`);
    await eventually('its end', async () =>
      pod('stubborn').then(
        () => false,
        (error) => error.status === 404,
      ),
    );
    expect(Date.now() - started).toBeGreaterThanOrEqual(1_900);
  });

  it('kills a container that outgrows its memory as the kernel does', async () => {
    await create('greedy', '', {
      container: {
        command: ['node', '-e', 'const held = []; setInterval(() => held.push(Buffer.alloc(2e7, 1)), 20)'],
        resources: { limits: { memory: '200Mi' } },
      },
    });
    const killed = await eventually('the kill', async () => {
      const status = (await pod('greedy')).status.containerStatuses?.[0];
      return status?.lastState.terminated ?? status?.state.terminated;
    });
    expect(killed).toMatchObject({ exitCode: 137, reason: 'OOMKilled' });
    await cluster.plane.api.remove(`${PODS}/greedy`);
  });

  it('says that an image which no registry has cannot be pulled', async () => {
    await create('missing', '', { container: { image: 'onevision-kit.invalid/nothing@sha256:1', command: undefined } });
    const reason = await eventually('the reason', async () => {
      const found = (await pod('missing')).status.containerStatuses?.[0]?.state.waiting?.reason;
      return found?.includes('ImagePull') && found;
    });
    expect(reason).toMatch(/ErrImagePull|ImagePullBackOff/);
    await cluster.plane.api.remove(`${PODS}/missing`);
  });

  it('loses nothing when the API server and its store are killed and come back', async () => {
    await create('steady', 'while true; do sleep 0.2; done');
    await eventually('running', async () => (await pod('steady')).status.phase === 'Running');
    await cluster.plane.restart('kube-apiserver', 'kill');
    await cluster.plane.restart('etcd', 'stop');
    const after = await eventually('the API', async () => pod('steady').catch(() => undefined));
    expect(after.status.phase).toBe('Running');
    expect(after.status.containerStatuses?.[0]?.restartCount).toBe(0);
    // and the followers have found their way back
    await cluster.plane.api.remove(`${PODS}/steady`, { gracePeriodSeconds: 1 });
    await eventually('its end', async () =>
      pod('steady').then(
        () => false,
        (error) => error.status === 404,
      ),
    );
  });

  async function logOf(name: string): Promise<string> {
    let text = '';
    for await (const piece of await cluster.plane.api.stream(`${PODS}/${name}/log`, new AbortController().signal)) text += piece;
    return text.trim();
  }
});

function isReady({ status }: PodAnswer): boolean {
  return status.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') ?? false;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
