import { describe, expect, it } from 'vitest';
import { comparePods } from '../../rollout/compare';
import type { Expected } from '../../rollout/expectation';
import { rolloutText } from '../../rollout/rollout-text';
import { type VerifyOptions, verifyRollout } from '../../rollout/verify';
import { DIGEST, EXPECTED, fakeCluster, goodPod } from './fixtures';

const KEY = 'sk-puppet-show-0123456789';
const OTHER = 'sk-another-one-9876543210';
const KEYED: Expected = { ...EXPECTED, apiKey: { secret: 'show-key', key: 'api-key', proxied: true } };
const WHERE = 'puppet-show/show-key/api-key';

const verify = async (
  cluster: Parameters<typeof fakeCluster>[0],
  { expected = KEYED, apiKey }: { readonly expected?: Expected; readonly apiKey?: string } = {},
) => {
  const said: string[] = [];
  const options: VerifyOptions = {
    cluster: fakeCluster(cluster),
    expected,
    smoke: {
      label: 'capital',
      messages: [],
      maxTokens: 8,
      check: (text) => ({ passed: text.includes('Paris'), reasons: [] }),
      load: { messages: [], maxTokens: 8 },
    },
    timeoutSeconds: 0,
    apiKey,
    now: () => new Date('2026-11-26T12:00:00Z'),
    signal: new AbortController().signal,
    onProgress: (line) => said.push(line),
  };
  const rollout = await verifyRollout(options);
  // wherever it came from, it stands nowhere
  const written = [JSON.stringify(rollout), rolloutText(rollout, { colours: false }), ...said].join('\n');
  for (const secret of [KEY, OTHER]) expect(written).not.toContain(secret);
  return rollout;
};

describe('the API key of a release', () => {
  it('is read from the Secret that the release names, its first line', async () => {
    const rollout = await verify({ secrets: { [WHERE]: `${KEY}\n${OTHER}\n` }, keys: [KEY] });
    expect(rollout).toMatchObject({ state: 'proved', findings: [], smoke: { passed: true } });
  });

  it('is taken from OVKIT_API_KEY where that is given, without looking at the Secret', async () => {
    const forbidden = { [WHERE]: Object.assign(new Error('forbidden'), { code: 403 }) };
    expect(await verify({ secrets: forbidden, keys: [KEY] }, { apiKey: KEY })).toMatchObject({ state: 'proved', findings: [] });
  });

  it.each<readonly [string, Record<string, string | Error>, string]>([
    ['there is no such Secret', {}, 'holds no API key'],
    ['it is empty', { [WHERE]: '\n \n' }, 'holds no API key'],
    ['it may not be read', { [WHERE]: Object.assign(new Error('forbidden'), { code: 403 }) }, 'cannot be read (HTTP 403)'],
  ])('leaves open whether it answers when %s', async (_title, secrets, words) => {
    const rollout = await verify({ secrets, keys: [KEY] });
    expect(rollout).toMatchObject({ state: 'unknown', smoke: null });
    expect(rollout.findings).toMatchObject([{ rule: 'OVK-RUN-011', message: expect.stringContaining(words) }]);
  });

  it('is said to be refused, with where it came from', async () => {
    const stale = await verify({ secrets: { [WHERE]: OTHER }, keys: [KEY] });
    expect(stale).toMatchObject({ state: 'differs', smoke: null });
    expect(stale.findings).toMatchObject([
      { rule: 'OVK-RUN-012', message: expect.stringMatching(/401.*Secret puppet-show\/show-key, key api-key.*restart/) },
    ]);
    const given = await verify({ secrets: {}, keys: [KEY] }, { apiKey: OTHER });
    expect(given.findings).toMatchObject([{ rule: 'OVK-RUN-012', message: expect.stringContaining('OVKIT_API_KEY') }]);
  });

  it('is asked for where the release names none', async () => {
    const rollout = await verify({ keys: [KEY] }, { expected: EXPECTED });
    expect(rollout).toMatchObject({ state: 'differs' });
    expect(rollout.findings).toMatchObject([{ rule: 'OVK-RUN-012', message: expect.stringContaining('the release names none') }]);
  });

  it('is worth nothing when the service answers without one', async () => {
    const rollout = await verify({ secrets: { [WHERE]: KEY } });
    expect(rollout).toMatchObject({ state: 'differs' });
    expect(rollout.findings).toMatchObject([{ rule: 'OVK-RUN-013' }]);
  });

  it('cannot be sent to an engine without the proxy, which is said', async () => {
    const expected = { ...KEYED, apiKey: { secret: 'show-key', key: 'api-key', proxied: false } };
    const rollout = await verify({ secrets: { [WHERE]: KEY }, keys: [KEY] }, { expected });
    expect(rollout).toMatchObject({ state: 'unknown' });
    expect(rollout.findings).toMatchObject([{ rule: 'OVK-RUN-011', message: expect.stringContaining('service.proxyImage') }]);
  });
});

describe('an image of its own for the proxy', () => {
  const digest = `sha256:${'5d'.repeat(32)}`;
  const own = { image: `registry.example.org/nginx@${digest}`, digest };
  const podWith = (image: string, id: string) => {
    const pod = structuredClone(goodPod());
    Object.assign(pod.spec, { containers: [...pod.spec.containers, { name: 'proxy', image }] });
    Object.assign(pod.status ?? {}, {
      containerStatuses: [...(pod.status?.containerStatuses ?? []), { name: 'proxy', imageID: id, ready: true, restartCount: 0 }],
    });
    return pod;
  };

  it('is what must run in its container, and nowhere else', () => {
    const expected = { ...EXPECTED, proxyImage: own };
    expect(comparePods([podWith(own.image, own.image)], expected)).toEqual([]);
    expect(comparePods([podWith(EXPECTED.image, own.image)], expected)).toMatchObject([{ rule: 'OVK-RUN-002', expected: own.image }]);
    expect(comparePods([podWith(own.image, EXPECTED.image)], expected)).toMatchObject([{ rule: 'OVK-RUN-002', expected: digest }]);
    expect(comparePods([podWith(own.image, own.image)], EXPECTED)).toMatchObject([
      { rule: 'OVK-RUN-002', expected: EXPECTED.image },
      { rule: 'OVK-RUN-002', expected: DIGEST },
    ]);
  });
});
