import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';

/** What a job of a bundle has in place of a path: the Python that runs the bench, and the tokenizer that lies in the bundle. */
export const BUNDLE_PYTHON = '{python}';
export const BUNDLE_TOKENIZER = '../tokenizer';

const COPIES: readonly (readonly [from: string, to: string])[] = [
  ['runtimes/bench/onevision_bench', 'bench/onevision_bench'],
  ['runtimes/bench/run.sh', 'run.sh'],
  ['runtimes/vllm-onevision/src/vllm_onevision', 'plugin/vllm_onevision'],
  ['runtimes/vllm-onevision/locks/image.lock.txt', 'image.lock.txt'],
  ['runtimes/vllm-onevision/golden/tiny-checkpoint', 'tokenizer'],
  ['LICENSE', 'LICENSE'],
];
/** As a wheel would have it: vLLM finds the plugin by its entry point, without the plugin being built or installed. */
const ENTRY_POINTS = '[vllm.general_plugins]\nonevision = vllm_onevision:register\n';
const METADATA = 'Metadata-Version: 2.1\nName: vllm-onevision\nVersion: 0.1.0\n';

/**
 * Writes a folder with all that a machine with a GPU needs to run a job, but for the packages of image.lock.txt, which its run.sh installs.
 * Another release may be bundled into the same folder: each adds a job.
 * @returns the path of the job
 * @throws KitError E_BENCH
 */
export function writeBundle(folder: string, name: string, job: Readonly<Record<string, unknown>>): string {
  const file = join(folder, 'jobs', `${name}.json`);
  try {
    for (const [from, to] of COPIES) {
      cpSync(fromRoot(from), join(folder, to), {
        recursive: true,
        filter: (path) => !['__pycache__', 'model.safetensors'].includes(basename(path)),
      });
    }
    for (const [path, text] of [
      ['plugin/vllm_onevision-0.1.0.dist-info/entry_points.txt', ENTRY_POINTS],
      ['plugin/vllm_onevision-0.1.0.dist-info/METADATA', METADATA],
      [`jobs/${name}.json`, `${JSON.stringify(job, null, 2)}\n`],
    ] as const) {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
  } catch (cause) {
    throw new KitError(
      {
        code: 'E_BENCH',
        message: `the bundle cannot be written into ${folder}: ${(cause as Error).message}.`,
        next: 'name another folder with --bundle.',
      },
      { cause },
    );
  }
  return file;
}
