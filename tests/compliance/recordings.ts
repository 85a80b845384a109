import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../core/canonical-json';

/*
 * Hand-made exchanges, after the documented formats of the services: Hub API and huggingface_hub's client, GitHub REST, OCI distribution
 * specification and registry token authentication. None was recorded from a live service.
 */
export interface Exchange {
  readonly note?: string;
  readonly request: { readonly method: string; readonly url: string; readonly range?: string };
  readonly answer?: {
    readonly url?: string;
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly redirects?: readonly unknown[];
    readonly text?: string;
    readonly json?: unknown;
  };
  readonly failure?: { readonly kind: string; readonly message: string };
}

const NOTE = 'hand-made after the documented format';

export const get = (url: string, answer: Exchange['answer'], range?: string): Exchange => ({
  note: NOTE,
  request: { method: 'GET', url, ...(range ? { range } : {}) },
  answer,
});

export const broken = (url: string, kind = 'network', message = 'the connection failed (ECONNRESET)'): Exchange => ({
  note: NOTE,
  request: { method: 'GET', url },
  failure: { kind, message },
});

/** Writes exchanges as a folder that `--replay` takes. */
export function writeRecording(folder: string, exchanges: readonly Exchange[]): string {
  mkdirSync(folder, { recursive: true });
  for (const [index, exchange] of exchanges.entries())
    writeFileSync(join(folder, `${String(index + 1).padStart(4, '0')}.json`), JSON.stringify(exchange));
  return folder;
}

const gitSha1 = (text: string) =>
  createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0`)
    .update(text)
    .digest('hex');

export interface HubSample {
  readonly kind?: 'model' | 'dataset';
  readonly name: string;
  /** Name that answers, after a rename. */
  readonly id?: string;
  readonly sha: string;
  readonly pinned?: boolean;
  readonly license?: unknown;
  readonly gated?: false | string;
  /** Small files by path. */
  readonly texts?: Readonly<Record<string, string>>;
  /** Large files by path: size and hash. */
  readonly lfs?: Readonly<Record<string, readonly [bytes: number, sha256: string]>>;
  /** Status of the probe of a file; 206 without. */
  readonly probes?: Readonly<Record<string, number>>;
}

const HUB = 'https://huggingface.co';

/** What the Hub answers for a repository: information, file list, small files, one-byte probes. */
export function hubExchanges(sample: HubSample): Exchange[] {
  const { kind = 'model', name, id = name, sha, license, gated = false, texts = {}, lfs = {}, probes = {} } = sample;
  const api = `${HUB}/api/${kind}s/${name}`;
  const info = {
    _id: '66',
    id,
    author: id.split('/')[0],
    sha,
    private: false,
    disabled: false,
    gated,
    tags: [],
    cardData: license === undefined ? {} : { license },
  };
  const redirects = id === name ? [] : [{ url: api, status: 307, to: `${HUB}/api/${kind}s/${id}`, headers: {} }];
  const tree = [
    ...Object.entries(texts).map(([path, text]) => ({ type: 'file', oid: gitSha1(text), size: Buffer.byteLength(text), path })),
    ...Object.entries(lfs).map(([path, [size, oid]]) => ({
      type: 'file',
      oid: 'f'.repeat(40),
      size,
      path,
      lfs: { oid, size, pointerSize: 134 },
    })),
  ];
  const file = (path: string) => `${HUB}/${kind === 'dataset' ? 'datasets/' : ''}${id}/resolve/${sha}/${path}`;
  const linked = (path: string) => ({ 'x-repo-commit': sha, 'x-linked-etag': `"${lfs[path]?.[1] ?? ''}"` });
  return [
    get(`${api}${sample.pinned ? `/revision/${sha}` : ''}`, { status: 200, json: info, redirects }),
    ...[...new Set([name, id])].map((each) =>
      get(`${HUB}/api/${kind}s/${each}/tree/${sha}?recursive=true&expand=false`, { status: 200, json: tree }),
    ),
    ...Object.entries(texts).map(([path, text]) => get(file(path), { status: 200, text, headers: { 'x-repo-commit': sha } })),
    ...[...Object.keys(lfs), ...Object.keys(texts)].map((path) => {
      const status = probes[path] ?? 206;
      return get(
        file(path),
        status === 206 ? { status, text: 'x', headers: lfs[path] ? linked(path) : {} } : { status, headers: {} },
        'bytes=0-0',
      );
    }),
  ];
}

/** What GitHub answers for a repository at its head. */
export function githubExchanges(sample: {
  readonly name: string;
  readonly fullName?: string;
  readonly sha: string;
  readonly spdxId: string | null;
  readonly licence?: string;
  readonly contents?: Readonly<Record<string, string | readonly { readonly name: string; readonly text: string }[]>>;
}): Exchange[] {
  const { name, fullName = name, sha, spdxId, licence, contents = {} } = sample;
  const api = (path: string) => `https://api.github.com/repos/${path}`;
  const fileJson = (path: string, text: string) => ({
    type: 'file',
    name: path.split('/').at(-1),
    path,
    sha: gitSha1(text),
    size: text.length,
    encoding: 'base64',
    content: Buffer.from(text).toString('base64'),
  });
  const at = (path: string) => api(`${fullName}/contents/${path}?ref=${sha}`);
  return [
    get(api(name), {
      status: 200,
      json: {
        full_name: fullName,
        default_branch: 'main',
        private: false,
        archived: false,
        disabled: false,
        license: spdxId === null ? null : { key: 'x', spdx_id: spdxId },
      },
    }),
    get(api(`${fullName}/commits/main`), { status: 200, text: sha }),
    get(
      api(`${fullName}/license?ref=${sha}`),
      licence === undefined ? { status: 404, json: { message: 'Not Found' } } : { status: 200, json: fileJson('LICENSE', licence) },
    ),
    ...Object.entries(contents).flatMap(([path, content]) =>
      typeof content === 'string'
        ? [get(at(path), { status: 200, json: fileJson(path, content) })]
        : [
            get(at(path), {
              status: 200,
              json: content.map((entry) => ({
                type: 'file',
                name: entry.name,
                path: `${path}/${entry.name}`,
                size: entry.text.length,
                sha: gitSha1(entry.text),
              })),
            }),
            ...content.map((entry) =>
              get(at(`${path}/${entry.name}`), { status: 200, json: fileJson(`${path}/${entry.name}`, entry.text) }),
            ),
          ],
    ),
  ];
}

