import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ProcessResult, RunProcess } from '../../core/run-process';
import { findDebianProgram } from '../../runtime/engine/debian-program';
import { temporaryFolder } from './support';

const says = (exitCode: number, output = ''): ProcessResult => ({ exitCode, stdout: output, stderr: '', output });
const absent = (command: string) => Promise.reject(Object.assign(new Error(`spawn ${command} ENOENT`), { code: 'ENOENT' }));

/** A Debian machine without the program: apt-get fetches, dpkg-deb unpacks a file that answers. */
function debian(over: Partial<Record<string, RunProcess>> = {}): { readonly run: RunProcess; readonly calls: string[] } {
  const calls: string[] = [];
  const tools: Record<string, RunProcess> = {
    'apt-get': async (_command, args, { cwd }) => {
      for (const name of args.slice(args.indexOf('download') + 1)) writeFileSync(join(cwd as string, `${name}_1_amd64.deb`), '');
      return says(0);
    },
    'apt-cache': async () => says(0, 'nginx\n  Depends: libc6\n  Depends: libpcre2-8-0\n  Depends: nginx-common\n'),
    'dpkg-deb': async (_command, [, deb, root]) => {
      const lib = deb?.includes('/libpcre2');
      const folder = join(root as string, lib ? 'usr/lib/x86_64-linux-gnu' : 'usr/sbin');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, lib ? 'libpcre2-8.so.0' : 'nginx'), 'program');
      return says(0);
    },
    ldd: async () => says(0, 'libc.so.6 => /lib/libc.so.6'),
    ...over,
  };
  const run: RunProcess = (command, args, options) => {
    calls.push([command, ...args].join(' '));
    const tool = tools[command];
    if (tool) return tool(command, args, options);
    return command.startsWith('/') ? Promise.resolve(says(0, 'nginx version: nginx/1.22.1\n')) : absent(command);
  };
  return { run, calls };
}

function environment(): Record<string, string> {
  return { OVKIT_CACHE_DIR: temporaryFolder() };
}

describe('findDebianProgram', () => {
  it('takes what is on the PATH, and fetches nothing', async () => {
    const { run, calls } = debian({ nginx: async () => says(0, 'nginx version: nginx/1.27') });
    const program = await findDebianProgram('nginx', { run, env: environment() });
    expect(program).toMatchObject({ found: true, from: 'PATH', commands: { nginx: 'nginx' }, env: {} });
    expect(calls).toEqual(['nginx -v']);
  });

  it('fetches when only one of its commands is on the PATH', async () => {
    const { run, calls } = debian({ prometheus: async () => says(0, 'prometheus, version 3'), 'apt-get': async () => says(100) });
    expect(await findDebianProgram('prometheus', { run, env: environment() })).toMatchObject({ found: false });
    expect(calls.some((call) => call.includes('download prometheus'))).toBe(true);
  });

  it('unpacks the package once and takes it from the cache afterwards', async () => {
    const env = environment();
    const { run, calls } = debian();
    const first = await findDebianProgram('nginx', { run, env });
    expect(first).toMatchObject({ found: true, from: 'Debian package', version: 'nginx version: nginx/1.22.1', env: {} });
    await findDebianProgram('nginx', { run, env });
    expect(calls.filter((call) => call.startsWith('apt-get'))).toHaveLength(1);
    expect(readdirSync(join(env.OVKIT_CACHE_DIR as string, 'engines'))).toHaveLength(1);
  });

  it('brings the libraries that the machine lacks', async () => {
    const { run, calls } = debian({ ldd: async () => says(0, 'libpcre2-8.so.0 => not found') });
    const program = await findDebianProgram('nginx', { run, env: environment() });
    expect(calls).toContainEqual(expect.stringMatching(/^apt-get .*download libpcre2-8-0$/));
    expect(program).toMatchObject({ found: true, env: { LD_LIBRARY_PATH: expect.stringContaining('usr/lib/x86_64-linux-gnu') } });
  });

  it('reads package lists of its own when the machine has none', async () => {
    const download = debian().run;
    let failed = false;
    const { run, calls } = debian({
      'apt-get': async (command, args, options) => {
        if (!failed) {
          failed = true;
          return says(100, 'E: Unable to locate package nginx');
        }
        return args.includes('update') ? says(0) : download(command, args, options);
      },
    });
    expect(await findDebianProgram('nginx', { run, env: environment() })).toMatchObject({ found: true });
    const update = calls.find((call) => call.endsWith(' update'));
    expect(update).toContain('Dir::State=');
    expect(update).not.toContain('/var/lib/apt');
  });

  it.each([
    ['there is no apt-get', { 'apt-get': absent as RunProcess }, 'apt-get is not on the PATH'],
    ['the network is down', { 'apt-get': async () => says(100, 'E: Failed to fetch') }, 'E: Failed to fetch'],
    ['the package is not what it was', { 'dpkg-deb': async () => says(2, 'not a Debian format archive') }, 'not a Debian format archive'],
  ])('says in one line why there is none when %s, and leaves nothing behind', async (_case, tools, words) => {
    const env = environment();
    const program = await findDebianProgram('nginx', { run: debian(tools as Record<string, RunProcess>).run, env });
    expect(program).toEqual({ found: false, why: expect.stringContaining(words) });
    expect(program.found ? '' : program.why).not.toContain('\n');
    expect(readdirSync(join(env.OVKIT_CACHE_DIR as string, 'engines'))).toEqual([]);
  });

  it('ends with the signal', async () => {
    const abort = new AbortController();
    const { run } = debian({
      'apt-get': async () => {
        abort.abort(new Error('Ctrl-C'));
        throw abort.signal.reason;
      },
    });
    await expect(findDebianProgram('nginx', { run, env: environment(), signal: abort.signal })).rejects.toThrow('Ctrl-C');
  });
});
