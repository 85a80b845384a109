import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ExitCode } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { loadRelease } from '../../release/load';
import type { CommandContext } from '../../scripts/command';
import { runCli } from '../../scripts/ovkit';
import { installContainerStandIn, STANDIN_DIGEST, type StandInFault } from '../runtime-room/container-standin';

const REPOSITORY = 'registry.example/puppet-show';

/** `ovkit image build` as a user types it, with a stand-in for the container engine on the PATH. */
describe('ovkit image build', () => {
  let folder: string;
  let release: string;
  let before: string;
  let out: string;
  let errors: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovkit-image-test-'));
    release = join(folder, 'release.yaml');
    cpSync(fromRoot('examples/qwen3-vl-cpu.yaml'), release);
    before = readFileSync(release, 'utf8');
    vi.stubEnv('PATH', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  });

  async function ovkit(args: readonly string[], signal = new AbortController().signal): Promise<number> {
    out = '';
    errors = '';
    const context: CommandContext = {
      stdout: (text) => {
        out += text;
      },
      stderr: (text) => {
        errors += text;
      },
      now: () => new Date('2026-11-23T12:00:00Z'),
      signal,
      colours: false,
      interactive: false,
    };
    return runCli(['image', 'build', '--release', release, ...args], context);
  }
  const calls = (name: string): string[][] =>
    readFileSync(join(folder, `${name}.calls`), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  it.each(['docker', 'podman', 'buildah'])('builds with %s, pushes, and writes the digest with every comment kept', async (name) => {
    installContainerStandIn(folder, name);
    expect(await ovkit(['--push', '--repository', REPOSITORY])).toBe(ExitCode.pass);
    expect(loadRelease(release).release.engine.image).toEqual({ digest: STANDIN_DIGEST, repository: REPOSITORY });
    const comments = (text: string) => text.split('\n').filter((line) => line.trim().startsWith('#'));
    expect(comments(readFileSync(release, 'utf8'))).toEqual(comments(before));
    expect(calls(name).map(([verb]) => verb)).toEqual(
      name === 'docker' ? ['version', 'build', 'push', 'image'] : ['info', 'build', 'push'],
    );
    expect(out).toContain(`${REPOSITORY}@${STANDIN_DIGEST}`);
  });

  it('gives the engine the recipe, a tag of time and content, the labels and the build arguments', async () => {
    installContainerStandIn(folder, 'docker');
    await ovkit(['--push', '--repository', REPOSITORY, '--build-arg', 'BASE=x@sha256:1']);
    const [, build = []] = calls('docker');
    expect(build.at(-1)).toBe(fromRoot('runtimes/llama-cpp'));
    expect(build).toContain(fromRoot('runtimes/llama-cpp/Containerfile'));
    expect(build[build.indexOf('--tag') + 1]).toMatch(/^registry\.example\/puppet-show:20261123t120000z-[0-9a-f]{12}$/);
    expect(build).toContain('org.opencontainers.image.created=2026-11-23T12:00:00.000Z');
    expect(build.join(' ')).toMatch(/--build-arg BASE=x@sha256:1/);
    // it names its upstream source itself
    expect(build.join(' ')).not.toMatch(/SOURCE=|image\.source/);
  });

  it('tells a recipe that asks where it comes from, and never a path of this machine or a login', async () => {
    installContainerStandIn(folder, 'docker');
    await ovkit(['--recipe', 'runtimes/vllm-onevision']);
    const [, build = []] = calls('docker');
    expect(build.find((argument) => argument.startsWith('SOURCE='))).toMatch(/^SOURCE=(https?:\/\/[^@]+|unknown)$/);
  });

  it('without --push builds only, and leaves the release as it is', async () => {
    installContainerStandIn(folder, 'docker');
    expect(await ovkit(['--json'])).toBe(ExitCode.pass);
    expect(JSON.parse(out)).toMatchObject({ kind: 'image', digest: null, written: null });
    expect(readFileSync(release, 'utf8')).toBe(before);
  });

  const FAULTS: readonly (readonly [name: string, fault: StandInFault, code: string])[] = [
    ['docker', 'build-fails', 'E_IMAGE_BUILD'],
    ['docker', 'push-breaks', 'E_IMAGE_PUSH'],
    ['docker', 'bad-digest', 'E_IMAGE_DIGEST'],
    ['docker', 'no-digest', 'E_IMAGE_DIGEST'],
    ['docker', 'no-daemon', 'E_IMAGE_ENGINE_MISSING'],
    ['podman', 'push-breaks', 'E_IMAGE_PUSH'],
    ['podman', 'bad-digest', 'E_IMAGE_DIGEST'],
    ['buildah', 'no-digest', 'E_IMAGE_DIGEST'],
  ];
  it.each(FAULTS)('%s %s: says %s and leaves the release byte by byte as it was', async (name, fault, code) => {
    installContainerStandIn(folder, name, fault);
    expect(await ovkit(['--push', '--repository', REPOSITORY, '--json'])).toBe(ExitCode.badInput);
    expect(JSON.parse(out).problems[0].code).toBe(code);
    expect(readFileSync(release, 'utf8')).toBe(before);
  });

  it('takes the next engine when the daemon of the first one does not answer', async () => {
    installContainerStandIn(folder, 'docker', 'no-daemon');
    installContainerStandIn(folder, 'podman');
    expect(await ovkit(['--json'])).toBe(ExitCode.pass);
    expect(JSON.parse(out).engineTool).toBe('podman');
  });

  it('says what was tried when there is none, and keeps to the one that was asked for', async () => {
    expect(await ovkit([])).toBe(ExitCode.badInput);
    expect(errors).toMatch(/E_IMAGE_ENGINE_MISSING.*docker: not on the PATH; podman: not on the PATH; buildah: not on the PATH/);
    installContainerStandIn(folder, 'docker');
    expect(await ovkit(['--engine-tool', 'buildah'])).toBe(ExitCode.badInput);
    expect(await ovkit(['--engine-tool', 'kaniko'])).toBe(ExitCode.badInput);
    expect(errors).toContain('kaniko');
  });

  it('ends the build on Ctrl-C with nothing written', async () => {
    installContainerStandIn(folder, 'docker', 'hangs');
    const abort = new AbortController();
    setTimeout(() => abort.abort(), 500);
    expect(await ovkit(['--push', '--repository', REPOSITORY], abort.signal)).toBe(ExitCode.interrupted);
    expect(readFileSync(release, 'utf8')).toBe(before);
  });

  it('needs a repository to push to, a recipe to build, and names what is wrong before it builds', async () => {
    const log = installContainerStandIn(folder, 'docker');
    expect(await ovkit(['--push'])).toBe(ExitCode.badInput);
    expect(errors).toContain('E_IMAGE_REPOSITORY');
    expect(await ovkit(['--push', '--repository', `${REPOSITORY}:latest`])).toBe(ExitCode.badInput);
    expect(await ovkit(['--recipe', 'runtimes/none'])).toBe(ExitCode.badInput);
    expect(errors).toContain('E_IMAGE_RECIPE');
    expect(existsSync(log)).toBe(false);
  });
});
