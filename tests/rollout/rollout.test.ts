import { describe, expect, it } from 'vitest';
import type { PodView } from '../../rollout/cluster-types';
import { comparePods } from '../../rollout/compare';
import { measurementsOf } from '../../rollout/measurements';
import { advice, failureReasons } from '../../rollout/reasons';
import { rolloutText } from '../../rollout/rollout-text';
import { RolloutSchema } from '../../rollout/schema';
import { readAnswer } from '../../rollout/smoke';
import { type VerifyOptions, verifyRollout } from '../../rollout/verify';
import { COMPLETE, DIGEST, EXPECTED, fakeCluster, goodPod, MANIFEST } from './fixtures';

// biome-ignore lint/suspicious/noExplicitAny: a pod is changed in every place, on purpose
type Any = any;
const changed = (change: (pod: Any) => void): PodView => {
  const pod = structuredClone(goodPod()) as Any;
  change(pod);
  return pod;
};

describe('comparePods', () => {
  it('finds nothing in a pod that runs what was judged', () => {
    expect(comparePods([goodPod()], EXPECTED)).toEqual([]);
  });

  it('takes no pods for a finding: nothing checked is not a pass', () => {
    expect(comparePods([], EXPECTED)).toMatchObject([{ rule: 'OVK-RUN-001', severity: 'error' }]);
  });

  it.each<readonly [string, string, (pod: Any) => void]>([
    ['another image in the specification', 'OVK-RUN-002', (pod) => Object.assign(pod.spec.containers[0], { image: 'other' })],
    [
      'another digest at the runtime',
      'OVK-RUN-002',
      (pod) => Object.assign(pod.status.containerStatuses[0], { imageID: `x@sha256:${'9'.repeat(64)}` }),
    ],
    [
      'another image of an ephemeral container',
      'OVK-RUN-002',
      (pod) => Object.assign(pod.spec, { ephemeralContainers: [{ name: 'debug', image: 'busybox' }] }),
    ],
    ['another argument', 'OVK-RUN-003', (pod) => Object.assign(pod.spec.containers[0], { args: [...EXPECTED.args, '--enforce-eager'] })],
    ['another command', 'OVK-RUN-003', (pod) => Object.assign(pod.spec.containers[0], { command: ['sh'] })],
    ['no engine', 'OVK-RUN-003', (pod) => Object.assign(pod.spec.containers[0], { name: 'other' })],
    ['another revision', 'OVK-RUN-004', (pod) => Object.assign(pod.metadata.annotations, { 'onevision-kit/model-revision': 'main' })],
    ['no revision', 'OVK-RUN-004', (pod) => delete pod.metadata.annotations],
    [
      'other weights',
      'OVK-RUN-005',
      (pod) => Object.assign(pod.status.initContainerStatuses[0].state.terminated, { message: `sha256:${'0'.repeat(64)}` }),
    ],
    ['weights that nobody compared', 'OVK-RUN-005', (pod) => Object.assign(pod.status, { initContainerStatuses: [] })],
  ])('finds %s', (_title, rule, change) => {
    expect(comparePods([changed(change)], EXPECTED)).toContainEqual(expect.objectContaining({ rule, severity: 'error' }));
  });

  it('says what the cluster does not say, and does not take it for a match', () => {
    const silent = changed((pod) => Object.assign(pod.status.containerStatuses[0], { imageID: '' }));
    expect(comparePods([silent], EXPECTED)).toMatchObject([{ rule: 'OVK-RUN-009', severity: 'warning' }]);
    expect(comparePods([goodPod()], { ...EXPECTED, weightsManifest: null })).toMatchObject([{ rule: 'OVK-RUN-005', severity: 'warning' }]);
  });
});

