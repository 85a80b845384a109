import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { admissionValues } from '../../charts/admission-values';
import { engineArgs } from '../../charts/engine-args';
import { expectedPods } from '../../charts/expected-pods';
import { renderChart } from '../../charts/helm';
import { WEIGHTS_COMMAND, weightsFiles, weightsManifest } from '../../charts/weights-files';
import { sha256Hex } from '../../core/canonical-json';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { CASES, makePlan, makeVerdict, valuesOf } from '../charts/fixtures';
import { notRun, requireHelm } from './requirements';

// biome-ignore lint/suspicious/noExplicitAny: rendered YAML, whose shape the tests are about
type Loose = any;
const FILES = [{ path: 'model.safetensors', sha256: 'c'.repeat(64) }];

describe('the chart and what is told of it elsewhere', async () => {
  const helm = await requireHelm('the chart and what is told of it elsewhere');
  if (!helm) return;
  const render = async (values: Loose): Promise<Record<string, Loose>> => {
    const text = await renderChart(helm, { releaseName: values.release.name, namespace: 'inference', values, kubeVersion: '1.35.0' });
    const objects = parseAllDocuments(text).map((document) => document.toJS() as Loose);
    // of the ConfigMaps only that of the weights
    const told = objects.filter((object) => object && (object.kind !== 'ConfigMap' || object.metadata.name.endsWith('-weights')));
    return Object.fromEntries(told.map((object) => [object.kind, object]));
  };

  it.each(CASES.map(({ title }, index) => [title, index] as const))('agree on what must be running: %s', async (_title, index) => {
    const values = { ...valuesOf(index), weights: { ...valuesOf(index).weights, files: FILES } };
    const { Deployment, ConfigMap, Service } = await render(values);
    const { containers, initContainers } = Deployment.spec.template.spec;
    const expected = expectedPods(values, CASES[index]?.plan ?? makePlan(), 'inference');
    expect(containers[0]).toMatchObject({ image: expected.image, command: expected.command, args: engineArgs(values) });
    expect(initContainers[0]).toMatchObject({ image: expected.image, command: WEIGHTS_COMMAND });
    expect([Deployment.metadata.name, Service.metadata.name]).toEqual([expected.workload, expected.workload]);
    expect(ConfigMap.data['weights.sha256']).toBe(weightsManifest(FILES));
    expect(Deployment.spec.template.metadata.annotations['onevision-kit/weights-manifest']).toBe(expected.weightsManifest);
    expect(expected.weightsManifest).toBe(`sha256:${sha256Hex(ConfigMap.data['weights.sha256'])}`);
  });

  it('renders no init container where the verdict knows no hashes', async () => {
    const { Deployment, ConfigMap } = await render({ ...valuesOf(0), weights: { ...valuesOf(0).weights, files: [] } });
    expect(Deployment.spec.template.spec.initContainers).toBeUndefined();
    expect(ConfigMap).toBeUndefined();
  });

  it('refuses a source of weights that could not be reached, or whose hashes nobody knows', async () => {
    const from = (files: readonly object[], more: object = {}) => ({
      ...valuesOf(0),
      weights: { ...valuesOf(0).weights, files, source: { url: 's3://weights/show', region: 'us-east-1' } },
      ...more,
    });
    await expect(render(from(FILES))).rejects.toThrow('networkPolicy.egress is empty');
    const egress = { networkPolicy: { egress: [{ name: 's3', cidr: '203.0.113.0/24', ports: [443] }] } };
    await expect(render(from([], egress))).rejects.toThrow('nothing is fetched whose hash is not known');
    const { Deployment } = await render(from(FILES, egress));
    expect(Deployment.spec.template.spec.initContainers[0].volumeMounts[0]).toEqual({
      name: 'weights',
      mountPath: '/models',
      readOnly: false,
    });
    expect(Deployment.spec.template.spec.containers[0].volumeMounts[0].readOnly).toBe(true);
  });

  it.each(CASES.map(({ title }, index) => [title, index] as const))(
    'agree on every file, mount and variable: %s',
    async (_title, index) => {
      const apiKey = index % 2 === 0 ? { apiKey: { existingSecret: 'show-key', key: 'api-key' } } : {};
      const values = { ...valuesOf(index), ...apiKey, weights: { ...valuesOf(index).weights, files: FILES } };
      const options = { releaseName: values.release.name, namespace: 'inference', values, kubeVersion: '1.35.0' };
      const objects = parseAllDocuments(await renderChart(helm, options)).map((document) => document.toJS() as Loose);
      const input = JSON.stringify(admissionValues(values, false));
      const args = ['template', 'x', fromRoot('charts', 'admission'), '--namespace', 'inference', '--values', '-'];
      const judged = parseAllDocuments((await runProcess(helm.path, args, { input })).stdout).map((document) => document.toJS() as Loose);
      const { data } = judged.find((object) => object?.kind === 'ConfigMap');
      const pods = [
        objects.find((object) => object?.kind === 'Deployment').spec.template.spec,
        ...objects.filter((object) => object?.kind === 'Pod').map(({ spec }) => spec),
      ];
      const mounted = pods.flatMap(({ volumes }) => volumes.flatMap(({ configMap }: Loose) => (configMap ? [configMap.name] : [])));
      const files = objects
        .filter((object) => object?.kind === 'ConfigMap' && mounted.includes(object.metadata.name))
        .flatMap(({ metadata, data: texts }) => Object.entries(texts).map(([key, text]) => [`file.${metadata.name}.${key}`, text]));
      expect(files.length).toBeGreaterThan(0);
      expect(Object.fromEntries(Object.entries(data).filter(([key]) => key.startsWith('file.')))).toEqual(Object.fromEntries(files));
      const sources = pods.flatMap(({ volumes, containers, initContainers = [] }) =>
        [...containers, ...initContainers].flatMap(({ volumeMounts }: Loose) =>
          volumeMounts.map(({ name, mountPath }: Loose) => `${mountPath}=${sourceOf(volumes.find((each: Loose) => each.name === name))}`),
        ),
      );
      expect([...new Set(sources)].sort()).toEqual(data.mounts.split('\n').sort());
      const variables = pods.flatMap(({ containers, initContainers = [] }) => [...containers, ...initContainers].map(variablesOf));
      expect([...new Set(variables)].sort()).toEqual(data.variables.split('\n').sort());
    },
  );

  it('passes helm lint with the values of every case, admission as well', async () => {
    for (const index of CASES.keys()) {
      const input = JSON.stringify(admissionValues(valuesOf(index), index % 2 === 0));
      const args = ['lint', fromRoot('charts', 'admission'), '--strict', '--values', '-'];
      expect((await runProcess(helm.path, args, { input })).exitCode).toBe(0);
    }
    const nothing = JSON.stringify({ ...admissionValues(valuesOf(0), false), images: [] });
    expect(
      (await runProcess(helm.path, ['template', fromRoot('charts', 'admission'), '--values', '-'], { input: nothing })).exitCode,
    ).not.toBe(0);
  });
});

