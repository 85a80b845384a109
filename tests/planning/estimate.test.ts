import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vllmDefaults } from '../../planning/engine-flags/vllm-defaults';
import type { Estimate } from '../../planning/estimate/types';
import { CATALOG, GIB, REFERENCES, runJson } from './support';

async function ask(...args: string[]): Promise<Estimate> {
  const { exitCode, json } = await runJson('estimate', args);
  expect(exitCode).toBe(0);
  return json as Estimate;
}

const FIGURES = [
  'weightsGib',
  'kvCacheTokens',
  'totalVramGib',
  'fits',
  'ttftMs',
  'tpotMs',
  'outputTokensPerSecond',
  'usdPerMillionOutputTokens',
] as const;
const EXAMPLE =
  '--model Qwen3-8B --gpu l40s --engine vllm --engine-version 0.10.2 --gpu-memory-utilization 0.90 --precision awq-int4 --max-model-len 1024 --input-tokens 512 --output-tokens 256 --concurrency 64'.split(
    ' ',
  );

describe('ovkit estimate', () => {
  it('answers the example of the issue: each figure with value, low, high and basis', async () => {
    const made = await ask(...EXAMPLE);
    for (const name of FIGURES)
      expect(made[name]).toMatchObject({
        value: expect.anything(),
        low: expect.anything(),
        high: expect.anything(),
        basis: expect.any(String),
      });
    expect(made.fits.value).toBe(true);
    expect(made.weightsGib.value).toBeCloseTo(5.71, 1);
    expect(Math.abs((made.outputTokensPerSecond.value ?? 0) / 1997.5 - 1)).toBeLessThan(0.2);
    expect(made.usdPerHour).toMatchObject({ value: 1.861, instanceType: 'g6e.xlarge', region: 'us-east-1' });
    const cost = (1.861 / (3600 * (made.outputTokensPerSecond.value ?? 1))) * 1e6;
    expect(made.usdPerMillionOutputTokens.value).toBeCloseTo(cost, 9);
  });

  it.each(['Qwen3-8B', 'qwen/qwen3-8b', 'QWEN3-8b', 'Qwen/Qwen3-8B'])('finds %s without organisation and in any case', async (model) => {
    expect((await ask('--model', model, '--gpu', 'l40s')).model.id).toBe('Qwen/Qwen3-8B');
  });

  it.each([
    ['Qwen3-8B-AWQ', 'awq-int4'],
    ['RedHatAI/Llama-3.3-70B-Instruct-FP8-dynamic', 'fp8'],
    ['Qwen2.5-7B-Instruct-GPTQ-Int4', 'gptq-int4'],
    ['Qwen3-4B', 'bf16'],
  ])('takes the precision that the name %s says: %s', async (model, precision) => {
    expect((await ask('--model', model, '--gpu', 'h100')).model.precision).toBe(precision);
  });

  it('says that 17 GB is not less than 24 GB: 8B bf16 on an L4 does not start with its own context', async () => {
    const made = await ask('--model', 'Qwen3-8B', '--gpu', 'l4', '--precision', 'bf16');
    expect(made.fits.value).toBe(false);
    expect(made.verdict).toBe('fits-with-flags');
    expect(made.because).toMatch(/would fit with a context of at most [\d,]+ tokens/);
    const shorter = await ask('--model', 'Qwen3-8B', '--gpu', 'l4', '--precision', 'bf16', '--max-model-len', '4096');
    expect(shorter.fits.value).toBe(true);
  });

  it.each([
    ['--model Llama-3.3-70B-FP8 --gpu h100 --engine-version 0.11.0', 'does-not-fit'],
    ['--model Qwen3-8B --gpu t4 --precision bf16', 'does-not-fit'],
    ['--model gpt-oss-20b --gpu h100', 'fits'],
    ['--model gemma-3-12b-it --gpu h100', 'unknown'],
    ['--model Qwen3-8B --gpu b200', 'unknown'],
  ])('exits with 0 for "%s": %s', async (line, verdict) => {
    expect((await ask(...line.split(' '))).verdict).toBe(verdict);
  });

  it('does not split heads that cannot be shared out', async () => {
    const three = await ask('--model', 'Qwen3-8B', '--gpu', 'l40s', '--tensor-parallel', '3');
    expect(three).toMatchObject({ verdict: 'does-not-fit', because: '32 attention heads cannot be shared out over 3 GPUs.' });
    expect((await ask('--model', 'Qwen3-30B-A3B', '--gpu', 'l40s', '--tensor-parallel', '8')).verdict).toMatch(/^fits/);
  });

  it('loads all experts of a mixture and reads those that a token runs through', async () => {
    const mixture = await ask('--model', 'Qwen3-30B-A3B', '--gpu', 'h100', '--max-model-len', '4096');
    const dense = await ask('--model', 'Qwen3-32B', '--gpu', 'h100', '--max-model-len', '4096');
    expect(mixture.weightsGib.value).toBeGreaterThan(56);
    expect(mixture.tpotMs.value as number).toBeLessThan((dense.tpotMs.value as number) / 3);
    const crowd = await ask('--model', 'Qwen3-30B-A3B', '--gpu', 'h100', '--max-model-len', '4096', '--concurrency', '64');
    expect(crowd.tpotMs.value as number).toBeGreaterThan(3 * (mixture.tpotMs.value as number));
  });

  it('tells the speed of a model whose weights fit, with a note when the cache holds no request', async () => {
    const made = await ask('--model', 'Qwen2.5-72B-Instruct', '--gpu', 'h100', '--tensor-parallel', '2', '--engine-version', '0.7.3');
    expect(made.tpotMs.value).toBeGreaterThan(20);
    expect((await ask('--model', 'Qwen2.5-72B-Instruct', '--gpu', 'l4')).tpotMs.value).toBeNull();
  });

  it('without CUDA graphs has more cache and longer steps', async () => {
    const line = ['--model', 'Qwen2.5-7B-Instruct', '--gpu', 'l4', '--precision', 'gptq-int4', '--engine-version', '0.27.1'];
    const [graphs, eager] = [await ask(...line), await ask(...line, '--enforce-eager')];
    expect(eager.kvCacheTokens.value as number).toBeGreaterThan(graphs.kvCacheTokens.value as number);
    expect(eager.tpotMs.value as number).toBeGreaterThan(graphs.tpotMs.value as number);
  });

  it('counts what was kept for the activation peak as taken, and as not yet taken at the low end', async () => {
    const { totalVramGib, device, terms } = await ask(
      '--model',
      'Llama-3.1-8B-Instruct',
      '--gpu',
      'a100-80gb',
      '--engine-version',
      '0.31.0',
    );
    const budget = 0.92 * (device.visibleGib as number);
    const peak = terms.find(({ name }) => name === 'activation peak')?.high as number;
    expect(totalVramGib.low).toBeCloseTo(budget - peak / 2 ** 30, 6);
    expect(totalVramGib.value).toBeGreaterThanOrEqual(budget);
  });

  it('does not share out a model over more cards than the machine has', async () => {
    const line = ['--model', 'Qwen3-8B', '--tensor-parallel', '4', '--max-model-len', '4096'];
    const small = await ask(...line, '--instance-type', 'g6.xlarge');
    expect(small).toMatchObject({ verdict: 'does-not-fit', because: 'The machine has 1 card, and --tensor-parallel asks for 4.' });
    expect([small.outputTokensPerSecond.value, small.usdPerMillionOutputTokens.value]).toEqual([null, null]);
    expect((await ask(...line, '--instance-type', 'g6.12xlarge')).fits.value).toBe(true);
    expect((await ask(...line, '--gpu', 'l4')).fits.value).toBe(true);
    expect((await ask(...line.with(3, '16'), '--gpu', 'l4')).usdPerHour.source).toBe('no instance type of the catalogue has 16 x l4');
  });

  it.each([
    ['llama.cpp', 'Q4_K_M'],
    ['vllm', 'awq-int4'],
  ])('judges the half of a card that g6f.4xlarge has, not its processors, with %s', async (engine, precision) => {
    const line = ['--model', 'Qwen3-4B', '--engine', engine, '--precision', precision, '--max-model-len', '4096'];
    const [half, whole] = [await ask(...line, '--instance-type', 'g6f.4xlarge'), await ask(...line, '--instance-type', 'g6.4xlarge')];
    expect(half.device.name).toBe('0.5 of an NVIDIA L4');
    expect(half.device.visibleGib).toBeCloseTo((11_444 / 1024) * 0.957, 6);
    expect(half.fits).toMatchObject({ value: true, basis: 'extrapolated' });
    expect(half.tpotMs.basis).toBe('extrapolated');
    const ratio = (half.tpotMs.value as number) / (whole.tpotMs.value as number);
    expect(ratio).toBeGreaterThan(1.6);
    expect(ratio).toBeLessThan(2);
    expect(half.notes.join()).toContain('nothing was measured on one');
    expect(whole.notes.join()).not.toContain('measured on one');
    expect((await ask(...line, '--instance-type', 'g6f.large')).fits.value).toBe(false);
  });

  it('takes fp16 on a card without bf16 when no precision is given', async () => {
    expect((await ask('--model', 'Qwen2.5-1.5B-Instruct', '--gpu', 't4')).model.precision).toBe('fp16');
  });

  it('knows the price of no card that AWS does not have, and says so', async () => {
    const made = await ask('--model', 'Qwen3-8B', '--gpu', 'rtx-4090', '--max-model-len', '2048');
    expect(made.usdPerMillionOutputTokens).toMatchObject({ value: null, basis: 'unknown' });
    expect((await ask('--model', 'Qwen3-8B', '--gpu', 'l40s', '--region', 'eu-west-1')).usdPerHour.source).toMatch(
      /not offered in eu-west-1/,
    );
  });

  it('reads a config.json, and answers "unknown" for an architecture it does not know', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'ovkit-estimate-')), 'config.json');
    const config = {
      architectures: ['Qwen3ForCausalLM'],
      hidden_size: 4096,
      num_hidden_layers: 36,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: 12288,
      vocab_size: 151936,
      max_position_embeddings: 40960,
    };
    writeFileSync(file, JSON.stringify(config));
    expect((await ask('--config', file, '--gpu', 'l40s')).model.parameters).toBe(8_190_735_360);
    writeFileSync(file, JSON.stringify({ ...config, architectures: ['MambaForCausalLM'] }));
    expect((await ask('--config', file, '--gpu', 'l40s')).verdict).toBe('unknown');
    writeFileSync(file, JSON.stringify({ ...config, hidden_size: 'many' }));
    const { exitCode, json } = await runJson('estimate', ['--config', file, '--gpu', 'l40s']);
    expect([exitCode, json]).toMatchObject([3, { problems: [{ code: 'E_CONFIG_INVALID' }] }]);
  });

  it('counts images by the pixel limit, with their tokens in the KV cache of each request', async () => {
    const line = ['--model', 'Qwen2.5-VL-7B-Instruct', '--gpu', 'l40s', '--max-model-len', '8192', '--image-size', '1024x1024'];
    expect((await ask(...line)).load.imageTokens).toBe(1371);
    expect((await ask(...line, '--images', '3')).load.imageTokens).toBe(3 * 1371);
    expect((await ask(...line, '--max-pixels', '1003520')).load.imageTokens).toBe(1227);
    const untold = (await ask(...line.slice(0, -2), '--images', '1')).load;
    const told = (await ask(...line.slice(0, -1), '1280x960')).load;
    expect([untold.imageTokens, untold.assumed.includes('imageSize'), told.assumed.includes('imageSize')]).toEqual([
      told.imageTokens,
      true,
      false,
    ]);
    expect(
      (await ask('--model', 'Mistral-Small-3.2-24B', '--gpu', 'h100', '--max-model-len', '8192', '--image-size', '1540x1540')).load
        .imageTokens,
    ).toBe(55 * 56);
  });

  it.each([
    [['--gpu', 'l4'], /--model/],
    [['--model', 'Qwen3-8B'], /--gpu/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--concurrency', 'many'], /--concurrency is many/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--gpu-memory-utilization', '1.5'], /--gpu-memory-utilization/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--image-size', 'large'], /--image-size/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--precision', 'q9'], /--precision/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--engine', 'sglang'], /--engine/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--engine-version', 'banana'], /--engine-version is banana/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--precision', 'Q4_K_M'], /Q4_K_M, which vllm does not load/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--engine', 'llama.cpp', '--precision', 'fp8'], /fp8, which llama.cpp does not load/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--region', 'mars'], /no region "mars"/],
    [['--model', 'Qwen33-8B', '--gpu', 'l4'], /Did you mean "Qwen3-8B"/],
    [['--model', 'Lama-3.1-8B', '--gpu', 'l4'], /Did you mean "Llama-3.1-8B"/],
    [['--model', 'Qwen/Qwen3-32B-NVFP4', '--gpu', 'l4'], /Did you mean "Qwen3-32B"/],
    [['--model', 'Phi-4', '--gpu', 'l4'], /have "Phi-4"\.$/],
    [['--model', 'Qwen3-8B', '--gpu', 'l4', '--kv-cache-dtype', 'q9'], /--kv-cache-dtype/],
  ])('%j is bad input', async (args, message) => {
    const { exitCode, json } = await runJson('estimate', args);
    expect(exitCode).toBe(3);
    expect((json as { problems: { message: string }[] }).problems[0]?.message).toMatch(message);
  });
});