describe('failureReasons', () => {
  it('puts scheduling, containers, events and the last words on one screen, each once', () => {
    const pending = changed((pod) => {
      pod.status = {
        conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available: 3 Insufficient nvidia.com/gpu.' }],
      };
    });
    const crashing = changed((pod) => {
      pod.metadata.name = 'show-2';
      pod.status.containerStatuses = [
        {
          name: 'engine',
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
        },
      ];
    });
    const event = {
      type: 'Warning',
      reason: 'BackOff',
      message: 'Back-off restarting',
      count: 4,
      involvedObject: { kind: 'Pod', name: 'show-2' },
    };
    const foreign = { ...event, message: 'not ours', involvedObject: { kind: 'Pod', name: 'other' } };
    const reasons = failureReasons(COMPLETE, [pending, crashing], [event, event, foreign], {
      'show-2/engine': 'one\ntwo\nCUDA out of memory',
    });
    expect(reasons).toEqual([
      'show-1 has no node: 0/3 nodes are available: 3 Insufficient nvidia.com/gpu.',
      'show-2/engine: CrashLoopBackOff: back-off 40s',
      'show-2/engine ended with 137 (OOMKilled), restarted 3 time(s)',
      'last words of show-2/engine: one | two | CUDA out of memory',
      'BackOff: Back-off restarting (8 times)',
    ]);
    const hints = advice(reasons).join('\n');
    expect(hints).toContain('quota');
    expect(hints).toContain('outgrew its memory');
    expect(hints).toContain('cdktf deploy');
  });

  it('says that there is no Deployment', () => {
    expect(failureReasons(undefined, [], [], {})[0]).toContain('does not exist');
  });
});

describe('readAnswer', () => {
  it('puts an answer together across pieces and measures it', async () => {
    let clock = 0;
    async function* pieces() {
      const line = (content: string) => `data: {"choices":[{"delta":{"content":"${content}"}}]}\n\n`;
      yield 'data: {"choices":[{"delta":{"role":"assistant"}}]}\n\n';
      clock = 300;
      yield line('Pa').slice(0, 20);
      yield line('Pa').slice(20);
      clock = 400;
      yield `${line('ris')}data: {"choices":[],"usage":{"completion_tokens":11}}\n\ndata: [DONE]\n\n`;
    }
    expect(await readAnswer(pieces(), () => clock)).toEqual({
      text: 'Paris',
      timeToFirstTokenMs: 300,
      outputTokensPerSecond: 100,
      outputTokens: 11,
    });
  });

  it('refuses an answer without text, and one that is an error', async () => {
    async function* nothing() {
      yield 'data: [DONE]\n\n';
    }
    async function* error() {
      yield 'data: {"error":{"message":"no such model"}}\n\n';
    }
    await expect(readAnswer(nothing())).rejects.toThrow('without any text');
    await expect(readAnswer(error())).rejects.toThrow('no such model');
  });
});

describe('measurementsOf', () => {
  const answer = (timeToFirstTokenMs: number, outputTokensPerSecond: number) => ({
    text: '',
    timeToFirstTokenMs,
    outputTokensPerSecond,
    outputTokens: 60,
  });

  it('compares both figures with the range, in the direction that each has', () => {
    expect(measurementsOf(answer(300, 75), EXPECTED).map(({ verdict }) => verdict)).toEqual(['as planned', 'as planned']);
    expect(measurementsOf(answer(50, 200), EXPECTED).map(({ verdict }) => verdict)).toEqual(['better than planned', 'better than planned']);
    expect(measurementsOf(answer(900, 5), EXPECTED).map(({ verdict }) => verdict)).toEqual(['worse than planned', 'worse than planned']);
  });

  it('says that there is no plan where the plan does not know', () => {
    const open = { ...EXPECTED, timeToFirstTokenMs: { low: null, high: null }, timePerOutputTokenMs: { low: null, high: null } };
    expect(measurementsOf(answer(300, 75), open).map(({ verdict }) => verdict)).toEqual(['no plan', 'no plan']);
  });
});

