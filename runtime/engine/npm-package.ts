import { createHash } from 'node:crypto';
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { KitError } from '../../core/error';
import { runTool, type ToolEdges } from './run-tool';

/** One quick retry, as for every package that the kit fetches: with its own settings npm takes 70 s to find out that it is offline. */
const NPM_OPTIONS = ['--ignore-scripts', '--loglevel=error', '--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'];

/**
 * Fetches the tarball of an npm package into a folder and checks it against its integrity; nothing of it is run.
 * @param integrity  `sha512-…` as in a package-lock.json
 * @returns path of the tarball
 * @throws KitError E_TOOL_MISSING, E_TOOL_FAILED (offline), E_ENGINE_INTEGRITY
 */
export async function fetchNpmPackage(name: string, integrity: string, folder: string, edges: ToolEdges): Promise<string> {
  // in the folder itself: npm would read the settings of a project around it
  await runTool({ command: 'npm', args: ['pack', name, ...NPM_OPTIONS], cwd: folder, what: `fetching ${name}` }, edges);
  const file = readdirSync(folder).find((entry) => entry.endsWith('.tgz'));
  if (file === undefined) throw differs(name, 'no package', integrity);
  const found = `sha512-${await sha512OfFile(join(folder, file))}`;
  if (found !== integrity) throw differs(name, found, integrity);
  return join(folder, file);
}

/** The error for something that is not what was pinned. */
export function differs(what: string, found: string, pinned: string): KitError {
  return new KitError({
    code: 'E_ENGINE_INTEGRITY',
    message: `${what} is not what the kit pins: found ${found}.`,
    allowed: `${pinned}.`,
    next: 'try again; if it stays so, do not use this registry.',
  });
}

async function sha512OfFile(file: string): Promise<string> {
  const hash = createHash('sha512');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('base64');
}
