import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetImageCommand, CreateRepositoryCommand, ECRClient, PutImageCommand } from '@aws-sdk/client-ecr';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIdentity } from '../../aws/account';
import { readCost } from '../../aws/cost-explorer';
import { type ImageReference, readImage } from '../../aws/image';
import { judgeNetwork, readNetworks } from '../../aws/networks';
import { readOfferings } from '../../aws/offerings';
import { readQuotas } from '../../aws/quotas';
import { readWeights } from '../../aws/weights';
import { NO_USER_CONFIG } from '../aws/aws-server';
import { requirePythonTool } from './python-tool';

/*
 * The kit's calls against moto, which emulates the API of AWS (moto is not AWS). It lacks Pricing and the quotas of EC2: those are tried on answers as the API
 * reference has them (tests/integration/aws-calls.test.ts).
 */
describe('the calls of the kit against moto', async () => {
  const python = await requirePythonTool('moto', 'the calls to AWS against an emulation of its API');
  if (!python) return;

  const place = { region: 'us-east-1' };
  const before = { ...process.env };
  let moto: ChildProcess;
  let url: string;

  beforeAll(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    moto = spawn(python, ['-c', 'from moto.server import main; main()', '-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    Object.assign(process.env, NO_USER_CONFIG, { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing', AWS_ENDPOINT_URL: url });
    await ready(url);
  });
  afterAll(() => {
    moto?.kill();
    process.env = before;
  });

  it('names the account of the credentials', async () => {
    expect(await readIdentity(place)).toMatchObject({ account: '123456789012' });
  });

  it('finds the zones that offer a card, and none for a type that AWS does not have', async () => {
    const { zones, offered } = await readOfferings(place, ['g6.xlarge', 't4g.medium', 'g99.xlarge']);
    expect(zones.length).toBeGreaterThan(2);
    expect(offered['t4g.medium']?.length).toBeGreaterThan(2);
    expect(offered['g6.xlarge']?.every((zone) => zone.startsWith('us-east-1'))).toBe(true);
    expect(offered['g6.xlarge']).not.toEqual([]);
    expect(offered['g99.xlarge']).toEqual([]);
  });

  it('finds the VPC that every account has, and what overlaps it', async () => {
    const found = await readNetworks(place);
    expect(found.map(({ cidrs }) => cidrs)).toEqual([['172.31.0.0/16']]);
    expect(judgeNetwork({ cidr: '172.31.64.0/20', tags: { Release: 'show' } }, found).summary).toContain(`overlaps ${found[0]?.id}`);
    expect(judgeNetwork({ cidr: '10.42.0.0/16', tags: { Release: 'show' } }, found).next).toBeNull();
  });

  it('says in one line that the emulation has no quotas of EC2', async () => {
    const asked = readQuotas({ ...place, attempts: 1 }, [{ code: 'L-DB2E81BA', name: 'G and VT', vcpuNeeded: 4 }]);
    // the whole answer hangs on the cause, so only the words are compared
    const said = await asked.catch((error: Error) => error.message);
    expect(said).toMatch(/^E_AWS_SERVICE: Service Quotas in us-east-1 failed/);
  });

  it('finds an image by its digest, and tells a missing image from a missing repository', async () => {
    const ecr = new ECRClient({ region: 'us-east-1' });
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests: [{ digest: `sha256:${'1'.repeat(64)}`, platform: { os: 'linux', architecture: 'amd64' } }],
    });
    await ecr.send(new CreateRepositoryCommand({ repositoryName: 'show/vllm' }));
    await ecr.send(new PutImageCommand({ repositoryName: 'show/vllm', imageManifest: manifest, imageTag: 'v1' }));
    const { images = [] } = await ecr.send(new BatchGetImageCommand({ repositoryName: 'show/vllm', imageIds: [{ imageTag: 'v1' }] }));
    const image: ImageReference = {
      account: undefined,
      region: 'us-east-1',
      repository: 'show/vllm',
      digest: images[0]?.imageId?.imageDigest ?? '',
    };
    expect(await readImage(place, image, fetch)).toMatchObject({ missing: null, platforms: ['linux/amd64'] });
    expect(await readImage(place, { ...image, digest: `sha256:${'0'.repeat(64)}` }, fetch)).toMatchObject({ missing: 'image' });
    expect(await readImage(place, { ...image, repository: 'show/other' }, fetch)).toMatchObject({ missing: 'repository' });
  });

  it('compares mirrored weights: size and hash, by what S3 computed or the uploader stated', async () => {
    const s3 = new S3Client({ region: 'us-east-1', forcePathStyle: true });
    const Bucket = 'show-weights';
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'm/r/a.bin', Body: 'aaa', ChecksumAlgorithm: 'SHA256' }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'm/r/b.bin', Body: 'bb', Metadata: { sha256: sha256('bb') } }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'm/r/c.bin', Body: 'c' }));
    const wanted = ['aaa', 'bb', 'c', 'd'].map((text) => ({ path: `${text[0]}.bin`, sha256: sha256(text), bytes: text.length }));
    const found = await readWeights(place, { bucket: Bucket, prefix: 'm/r' }, wanted);
    if (found.bucketMissing) throw new Error('the bucket is there');
    expect(found.files.map(({ foundBytes, foundSha256, basis }) => [foundBytes, foundSha256, basis])).toEqual([
      [3, sha256('aaa'), 'checksum'],
      [2, sha256('bb'), 'metadata'],
      [1, null, null],
      [null, null, null],
    ]);
    expect(await readWeights(place, { bucket: 'nobodys-bucket', prefix: '' }, wanted)).toEqual({ bucketMissing: true });
  });

  it('reads a bill by day and service', async () => {
    const results = [
      {
        ResultsByTime: [
          {
            TimePeriod: { Start: '2026-10-01', End: '2026-10-02' },
            Estimated: false,
            Groups: [{ Keys: ['AmazonCloudWatch'], Metrics: { UnblendedCost: { Amount: '1.25', Unit: 'USD' } } }],
          },
        ],
        DimensionValueAttributes: [],
      },
    ];
    const seeded = await fetch(`${url}/moto-api/static/ce/cost-and-usage-results`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ results }),
    });
    expect(seeded.status).toBe(201);
    expect(await readCost({}, { start: '2026-10-01', end: '2026-11-01', tags: { Release: 'show' } })).toEqual([
      { day: '2026-10-01', key: 'AmazonCloudWatch', usd: 1.25, estimated: false },
    ]);
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

const READY_MS = 120_000;

async function ready(url: string): Promise<void> {
  for (const end = Date.now() + READY_MS; Date.now() < end; await sleep(200)) {
    const answer = await fetch(`${url}/moto-api/`).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`moto did not start within ${READY_MS} ms`);
}