describe('verifyRollout', () => {
  const smoke = {
    label: 'What is the capital of France?',
    messages: [],
    maxTokens: 8,
    check: (text: string) => ({ passed: text.includes('Paris'), reasons: text.includes('Paris') ? [] : ['it does not say paris'] }),
    load: { messages: [], maxTokens: 8 },
  };
  const verify = (cluster: VerifyOptions['cluster'], over: Partial<VerifyOptions> = {}) =>
    verifyRollout({
      cluster,
      expected: EXPECTED,
      smoke,
      timeoutSeconds: 0,
      now: () => new Date('2026-11-23T12:00:00Z'),
      signal: new AbortController().signal,
      onProgress: () => undefined,
      ...over,
    });

  it('proves what runs as judged and answers, in a document of its schema', async () => {
    const rollout = RolloutSchema.parse(await verify(fakeCluster({})));
    expect(rollout).toMatchObject({ state: 'proved', replicas: { wanted: 1, ready: 1 }, smoke: { passed: true }, reasons: [] });
    expect(rollout.pods[0]).toMatchObject({ weightsManifest: MANIFEST, imageIds: { engine: expect.stringContaining(DIGEST) } });
  });

  it('does not let a healthy engine pass that answers garbage', async () => {
    const rollout = await verify(fakeCluster({ answer: '!!!! !!!!' }));
    expect(rollout).toMatchObject({ state: 'differs', findings: [{ rule: 'OVK-RUN-007' }] });
  });

  it('is unknown, not proved, where nobody compared the weights', async () => {
    expect((await verify(fakeCluster({}), { expected: { ...EXPECTED, weightsManifest: null } })).state).toBe('unknown');
  });

  it('fails with reasons and without a question when it does not come up', async () => {
    const pods = [
      changed((pod) => {
        pod.status.conditions = [{ type: 'Ready', status: 'False' }];
        pod.status.containerStatuses[0].state = { waiting: { reason: 'ImagePullBackOff', message: 'not found' } };
      }),
    ];
    const rollout = await verify(
      fakeCluster({ deployment: { ...COMPLETE, status: { ...COMPLETE.status, readyReplicas: 0 } }, pods, logs: 'boom' }),
    );
    expect(rollout.state).toBe('failed');
    expect(rollout.smoke).toBeNull();
    const text = rolloutText(rollout, { colours: false });
    expect(text).toContain('FAILED');
    expect(text).toContain('ImagePullBackOff');
    expect(text).toContain('cannot be pulled');
  });

  it('does not take a Deployment of an older generation for complete', async () => {
    const stale = { ...COMPLETE, status: { ...COMPLETE.status, observedGeneration: 1 } };
    expect((await verify(fakeCluster({ deployment: stale }))).state).toBe('failed');
  });

  const autoscaler = (name: string, ...conditions: readonly { type: string; status: string; reason: string; message: string }[]) => ({
    metadata: { name },
    spec: { scaleTargetRef: { name: EXPECTED.workload } },
    status: { conditions },
  });
  const scaled = { expected: { ...EXPECTED, scaled: true } };

  it.each([
    ['there is none', [], 'warning', 'no autoscaler drives it'],
    [
      'it cannot read its signals',
      [autoscaler('show', { type: 'ScalingActive', status: 'False', reason: 'FailedGetExternalMetric', message: 'no series' })],
      'warning',
      'FailedGetExternalMetric: no series',
    ],
    ['there are two', [autoscaler('show'), autoscaler('keda-hpa-show')], 'error', 'against each other'],
  ])('says so when the plan counts on an autoscaler and %s', async (_title, autoscalers, severity, words) => {
    const rollout = await verify(fakeCluster({ autoscalers }), scaled);
    expect(rollout.findings).toMatchObject([{ rule: 'OVK-RUN-010', severity }]);
    expect(rollout.findings[0]?.message).toContain(words);
    expect(rollout.state).toBe(severity === 'error' ? 'differs' : 'proved');
  });

  it('finds nothing in an autoscaler that works, and asks for none where nothing is scaled', async () => {
    const active = autoscaler('show', { type: 'ScalingActive', status: 'True', reason: 'ValidMetricFound', message: '' });
    expect((await verify(fakeCluster({ autoscalers: [active] }), scaled)).findings).toEqual([]);
    expect((await verify(fakeCluster({}))).findings).toEqual([]);
  });

  it('does not look at a pod that is going', async () => {
    const going = changed((pod) => {
      pod.metadata.deletionTimestamp = '2026-11-23T12:00:00Z';
      pod.spec.containers[0].image = 'old';
    });
    expect((await verify(fakeCluster({ pods: [goodPod(), going] }))).state).toBe('proved');
  });
});
