import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExitCode } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import type { CommandContext } from '../../scripts/command';
import { runCli } from '../../scripts/ovkit';
import { ask } from '../runtime-room/support';
import { notRun } from './requirements';

const hasPython = spawnSync('python3', ['--version']).status === 0;

describe('ovkit bench engine', () => {
  if (!hasPython) return notRun('the bench', 'python3 not on PATH');
  let folder: string;
  let out: string;
  let errors: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ovkit-bench-'));
    out = '';
    errors = '';
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const context: CommandContext = {
    stdout: (text) => {
      out += text;
    },
    stderr: (text) => {
      errors += text;
    },
    now: () => new Date('2026-11-23T12:00:00Z'),
    signal: new AbortController().signal,
    colours: false,
    interactive: false,
  };
  const bench = (...args: string[]) =>
    runCli(['bench', 'engine', '--out', folder, '--release', fromRoot('release.yaml'), ...args], context);

  it('passes the tests of its Python half', () => {
    const run = spawnSync('python3', ['-m', 'unittest', 'discover', '-t', '.', '-s', 'tests'], {
      cwd: fromRoot('runtimes/bench'),
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    expect(run.stderr).toMatch(/Ran \d\d tests[\s\S]*\nOK/);
  });

  it('asks for the true dimensions, the flags of the plan as they are, and the load of the release', async () => {
    expect(await bench('--job-only', '--json')).toBe(ExitCode.pass);
    const job = JSON.parse(out);
    expect(job.dimensions.text).toMatchObject({ hiddenSize: 2560, layers: 36 });
    expect(job.dimensions.weightsBytes).toBe(9_483_221_056);
    expect(job.engine.args).toContain('--max-num-batched-tokens');
    expect(job.shape).toEqual({ images: 1, prompt_tokens: 200, output_tokens: 120, image_width: 1280, image_height: 960 });
    expect(job.plannedTerms.map((term: { name: string }) => term.name)).toContain('weights');
  });

  it('writes a tiny checkpoint that the doctor finds right', () => {
    const write = `import json, sys; sys.dont_write_bytecode = True; from pathlib import Path; from tests.test_bench import GOLDEN, TINY; from onevision_bench.checkpoint import write_checkpoint; write_checkpoint(Path(sys.argv[1]), TINY, GOLDEN)`;
    const made = spawnSync('python3', ['-c', write, join(folder, 'checkpoint')], { cwd: fromRoot('runtimes/bench'), encoding: 'utf8' });
    expect(made.stderr).toBe('');
    expect(ask(join(folder, 'checkpoint')).findings.filter(({ level }) => level !== 'note')).toEqual([]);
  });

  it('measures an engine on a tiny random checkpoint, and ends it', async () => {
    expect(await bench('--tiny', '--program', standInPython(), '--sweep', '1,2', '--requests', '2', '--json')).toBe(ExitCode.pass);
    const points = JSON.parse(out);
    expect(points.sweep.map((step: { concurrency: number; requests: number }) => [step.concurrency, step.requests])).toEqual([
      [1, 2],
      [2, 4],
    ]);
    expect(points.conditions.engine.args).toContain('--enforce-eager');
    expect(errors).toContain('concurrency 2');
    expect(readdirSync(folder).sort()).toEqual(['bench', 'bench-points.json', 'stand-in']);
  });

  it('measures stock models in the same run, with the flags of the plan that are theirs too', async () => {
    expect(await bench('--job-only', '--beside', 'Qwen3-VL-4B,Qwen/Qwen2.5-VL-7B-Instruct', '--json')).toBe(ExitCode.pass);
    const job = JSON.parse(out);
    expect(job.beside.map(({ model }: { model: { id: string } }) => model.id)).toEqual([
      'Qwen/Qwen3-VL-4B-Instruct',
      'Qwen/Qwen2.5-VL-7B-Instruct',
    ]);
    expect(job.beside[1].dimensions).toMatchObject({ hidden_size: 3584, limits: { minPixels: 3136, maxPixels: 2_560_000 } });
    expect(job.beside[0].args).toEqual(
      job.engine.args.filter((_: string, at: number) => !/^--(revision|mm-processor)/.test(`${job.engine.args[at - (at % 2)]}`)),
    );
    out = '';
    const tiny = ['--tiny', '--program', standInPython(), '--sweep', '1', '--requests', '2', '--beside', 'Qwen3-VL-8B', '--json'];
    expect(await bench(...tiny)).toBe(ExitCode.pass);
    const { beside } = JSON.parse(out);
    expect(beside).toHaveLength(1);
    expect(beside[0].sweep[0]).toMatchObject({ concurrency: 1, requests: 2, failed: 0 });
    expect(await bench('--beside', 'Llama-3.1-8B')).toBe(ExitCode.badInput);
    expect(errors).toContain('--beside names "Llama-3.1-8B"');
  });

  it('bundles a job with all that another machine needs, which its run.sh runs', async () => {
    const bundle = join(folder, 'bundle');
    expect(await bench('--tiny', '--sweep', '1', '--requests', '2', '--bundle', bundle)).toBe(ExitCode.pass);
    expect(readdirSync(bundle).sort()).toEqual(['LICENSE', 'bench', 'image.lock.txt', 'jobs', 'plugin', 'run.sh', 'tokenizer']);
    const found = 'from importlib.metadata import entry_points; print([e.value for e in entry_points(group="vllm.general_plugins")])';
    const plugin = spawnSync('python3', ['-c', found], { env: { ...process.env, PYTHONPATH: join(bundle, 'plugin') }, encoding: 'utf8' });
    expect(plugin.stdout).toContain('vllm_onevision:register');
    // stands in for a Python that has vLLM: it says so, runs the bench, and is then itself the engine
    const python = join(folder, 'python');
    writeFileSync(
      python,
      `#!/bin/sh\ncase "$1 $2" in\n'-c import vllm') exit 0 ;;\n'-m onevision_bench') shift 2; exec python3 -c 'import runpy, sys; sys.executable = "${standInPython()}"; runpy.run_module("onevision_bench", run_name="__main__")' "$@" ;;\nesac\n`,
      { mode: 0o755 },
    );
    const run = spawnSync('sh', ['run.sh', join(folder, 'work')], {
      cwd: bundle,
      encoding: 'utf8',
      env: { ...process.env, PYTHON: python },
    });
    expect(run.stderr).toContain('concurrency 1');
    expect(readdirSync(join(bundle, 'out'))).toEqual([`${readdirSync(join(bundle, 'jobs'))[0]}`]);
  });

  it('says why the engine did not start, and leaves no points behind', async () => {
    writeFileSync(join(folder, 'bench-points.json'), 'of an earlier run');
    expect(await bench('--tiny', '--program', 'false', '--json')).toBe(ExitCode.badInput);
    expect(JSON.parse(out).problems[0]).toMatchObject({ code: 'E_BENCH', message: expect.stringContaining('the engine ended with 1') });
    expect(readdirSync(folder)).toEqual(['bench']);
  });

  it('refuses a sweep that is none, and random weights of a model whose layout it does not know', async () => {
    expect(await bench('--sweep', '1,many')).toBe(ExitCode.badInput);
    expect(await bench('--release', fromRoot('examples/smollm2-cpu.yaml'))).toBe(ExitCode.badInput);
    expect(errors).toMatch(/--sweep is "1,many"[\s\S]*name weights of your own with --checkpoint/);
  });

  /** An executable that stands in for the python3 of a vLLM environment: it serves the stand-in of the bench's own tests. */
  function standInPython(): string {
    const file = join(folder, 'stand-in');
    const serve = `import sys; sys.path.insert(0, ${JSON.stringify(fromRoot('runtimes/bench'))}); sys.dont_write_bytecode = True; from tests.test_bench import serve; serve(int(sys.argv[sys.argv.index("--port") + 1]))`;
    writeFileSync(file, `#!/bin/sh\nexec python3 -c '${serve}' "$@"\n`, { mode: 0o755 });
    return file;
  }
});
