import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { mirrorValues } from '../../charts/mirror-values';
import { validateManifests } from '../../charts/validate-manifests';
import { weightsManifest } from '../../charts/weights-files';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { valuesOf } from '../charts/fixtures';
import { notRun, requireHelm } from './requirements';

// biome-ignore lint/suspicious/noExplicitAny: rendered YAML, whose shape the tests are about
type Loose = any;
const FILES = [{ path: 'model.safetensors', sha256: 'c'.repeat(64) }];
const withBucket = (files = FILES): Loose => {
  const values = valuesOf(0);
  const source = { url: `s3://weights-of-the-show/${values.weights.folder}`, region: 'us-east-1' };
  return { ...values, weights: { ...values.weights, files, source } };
};

describe('what is mirrored', () => {
  it('is what the verdict knows the hashes of, from the Hub at the revision of the verdict', () => {
    expect(mirrorValues(withBucket())).toMatchObject({
      files: FILES,
      source: 'https://huggingface.co/lmms-lab/LLaVA-OneVision-1.5-4B-Instruct/resolve/ef3fa61007edd3b5d1d7a22b5edd8d4803995610',
      mirror: 's3://weights-of-the-show/lmms-lab/LLaVA-OneVision-1.5-4B-Instruct/ef3fa61007edd3b5d1d7a22b5edd8d4803995610',
    });
  });

  it('is nothing without hashes, without a bucket, or from a registry that is not the Hub', () => {
    expect(mirrorValues(withBucket([]))).toBeNull();
    expect(mirrorValues(valuesOf(0))).toBeNull();
    const values = withBucket();
    expect(mirrorValues({ ...values, model: { ...values.model, revision: `sha256:${'a'.repeat(64)}` } })).toBeNull();
  });
});

