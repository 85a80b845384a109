import { join } from 'node:path';
import { z } from 'zod';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import type { RunProcess } from '../../core/run-process';

/** What license-checker says of one installed package, by `name@version`. */
export interface SeenPackage {
  readonly id: string;
  /** As it says it: an id, a list, a guess that ends in "*", or UNKNOWN. */
  readonly licences: string;
  readonly path: string;
}

const answerSchema = z.record(
  z.string(),
  z.looseObject({ licenses: z.union([z.string(), z.array(z.string())]).optional(), path: z.string().optional() }),
);

/** It took 4 s for 1,907 packages; a tree that needs longer than this is not one. */
const TIMEOUT_MS = 120_000;
const NEXT = 'install the tree first: `npm ci`.';

/**
 * Asks license-checker about the installed tree of a folder, in a process of its own, since it calls process.exit from inside the library.
 * @throws KitError E_SECOND_OPINION_FAILED, and E_SECOND_OPINION_EMPTY when it saw no package but the root: it would exit 0 for that
 */
export async function runLicenseChecker(run: RunProcess, folder: string, signal?: AbortSignal): Promise<readonly SeenPackage[]> {
  const program = fromRoot('node_modules', 'license-checker', 'bin', 'license-checker');
  const result = await run(process.execPath, [program, '--json', '--start', folder], { cwd: folder, signal, timeoutMs: TIMEOUT_MS });
  const answer = answerSchema.safeParse(result.exitCode === 0 ? parse(result.stdout) : undefined);
  if (!answer.success) {
    const said = result.stderr.trim().split('\n').at(-1) ?? '';
    throw new KitError({
      code: 'E_SECOND_OPINION_FAILED',
      message: `license-checker ended with ${result.exitCode ?? 'a signal'} and no list of packages${said ? `: ${said}` : ''}.`,
      next: NEXT,
    });
  }
  const packages = Object.entries(answer.data)
    .filter(([, { path }]) => path !== undefined && path !== folder && path !== join(folder))
    .map(([id, { licenses, path }]) => ({ id, licences: [licenses ?? 'UNKNOWN'].flat().join(', '), path: path ?? '' }));
  if (packages.length === 0) {
    throw new KitError({
      code: 'E_SECOND_OPINION_EMPTY',
      message: `license-checker saw no installed package below ${folder}, so it has no opinion.`,
      next: NEXT,
    });
  }
  return packages.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
