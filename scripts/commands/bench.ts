import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { findEngine, findModel } from '../../catalog/find';
import { loadCatalog } from '../../catalog/load';
import { ExitCode, KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { BUNDLE_PYTHON, BUNDLE_TOKENIZER, writeBundle } from '../../runtime/bench/bundle';
import { benchJob } from '../../runtime/bench/job';
import { measuredPoints } from '../../runtime/bench/measured-points';
import { type BenchPoints, benchText } from '../../runtime/bench/points';
import { findStockModels } from '../../runtime/bench/stock-models';
import type { CommandModule } from '../command';

const DEFAULT_SWEEP = '1,2,4,8,16,32';
const DEFAULT_REQUESTS = '16';
/** 8B in bf16 is 17 GB to write and load, then some minutes for each step. */
const BENCH_TIMEOUT_MS = 6 * 3_600_000;

/**
 * `ovkit bench engine`: starts the engine of the release with the flags of its plan on random weights, and measures it against the plan.
 * `ovkit bench points`: results of that as entries for catalog/reference/measured-points.json.
 */
export const run: CommandModule['run'] = async (options, args, context) => {
  const [verb, ...files] = args;
  if (verb === 'points') return pointsOf(files, options.out);
  if (verb !== 'engine' || files.length > 0) {
    throw new KitError({
      code: 'E_RUNTIME_VERB',
      message: `there is no "ovkit bench ${args.join(' ')}".`,
      allowed: 'engine; points FILE…',
      next: 'see `npx ovkit bench --help`.',
    });
  }
  const text = (name: string): string | undefined => (typeof options[name] === 'string' ? options[name] : undefined);
  const catalog = loadCatalog();
  const { release, file } = loadRelease(options.release, { environment: options.environment });
  const plan = planRelease(release, catalog, { file, today: context.now() });
  const engine = findEngine(catalog, release.engine.name);
  const checkpoint = text('checkpoint');
  const bundle = text('bundle');
  const job = benchJob({
    release,
    engine,
    model: findModel(catalog, release.model.id).model,
    planned: {
      args: plan.engine.args,
      terms: plan.fit?.terms ?? [],
      performance: plan.performance,
      candidate: plan.fit?.candidate ?? null,
    },
    checkpoint: checkpoint === undefined ? null : resolve(checkpoint),
    tiny: options.tiny === true,
    program: bundle === undefined ? (text('program') ?? (engine.kind === 'vllm' ? 'python3' : 'llama-server')) : BUNDLE_PYTHON,
    tokenizer: bundle === undefined ? fromRoot('runtimes/vllm-onevision/golden/tiny-checkpoint') : BUNDLE_TOKENIZER,
    beside: findStockModels((text('beside') ?? '').split(',').filter(Boolean)),
    sweep: counts(text('sweep') ?? DEFAULT_SWEEP, '--sweep'),
    requestsPerStep: counts(text('requests') ?? DEFAULT_REQUESTS, '--requests')[0] ?? 1,
  });
  if (bundle !== undefined) {
    const file = writeBundle(resolve(bundle), release.metadata.name, job);
    return {
      exitCode: ExitCode.pass,
      json: { kind: 'bench-bundle', job: file },
      text: `wrote ${file}; on the machine with the GPU: sh run.sh`,
    };
  }
  const work = resolve(text('work') ?? join(options.out, 'bench'));
  const jobFile = join(work, 'job.json');
  const pointsFile = resolve(options.out, 'bench-points.json');
  writeFileAtomically(jobFile, `${JSON.stringify(job, null, 2)}\n`);
  if (options.jobOnly === true) return { exitCode: ExitCode.pass, json: job, text: `wrote ${jobFile}` };
  rmSync(pointsFile, { force: true });
  const result = await runProcess('python3', ['-m', 'onevision_bench', '--job', jobFile, '--work', work, '--out', pointsFile], {
    env: {
      ...process.env,
      PYTHONPATH: [fromRoot('runtimes/bench'), process.env.PYTHONPATH].filter(Boolean).join(delimiter),
      HF_HUB_OFFLINE: '1',
      VLLM_NO_USAGE_STATS: '1',
    },
    signal: context.signal,
    timeoutMs: BENCH_TIMEOUT_MS,
    onOutput: options.quiet ? undefined : context.stderr,
  });
  if (!existsSync(pointsFile)) {
    throw new KitError({
      code: 'E_BENCH',
      message: `the bench ended with ${result.exitCode}: ${result.stderr.trim().split('\n').slice(-6).join(' | ')}`,
      next: `read ${join(work, 'model.log')}.`,
    });
  }
  const points = JSON.parse(readFileSync(pointsFile, 'utf8')) as BenchPoints;
  return {
    exitCode: result.exitCode === 0 ? ExitCode.pass : ExitCode.violations,
    json: points,
    text: `${benchText(points)}\nwrote ${pointsFile}`,
  };
};

/** @throws KitError E_FILE_MISSING, E_BENCH */
function pointsOf(files: readonly string[], out: string): ReturnType<CommandModule['run']> extends Promise<infer Result> ? Result : never {
  const { gpus } = loadCatalog();
  const points = files.flatMap((file) => {
    const text = readTextFile(file, 'a result of the bench', 'correct its path.');
    const read = jsonOf(text) as BenchPoints | undefined;
    if (read?.kind === 'bench' && Array.isArray(read.sweep)) return measuredPoints({ ...read, beside: read.beside ?? [] }, gpus);
    throw new KitError({ code: 'E_BENCH', message: `${file} is no result of ovkit bench engine.`, next: 'name its bench-points.json.' });
  });
  const target = resolve(out, 'measured-points.json');
  writeFileAtomically(target, `${JSON.stringify({ _about: 'Measured by ovkit bench engine.', points }, null, 2)}\n`);
  return {
    exitCode: ExitCode.pass,
    json: { kind: 'measured-points', points },
    text: `${points.length} points; wrote ${target}. Review them, then add them to catalog/reference/measured-points.json.`,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function counts(given: string, option: string): readonly number[] {
  const found = given.split(',').map(Number);
  if (found.every((each) => Number.isSafeInteger(each) && each > 0)) return found;
  throw new KitError({
    code: 'E_BENCH',
    message: `${option} is "${given}".`,
    allowed: 'whole numbers of at least 1, separated by commas.',
    next: 'see `npx ovkit bench --help`.',
  });
}
