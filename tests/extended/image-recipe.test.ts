import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { notRun } from '../integration/requirements';

const TOOLS = ['buildah', 'debootstrap', 'docker-registry'];
/** The image has 9 GB, lies in the store more than once while it is made, and compressed in the registry: 31 GB were seen. */
const NEEDED_BYTES = 40e9;
const BUILD_TIMEOUT_MS = 3_600_000;

/*
 * The recipe of runtimes/vllm-onevision, really built: by buildah with chroot isolation, from a base that debootstrap makes here, pushed to a registry on
 * the loopback. It proves the recipe and `ovkit image build --push`. It does not prove the base that is pinned in production (python:3.11-slim-bookworm has
 * the same Debian, and a Python of its own build), and nothing runs on a GPU.
 */
describe('the image recipe, built by a container engine', () => {
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0) return notRun('the image recipe', `${missing.join(', ')} not on PATH`);
  if (process.getuid?.() !== 0) return notRun('the image recipe', 'building with chroot isolation needs root');
  const disk = statfsSync(tmpdir());
  if (disk.bavail * disk.bsize < NEEDED_BYTES) return notRun('the image recipe', `less than ${NEEDED_BYTES / 1e9} GB free in ${tmpdir()}`);

  const folder = mkdtempSync(join(tmpdir(), 'ovkit-recipe-'));
  const release = join(folder, 'release.yaml');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    BUILDAH_ISOLATION: 'chroot',
    STORAGE_DRIVER: 'vfs',
    CONTAINERS_STORAGE_CONF: join(folder, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(folder, 'registries.conf'),
  };
  let registry: ChildProcess;
  let host: string;
  let base: string;
  let container: string;

  const call = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: fromRoot(), env, encoding: 'utf8', maxBuffer: 2 ** 28, timeout: BUILD_TIMEOUT_MS });
  const build = (...args: string[]) =>
    call(process.execPath, 'bin/ovkit.cjs', 'image', 'build', '--release', release, '--engine-tool', 'buildah', '--json', ...args);
  const inside = (script: string) => call('buildah', 'run', container, '--', 'sh', '-c', script);

  beforeAll(async () => {
    host = `127.0.0.1:${await freePort()}`;
    writeFileSync(join(folder, 'storage.conf'), `[storage]\ndriver = "vfs"\ngraphroot = "${folder}/graph"\nrunroot = "${folder}/run"\n`);
    writeFileSync(join(folder, 'registries.conf'), `[[registry]]\nlocation = "${host}"\ninsecure = true\n`);
    const settings = { version: 0.1, storage: { filesystem: { rootdirectory: `${folder}/registry` } }, http: { addr: host } };
    writeFileSync(join(folder, 'registry.yml'), JSON.stringify(settings));
    registry = spawn('docker-registry', ['serve', join(folder, 'registry.yml')], { stdio: 'ignore' });
    await answering(`http://${host}/v2/`);
    const made = call('sh', 'tests/extended/container-base.sh', folder, `${host}/base:bookworm`, join(folder, 'base-digest'));
    expect(made.stderr.slice(-2000), made.stderr).toContain('Storing signatures');
    base = `${host}/base@${readFileSync(join(folder, 'base-digest'), 'utf8').trim()}`;
    copyFileSync(fromRoot('release.yaml'), release);
  }, BUILD_TIMEOUT_MS);

  afterAll(() => {
    registry?.kill();
    if (container) call('buildah', 'rm', container);
    rmSync(folder, { recursive: true, force: true });
  }, 600_000);

  it('refuses a base that is named by a tag, and leaves the release as it was', () => {
    const refused = build('--build-arg', `BASE_IMAGE=${host}/base:bookworm`);
    expect(refused.status, refused.stderr).toBe(3);
    expect(refused.stdout).toContain('BASE_IMAGE must end in @sha256:<digest>');
    expect(readFileSync(release, 'utf8')).toBe(readFileSync(fromRoot('release.yaml'), 'utf8'));
  });

  it(
    'is built, pushed, and written into the release by the digest that the registry answers with',
    async () => {
      const made = build('--push', '--repository', `${host}/onevision/vllm-onevision`, '--build-arg', `BASE_IMAGE=${base}`);
      expect(made.status, made.stderr.slice(-3000)).toBe(0);
      const { digest, reference } = JSON.parse(made.stdout);
      const tag = reference.slice(reference.lastIndexOf(':') + 1);
      const accept = { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } };
      const answer = await fetch(`http://${host}/v2/onevision/vllm-onevision/manifests/${tag}`, accept);
      expect(answer.headers.get('docker-content-digest')).toBe(digest);
      const lines = readFileSync(release, 'utf8').split('\n');
      const before = readFileSync(fromRoot('release.yaml'), 'utf8').split('\n');
      expect(lines.filter((line) => !before.includes(line))).toEqual([
        `    digest: ${digest}`,
        `    repository: ${host}/onevision/vllm-onevision`,
      ]);
      expect(lines.join('\n')).toContain('# unbuilt until there is an image');
      const { config } = (await (await fetch(await configUrl(digest))).json()) as {
        config: { User: string; Labels: Record<string, string> };
      };
      expect(config.User).toBe('10001:10001');
      expect(config.Labels).toMatchObject({
        'org.opencontainers.image.licenses': 'Apache-2.0',
        'org.opencontainers.image.base.name': base,
        'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}/),
        'org.opencontainers.image.source': expect.stringMatching(/^(https?:|unknown$)/),
      });
      container = call('buildah', 'from', reference).stdout.trim();
      expect(container).not.toBe('');
    },
    BUILD_TIMEOUT_MS,
  );

  it('finds the plugin, as a user without rights, with the programs of the chart and without a compiler', () => {
    const found = inside('id -u; for each in nginx curl gcc cc g++ nvcc; do command -v $each; done; python3 -m pip --version; echo end');
    expect(found.stdout.trim().split('\n')).toEqual(['10001', expect.stringContaining('nginx'), expect.stringContaining('curl'), 'end']);
    const script = [
      'from vllm.plugins import load_general_plugins; load_general_plugins()',
      'from vllm import ModelRegistry; print("LLaVAOneVision1_5_ForConditionalGeneration" in ModelRegistry.get_supported_archs())',
    ].join('; ');
    const plugin = inside(`python3 -c '${script}'`);
    expect(plugin.stdout.trim().split('\n').at(-1), plugin.stderr).toBe('True');
  });

  it('carries the licence texts, the notice and the SBOM of what is inside', () => {
    const listed = inside('ls /licenses /licenses/inside; wc -l < /licenses/debian/packages.txt').stdout;
    expect(listed).toMatch(/debian[\s\S]*inside[\s\S]*vllm-onevision/);
    expect(listed).toMatch(/NOTICE/i);
    expect(listed).toMatch(/bom|sbom/i);
  });

  async function configUrl(digest: string): Promise<string> {
    const url = `http://${host}/v2/onevision/vllm-onevision`;
    const answer = await fetch(`${url}/manifests/${digest}`, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } });
    const manifest = (await answer.json()) as { config: { digest: string } };
    return `${url}/blobs/${manifest.config.digest}`;
  }
});

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function answering(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    await sleep(100);
  }
  throw new Error(`${url} does not answer`);
}
