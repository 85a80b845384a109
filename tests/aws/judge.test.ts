import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeAccount, registryAccount } from '../../aws/account';
import { type ImageFound, judgeImage } from '../../aws/image';
import { judgeOfferings } from '../../aws/offerings';
import { judgeQuotas, type QuotaFound } from '../../aws/quotas';
import { type FileFound, judgeWeights } from '../../aws/weights';

const quota = (change: Partial<QuotaFound> = {}): QuotaFound => ({
  code: 'L-DB2E81BA',
  name: 'G and VT',
  vcpuNeeded: 12,
  value: 16,
  applied: true,
  request: null,
  ...change,
});

describe('quotas', () => {
  it('are enough from the needed number on, for every pair of numbers', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), (vcpuNeeded, value) => {
        const { state, next } = judgeQuotas([quota({ vcpuNeeded, value })], 'us-east-1');
        expect(state).toBe(value >= vcpuNeeded ? 'ok' : 'not-ok');
        expect(next === null).toBe(state === 'ok');
      }),
    );
  });

  it('name the command that asks for more', () => {
    const { summary, next } = judgeQuotas([quota({ value: 0 })], 'eu-west-1');
    expect(summary).toBe('not enough: 12 vCPU > quota 0 for L-DB2E81BA (G and VT)');
    expect(next).toBe(
      'aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-DB2E81BA --desired-value 12 --region eu-west-1',
    );
  });

  it('do not ask twice when a request is open, and ask again when it is for too little', () => {
    const open = (desired: number) => judgeQuotas([quota({ value: 0, request: { desired, status: 'PENDING' } })], 'us-east-1');
    expect(open(12).next).toContain('wait until AWS has granted');
    expect(open(12).summary).toContain('a request for 12 is PENDING');
    expect(open(4).next).toContain('request-service-quota-increase');
  });

  it('are unknown where AWS knows none, and say when the value is only a default', () => {
    expect(judgeQuotas([quota({ value: null })], 'us-east-1').state).toBe('unknown');
    expect(judgeQuotas([quota({ applied: false })], 'us-east-1').summary).toContain('the default of AWS');
    expect(judgeQuotas([quota(), quota({ code: 'L-2', value: 1 })], 'us-east-1').state).toBe('not-ok');
    expect(judgeQuotas([], 'us-east-1').state).toBe('not-applicable');
  });
});

describe('offerings', () => {
  const zones = ['us-east-1a', 'us-east-1b'];

  it('count only zones that the account may use', () => {
    expect(judgeOfferings({ zones, offered: { 'g6.xlarge': ['us-east-1b'], 't4g.medium': zones } }, 'us-east-1')).toMatchObject({
      state: 'ok',
      summary: 'g6.xlarge in us-east-1b; t4g.medium in us-east-1a, us-east-1b',
    });
    const { state, summary } = judgeOfferings({ zones, offered: { 'g6.xlarge': ['us-east-1-bos-1a'] } }, 'us-east-1');
    expect({ state, summary }).toEqual({ state: 'not-ok', summary: 'no zone of us-east-1 offers g6.xlarge' });
  });

  it('want two zones for a control plane', () => {
    expect(judgeOfferings({ zones: ['x-1a'], offered: {} }, 'x-1').state).toBe('not-ok');
  });
});

describe('the account', () => {
  const me = { account: '123456789012', arn: 'arn:aws:iam::123456789012:user/me' };

  it('is right when nothing says otherwise, wrong when another is meant, and never right for a rehearsal', () => {
    expect(judgeAccount(me, { account: undefined, environment: 'production' }).state).toBe('ok');
    expect(judgeAccount(me, { account: '123456789012', environment: 'production' }).state).toBe('ok');
    expect(judgeAccount(me, { account: '999999999999', environment: 'production' }).summary).toContain('E_AWS_ACCOUNT');
    expect(judgeAccount(me, { account: undefined, environment: 'rehearsal' }).state).toBe('not-ok');
  });

  it('is read off a registry of ECR only', () => {
    expect(registryAccount('123456789012.dkr.ecr.eu-west-1.amazonaws.com/show')).toBe('123456789012');
    expect(registryAccount('evil.example/123456789012.dkr.ecr.eu-west-1.amazonaws.com/show')).toBeUndefined();
    expect(registryAccount(undefined)).toBeUndefined();
  });
});

describe('the image', () => {
  const image = { account: undefined, region: 'us-east-1', repository: 'show/vllm', digest: `sha256:${'a'.repeat(64)}` };
  const seen: ImageFound = { missing: null, platforms: ['linux/amd64'], digestMatches: true, pushedAt: '2026-11-01T00:00:00.000Z' };
  const judge = (change: Partial<ImageFound>) => judgeImage(image, { ...seen, ...change }, 'linux/amd64');

  it.each([
    [{}, 'ok'],
    [{ missing: 'repository' as const }, 'not-ok'],
    [{ missing: 'image' as const }, 'not-ok'],
    [{ digestMatches: false }, 'not-ok'],
    [{ platforms: ['linux/arm64'] }, 'not-ok'],
    [{ platforms: [] }, 'unknown'],
  ])('%j is %s', (change, state) => expect(judge(change).state).toBe(state));
});

describe('the weights', () => {
  const place = { bucket: 'show-weights', prefix: 'm/r' };
  const hash = 'b'.repeat(64);
  const file = (change: Partial<FileFound> = {}): FileFound => ({
    path: 'a.safetensors',
    sha256: hash,
    bytes: 7,
    foundBytes: 7,
    foundSha256: hash,
    basis: 'checksum',
    ...change,
  });
  const judge = (...files: FileFound[]) => judgeWeights(place, { bucketMissing: false, files }, 'mirror them');

  it.each([
    ['all there', [file()], 'ok', 'size and sha256 as in the lock'],
    ['one missing', [file(), file({ path: 'b', foundBytes: null, foundSha256: null })], 'not-ok', 'b is missing'],
    ['another hash', [file({ foundSha256: 'c'.repeat(64) })], 'not-ok', 'the lock'],
    ['another size', [file({ foundBytes: 8 })], 'not-ok', '8 bytes, not 7'],
    ['no hash kept', [file({ foundSha256: null })], 'unknown', 'keeps no SHA-256'],
    ['stated by the uploader', [file({ basis: 'metadata' })], 'ok', '1 by what the uploader stated'],
    ['size not known', [file({ bytes: null })], 'ok', '1 files'],
  ])('%s', (_, files, state, words) => {
    const check = judge(...files);
    expect(check.state).toBe(state);
    expect(check.summary).toContain(words);
  });

  it('without a bucket or without hashes say so', () => {
    expect(judgeWeights(place, { bucketMissing: true }, 'x').next).toContain('npm run bootstrap');
    expect(judge().state).toBe('not-applicable');
  });
});