describe('files of the weights', () => {
  it('are the model file itself where the revision is its digest, else what the lock holds of the repository', () => {
    const pin = (name: string) => ({ what: 'file', name, algorithm: 'sha256', value: 'd'.repeat(64) }) as const;
    const plan = makePlan();
    const pins = [
      pin(`hf:model/${plan.model.id}/b.safetensors`),
      pin(`hf:model/${plan.model.id}/a.json`),
      pin('hf:model/other/a.json'),
      pin(`hf:model/${plan.model.id}/../x`),
    ];
    expect(weightsFiles(plan, { ...makeVerdict('allowed'), pins }).map(({ path }) => path)).toEqual(['a.json', 'b.safetensors']);
    const digest = makePlan({ model: { revision: `sha256:${'e'.repeat(64)}` }, engine: { kind: 'llama.cpp' } });
    expect(weightsFiles(digest, { ...makeVerdict('allowed'), pins: [] })).toEqual([{ path: 'model.gguf', sha256: 'e'.repeat(64) }]);
  });
});

describe('the init container of the weights', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ovkit-weights-'));
  const content = 'the weights of the show\n';
  let server: Server;
  let url = '';
  const ranges: (string | undefined)[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      ranges.push(request.headers.range);
      if (request.url !== '/show/a.bin') return response.writeHead(404).end();
      const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const headers = from > 0 ? { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` } : {};
      return response.writeHead(from > 0 ? 206 : 200, headers).end(content.slice(from));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/show`;
  });
  afterAll(() => {
    server.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  let runs = 0;
  async function check(given: {
    readonly sha256?: string;
    readonly path?: string;
    readonly there?: string;
    readonly part?: string;
    readonly source?: string;
  }) {
    const folder = join(scratch, `run-${runs++}`);
    mkdirSync(folder, { recursive: true });
    const { path = 'a.bin', sha256 = sha256Hex(content) } = given;
    const manifest = join(folder, 'manifest');
    writeFileSync(manifest, weightsManifest([{ path, sha256 }]));
    if (given.there !== undefined) writeFileSync(join(folder, path), given.there);
    if (given.part !== undefined) writeFileSync(join(folder, `${path}.part`), given.part);
    const env = {
      PATH: process.env.PATH,
      WEIGHTS_FOLDER: folder,
      WEIGHTS_MANIFEST: manifest,
      WEIGHTS_SOURCE: given.source ?? '',
      TERMINATION_MESSAGE_FILE: join(folder, 'message'),
    };
    const result = await runProcess('/bin/sh', [fromRoot('charts/onevision/files/weights.sh')], { env });
    return { ...result, folder, message: readFileSync(join(folder, 'message'), 'utf8'), manifest: readFileSync(manifest, 'utf8') };
  }

  it('passes files that are as judged, and leaves the digest of their list', async () => {
    const { exitCode, message, manifest } = await check({ there: content });
    expect({ exitCode, message }).toEqual({ exitCode: 0, message: `sha256:${sha256Hex(manifest)}` });
  });

  it('names the file and both hashes when one is not, and keeps a file that it did not fetch', async () => {
    const { exitCode, message, folder } = await check({ there: 'something else' });
    expect(exitCode).toBe(1);
    expect(message).toContain(`a.bin has the SHA-256 ${sha256Hex('something else')}; the verdict is about ${sha256Hex(content)}`);
    expect(existsSync(join(folder, 'a.bin'))).toBe(true);
  });

  it('says what is missing and that there is no source', async () => {
    expect((await check({})).message).toContain('a.bin is not in');
  });

  if (spawnSync('curl', ['--version']).status !== 0) {
    notRun('fetching the weights', 'curl is not on the PATH');
    return;
  }

  it('fetches what is missing, and goes on where it stopped', async () => {
    const whole = await check({ source: url });
    expect(whole.exitCode).toBe(0);
    expect(readFileSync(join(whole.folder, 'a.bin'), 'utf8')).toBe(content);
    ranges.length = 0;
    const rest = await check({ source: url, part: content.slice(0, 10) });
    expect(rest.exitCode).toBe(0);
    expect(ranges).toEqual(['bytes=10-']);
    expect(readFileSync(join(rest.folder, 'a.bin'), 'utf8')).toBe(content);
  });

  it('does not keep what it fetched and is not as judged, so that the next try begins anew', async () => {
    const { exitCode, folder } = await check({ source: url, sha256: 'f'.repeat(64) });
    expect(exitCode).toBe(1);
    expect(existsSync(join(folder, 'a.bin'))).toBe(false);
  });

  it('refuses a source that is neither https nor s3', async () => {
    expect((await check({ source: 'file:///etc' })).message).toContain('neither https:// nor s3://');
  });
});

function sourceOf({ configMap, secret, hostPath, emptyDir, persistentVolumeClaim: claim }: Loose): string {
  if (configMap) return `configMap:${configMap.name}`;
  if (secret) return `secret:${secret.secretName}/${secret.items.map(({ key, path }: Loose) => `${key}>${path}`)}`;
  if (hostPath) return `hostPath:${hostPath.path}`;
  if (claim) return `persistentVolumeClaim:${claim.claimName}`;
  return emptyDir ? 'emptyDir' : 'another kind';
}

function variablesOf({ command, env }: Loose): string {
  const own = env.filter(({ name }: Loose) => /^(PROXY_|WEIGHTS_(FOLDER|MANIFEST)$|TEST_URL$)/.test(name));
  return `${command.join('|')} ${own.map(({ name, value }: Loose) => `${name}=${value}`).join('|')}`;
}