export interface ImageSample {
  readonly name: string;
  readonly tag: string;
  readonly labels: Readonly<Record<string, string>>;
  /** A digest that the registry states and the body has not. */
  readonly lies?: boolean;
}

/** What Docker Hub answers for an image with an index: 401, token, index, manifest, configuration. */
export function imageExchanges({ name, tag, labels, lies = false }: ImageSample): {
  readonly exchanges: Exchange[];
  readonly index: string;
  readonly config: string;
} {
  const digest = (text: string) => `sha256:${sha256Hex(text)}`;
  const config = JSON.stringify({ architecture: 'amd64', os: 'linux', config: { Labels: labels } });
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'x', digest: digest(config), size: config.length },
    layers: [{ mediaType: 'y', digest: digest('layer'), size: 1234 }],
  });
  const index = JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.index.v1+json',
    manifests: [
      { mediaType: 'x', digest: digest('arm'), size: 3, platform: { os: 'linux', architecture: 'arm64' } },
      { mediaType: 'x', digest: digest(manifest), size: manifest.length, platform: { os: 'linux', architecture: 'amd64' } },
    ],
  });
  const base = `https://registry-1.docker.io/v2/${name}`;
  const challenge = `Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:${name}:pull"`;
  return {
    index: digest(index),
    config: digest(config),
    exchanges: [
      get(`${base}/manifests/${tag}`, {
        status: 401,
        headers: { 'www-authenticate': challenge },
        json: { errors: [{ code: 'UNAUTHORIZED' }] },
      }),
      get(`https://auth.docker.io/token?service=registry.docker.io&scope=${encodeURIComponent(`repository:${name}:pull`)}`, {
        status: 200,
        json: { token: 'left-out' },
      }),
      get(`${base}/manifests/${tag}`, { status: 200, text: index, headers: lies ? { 'docker-content-digest': digest('other') } : {} }),
      get(`${base}/manifests/${digest(manifest)}`, { status: 200, text: manifest }),
      get(`${base}/blobs/${digest(config)}`, { status: 200, text: config }),
    ],
  };
}