describe('defaults of vLLM follow version and card', () => {
  const text = (maxModelLen: number) => ({ maxModelLen, vision: false });
  const device = (key: string, gib: number, computeCapability = 8.9) => ({ key, visibleBytes: gib * GIB, computeCapability });

  it.each([
    ['0.10.2', 0.9],
    ['0.19.1', 0.9],
    ['0.21.0', 0.9],
    ['0.22.0', 0.92],
    ['0.32.0', 0.92],
    ['v0.9.2', 0.9],
    ['1.0.0', 0.92],
  ])('%s takes %d of the memory', (version, utilisation) => {
    expect(vllmDefaults(version, device('l4', 22), text(4096)).gpuMemoryUtilization).toBe(utilisation);
  });

  it.each([
    ['h100', 79.18, 9, 8192, 1024],
    ['h200', 139.8, 9, 8192, 1024],
    ['a100-80gb', 79.2, 8, 2048, 256],
    ['l40s', 44.4, 8.9, 2048, 256],
  ])('%s: %d GiB', (key, gib, capability, tokens, sequences) => {
    expect(vllmDefaults('0.11.0', device(key, gib, capability), text(4096))).toMatchObject({
      maxNumBatchedTokens: tokens,
      maxNumSeqs: sequences,
    });
  });

  it('the V0 engine batches whole prompts, up to where it chunks them', () => {
    expect(vllmDefaults('0.7.3', device('l4', 22), text(10_000)).maxNumBatchedTokens).toBe(10_000);
    expect(vllmDefaults('0.7.3', device('l4', 22), text(131_072)).maxNumBatchedTokens).toBe(2048);
    expect(vllmDefaults('0.10.0', device('t4', 14.56, 7.5), text(10_000)).maxNumBatchedTokens).toBe(10_000);
  });

  it('the V0 engine never chunks the prompts of a model that sees images: 128,000 tokens at once do not fit where 2,048 do', async () => {
    const vision = (maxModelLen: number) => ({ maxModelLen, vision: true });
    expect(vllmDefaults('0.7.3', device('l4', 22), vision(131_072)).maxNumBatchedTokens).toBe(131_072);
    expect(vllmDefaults('0.7.3', device('l4', 22), vision(2048)).maxNumBatchedTokens).toBe(5120);
    expect(vllmDefaults('0.9.2', device('l4', 22), vision(131_072)).maxNumBatchedTokens).toBe(2048);
    const line = ['--model', 'Qwen2.5-VL-7B-Instruct', '--gpu', 'l40s', '--gpu-memory-utilization', '0.8', '--engine-version'];
    expect((await ask(...line, '0.7.3')).fits.value).toBe(false);
    expect((await ask(...line, '0.9.2')).fits.value).toBe(true);
    expect((await ask(...line, '0.7.3', '--max-num-batched-tokens', '2048')).fits.value).toBe(true);
  });
});