describe('the chart of the mirror', async () => {
  const helm = await requireHelm('the chart of the mirror');
  if (!helm) return;
  const chart = fromRoot('charts', 'weights-mirror');
  const run = (verb: readonly string[], values: unknown) =>
    runProcess(helm.path, [...verb, chart, '--namespace', 'show-weights', '--values', '-'], { input: JSON.stringify(values) });
  const job = async (values: unknown) => {
    const { stdout } = await run(['template', 'show-weights'], values);
    return parseAllDocuments(stdout)
      .map((document) => document.toJS() as Loose)
      .find((object) => object?.kind === 'Job');
  };

  it('passes helm lint and the schemas of Kubernetes', async () => {
    const values = mirrorValues(withBucket());
    expect((await run(['lint', '--strict'], values)).exitCode).toBe(0);
    const { exitCode, stdout, stderr } = await run(['template', 'show-weights'], values);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(validateManifests(stdout, '1.35')).toEqual([]);
  });

  it('makes another job for another list, and the same for the same', async () => {
    const values = mirrorValues(withBucket());
    const [one, same, other] = await Promise.all(
      [values, values, { ...values, files: [{ path: 'a', sha256: 'd'.repeat(64) }] }].map(async (each) => (await job(each)).metadata.name),
    );
    expect(one).toBe(same);
    expect(other).not.toBe(one);
  });

  it('asks for no GPU, but may stand on its node', async () => {
    const { spec } = (await job({ ...mirrorValues(withBucket()), tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists' }] })).spec
      .template;
    expect(spec.containers[0].resources.limits).toEqual({ memory: '1Gi' });
    expect(spec.tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists' }]);
  });
});

describe('the script of the mirror', () => {
  if (spawnSync('curl', ['--version']).status !== 0) {
    notRun('mirroring the weights', 'curl is not on the PATH');
    return;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'ovkit-mirror-'));
  const hub: Record<string, string> = { 'a.bin': 'the first file\n', 'sub/b.bin': 'the second file\n' };
  const bucket = new Map<string, { body: string; hash: string | undefined; signed: string | undefined }>();
  let refuse = false;
  let server: Server;
  let base = '';

  const body = async (request: IncomingMessage) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  };

  beforeAll(async () => {
    server = createServer(async (request, response) => {
      const path = request.url ?? '';
      if (path === '/credentials')
        return response.end(
          '{"AccessKeyId":"AKIASTANDIN","SecretAccessKey":"secret","Token":"session","Expiration":"2099-01-01T00:00:00Z"}',
        );
      if (path.startsWith('/hub/')) {
        const file = hub[path.slice('/hub/'.length)];
        return file === undefined ? response.writeHead(404).end() : response.end(file);
      }
      const found = bucket.get(path);
      if (request.method === 'HEAD')
        return response.writeHead(found ? 200 : 404, found?.hash ? { 'x-amz-meta-sha256': found.hash } : {}).end();
      const content = await body(request);
      const signed = String(request.headers['x-amz-content-sha256']);
      // what S3 does with a signed hash that the content does not have
      if (refuse || signed !== sha256Hex(content)) return response.writeHead(403).end();
      bucket.set(path, { body: content, hash: request.headers['x-amz-meta-sha256'] as string, signed: request.headers.authorization });
      response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    bucket.clear();
    refuse = false;
  });
  afterAll(() => {
    server.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  let runs = 0;
  async function mirror(hashes: Readonly<Record<string, string>> = {}) {
    const folder = join(scratch, `run-${runs++}`);
    mkdirSync(folder, { recursive: true });
    const manifest = join(folder, 'manifest');
    writeFileSync(join(folder, 'token'), 'identity');
    writeFileSync(
      manifest,
      weightsManifest(Object.entries(hub).map(([path, text]) => ({ path, sha256: hashes[path] ?? sha256Hex(text) }))),
    );
    const env = {
      PATH: process.env.PATH,
      WEIGHTS_FOLDER: folder,
      WEIGHTS_MANIFEST: manifest,
      WEIGHTS_SOURCE: `${base}/hub`,
      WEIGHTS_MIRROR: 's3://weights/show',
      WEIGHTS_S3_ENDPOINT: base,
      AWS_REGION: 'us-east-1',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: join(folder, 'token'),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${base}/credentials`,
      TERMINATION_MESSAGE_FILE: join(folder, 'message'),
    };
    return { ...(await runProcess('/bin/sh', [fromRoot('charts/onevision/files/weights.sh')], { env })), folder };
  }

  it('puts each file into the bucket under its path and hash, signed, and keeps none on the node', async () => {
    const { exitCode, output, folder } = await mirror();
    expect({ exitCode, output: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, output: '' });
    expect([...bucket.keys()].sort()).toEqual(['/weights/show/a.bin', '/weights/show/sub/b.bin']);
    expect(bucket.get('/weights/show/a.bin')).toMatchObject({ body: hub['a.bin'], hash: sha256Hex(hub['a.bin'] ?? '') });
    expect(bucket.get('/weights/show/a.bin')?.signed).toContain('AWS4-HMAC-SHA256 Credential=AKIASTANDIN/');
    expect(existsSync(join(folder, 'a.bin'))).toBe(false);
  });

  it('fetches nothing that is there under its hash, and replaces what is there under another', async () => {
    await mirror();
    expect((await mirror()).stdout.match(/already/g)).toHaveLength(2);
    bucket.set('/weights/show/a.bin', { body: 'old', hash: 'f'.repeat(64), signed: undefined });
    expect((await mirror()).exitCode).toBe(0);
    expect(bucket.get('/weights/show/a.bin')?.body).toBe(hub['a.bin']);
  });

  it('puts nothing there that the verdict is not about', async () => {
    const { exitCode, output } = await mirror({ 'a.bin': 'f'.repeat(64) });
    expect(exitCode).toBe(1);
    expect(output).toContain('a.bin has the SHA-256');
    expect(bucket.size).toBe(0);
  });

  it('fails loudly when the bucket refuses', async () => {
    refuse = true;
    const { exitCode, output } = await mirror();
    expect(exitCode).toBe(1);
    expect(output).toContain('a.bin cannot be uploaded to s3://weights/show');
  });
});