describe('for any model, card and load', () => {
  const models = REFERENCES.models.map((model) => model.id);
  const gpus = [...CATALOG.gpus, ...REFERENCES.gpus].map((gpu) => gpu.key);

  it('every figure lies in its range, and unknown is null, never 0', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...models),
        fc.constantFrom(...gpus),
        fc.constantFrom(['vllm', 'bf16'], ['vllm', 'awq-int4'], ['vllm', 'fp8'], ['llama.cpp', 'Q4_K_M'], ['trtllm', 'bf16']),
        fc.integer({ min: 1, max: 512 }),
        async (model, gpu, [engine, precision], concurrency) => {
          const made = await ask(
            '--model',
            model,
            '--gpu',
            gpu,
            '--engine',
            engine ?? '',
            '--precision',
            precision ?? '',
            '--concurrency',
            String(concurrency),
            '--max-model-len',
            '2048',
          );
          for (const name of FIGURES) {
            if (name === 'fits') continue;
            const { value, low, high, basis } = made[name];
            if (value === null) expect([low, high, basis]).toEqual([null, null, 'unknown']);
            else expect((low as number) <= value && value <= (high as number) && Number.isFinite(value)).toBe(true);
          }
          if (made.fits.low) expect(made.fits.value).toBe(true);
          if (made.fits.value) expect(made.fits.high).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});
