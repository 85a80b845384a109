import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { CalibrationSchema } from '../../planning/calibration/schema';
import { FAMILIES } from '../../planning/estimate/families';
import type { Estimate } from '../../planning/estimate/types';
import { readWeightFiles } from '../../planning/estimate/weight-files';
import { truncated } from '../../planning/estimate/weight-files/byte-source';
import { runJson } from './support';
import { gguf, safetensors } from './weight-bytes';

const FOLDER = mkdtempSync(join(tmpdir(), 'ovkit-fuzz-'));
const ask = (config: unknown, ...more: string[]) => {
  const file = join(FOLDER, 'config.json');
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  return runJson('estimate', ['--config', file, '--gpu', 'l4', ...more]);
};

const TEXT = {
  hidden_size: 2048,
  num_hidden_layers: 24,
  num_attention_heads: 16,
  num_key_value_heads: 8,
  intermediate_size: 6144,
  vocab_size: 151_936,
  max_position_embeddings: 32_768,
};
const NEEDED = Object.keys(TEXT) as (keyof typeof TEXT)[];
const NO_NUMBER = fc.constantFrom('4096', -1, 0, 1.5, null, [], {}, true, 1e18, '');
const EXTRA = fc.constantFrom(
  {},
  { sliding_window: 4096, layer_types: ['sliding_attention'] },
  { rope_scaling: null },
  { num_experts: 8 },
  { num_experts: 8, num_experts_per_tok: 2 },
  { vision_config: null },
  { tie_word_embeddings: true },
  { tie_word_embeddings: null, attention_bias: null, mlp_bias: null, quantization_config: null, rope_parameters: null, head_dim: null },
);
const ARCHITECTURES = fc.constantFrom(...Object.keys(FAMILIES), 'GPT2LMHeadModel', 'Qwen3NextForCausalLM', 'constructor', '__proto__', '');

describe('any config.json', () => {
  it('with sound dimensions is answered, or told apart as not modelled', async () => {
    await fc.assert(
      fc.asyncProperty(ARCHITECTURES, EXTRA, fc.boolean(), async (architecture, extra, nested) => {
        const dimensions = { ...TEXT, ...extra };
        const { exitCode, json } = await ask({ architectures: [architecture], ...(nested ? { text_config: dimensions } : dimensions) });
        expect(exitCode).toBe(0);
        const { weightsGib, because } = json as Estimate;
        if (!Object.hasOwn(FAMILIES, architecture)) expect(because).toContain('not modelled');
        if (weightsGib.value !== null) expect(weightsGib.value).toBeGreaterThan(0.5);
      }),
      { numRuns: 80 },
    );
  });

  it('with a dimension that is missing or no number is bad input that names it, never a figure', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...NEEDED), fc.option(NO_NUMBER, { nil: undefined }), fc.boolean(), async (key, value, nested) => {
        const dimensions = { ...TEXT, [key]: value };
        const { exitCode, json } = await ask({
          architectures: ['Qwen3ForCausalLM'],
          ...(nested ? { text_config: dimensions } : dimensions),
        });
        if (key === 'num_key_value_heads' && value === undefined) {
          expect(exitCode).toBe(0);
          return;
        }
        expect(exitCode).toBe(3);
        const { problems } = json as { problems: { code: string; message: string }[] };
        expect(problems.map(({ code }) => code)).toEqual(['E_CONFIG_INVALID']);
        expect(problems[0]?.message).toContain(key);
      }),
      { numRuns: 60 },
    );
  });

  it('of any other content is refused, and is no fault of the kit', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.string()), async (content) => {
        expect((await ask(content)).exitCode).toBe(3);
      }),
      { numRuns: 60 },
    );
  });

  it('without a text_config or with null for it is the same', async () => {
    const config = { architectures: ['Qwen3ForCausalLM'], ...TEXT };
    const [absent, empty] = [await ask(config), await ask({ ...config, text_config: null, vision_config: null, spatial_merge_size: null })];
    expect(empty.exitCode).toBe(0);
    expect((empty.json as Estimate).weightsGib.value).toBe((absent.json as Estimate).weightsGib.value);
  });

  it.each([
    [{ rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32_768 }, 131_072],
    [{ type: 'yarn', factor: 2 }, 65_536],
    [{ rope_type: 'linear', factor: 2, original_max_position_embeddings: 8192 }, 65_536],
    [{ rope_type: 'llama3', factor: 8, original_max_position_embeddings: 8192 }, 32_768],
    [{ type: 'mrope', mrope_section: [16, 24, 24] }, 32_768],
    [{ rope_type: 'yarn', factor: 'four' }, 32_768],
    ['yarn', 32_768],
  ])('with the positions scaled as %j is started with so many tokens as vLLM does', async (rope, tokens) => {
    for (const key of ['rope_scaling', 'rope_parameters']) {
      const { json } = await ask({ architectures: ['Qwen2ForCausalLM'], ...TEXT, [key]: rope });
      expect((json as Estimate).engine.settings.maxModelLen).toBe(tokens);
    }
  });

  it.each([
    [{ quant_method: 'awq', bits: 4 }, 'awq-int4'],
    [{ quant_method: 'gptq', bits: 8 }, 'int8'],
    [{ quant_method: 'fp8' }, 'fp8'],
    [{ quant_method: 'compressed-tensors', config_groups: { group_0: { weights: { num_bits: 8, type: 'float' } } } }, 'fp8'],
    [{ quant_method: 'compressed-tensors', config_groups: { group_0: { weights: { num_bits: 4, type: 'int' } } } }, 'gptq-int4'],
  ])('says in %j how its weights are stored', async (quantization_config, precision) => {
    const { json } = await ask({ architectures: ['Qwen3ForCausalLM'], ...TEXT, quantization_config });
    expect((json as Estimate).model.precision).toBe(precision);
  });

  it.each([
    { quant_method: 'bitsandbytes', load_in_4bit: true },
    { quant_method: 'awq', bits: 3 },
    { quant_method: 'compressed-tensors', config_groups: { a: { weights: { num_bits: 4, type: 'float' } } } },
    { quant_method: 'constructor' },
    {},
  ])('stored as %j is unknown, never taken for 16 bit, unless the precision is given', async (quantization_config) => {
    const config = { architectures: ['Qwen3ForCausalLM'], ...TEXT, quantization_config };
    const { exitCode, json } = await ask(config);
    expect(exitCode).toBe(0);
    expect((json as Estimate).weightsGib.value).toBeNull();
    expect((json as Estimate).fits.value).toBeNull();
    expect(((await ask(config, '--precision', 'bf16')).json as Estimate).weightsGib.value).not.toBeNull();
  });
});

describe('any bytes as a weight file', () => {
  const METADATA = {
    'general.architecture': 'llama',
    'llama.embedding_length': 32,
    'llama.block_count': 2,
    'llama.attention.head_count': 4,
    'llama.attention.head_count_kv': 2,
    'llama.feed_forward_length': 64,
    'llama.context_length': 128,
  };
  const GGUF = gguf([['token_embd.weight', [32, 10], 8, 0]], 340, { metadata: METADATA });
  const SAFETENSORS = safetensors({ a: { dtype: 'BF16', shape: [4, 8], data_offsets: [0, 64] } }, 64);
  const read = (bytes: Uint8Array) =>
    readWeightFiles(
      ['model'],
      async (name) => ({
        name,
        size: bytes.length,
        read: async (offset, length) => {
          if (offset + length > bytes.length) throw truncated(name, offset, length, Math.max(0, bytes.length - offset));
          return bytes.slice(offset, offset + length);
        },
      }),
      { fetch, signal: new AbortController().signal },
    );
  const refused = (error: unknown): undefined => {
    if (error instanceof KitError && error.problems.every(({ code }) => code.startsWith('E_WEIGHTS_'))) return undefined;
    throw error;
  };

  it.each([
    ['GGUF', GGUF],
    ['safetensors', SAFETENSORS],
  ])('a %s that was cut off anywhere is refused', async (_format, whole) => {
    expect(await read(whole)).toHaveLength(1);
    for (let length = 0; length < whole.length; length += 1) expect(await read(whole.slice(0, length)).catch(refused)).toBeUndefined();
  });

  it.each([
    ['GGUF', GGUF],
    ['safetensors', SAFETENSORS],
  ])('a %s with some bytes overwritten is refused, or gives whole numbers only', async (_format, whole) => {
    const byte = fc.tuple(fc.nat(whole.length - 1), fc.oneof(fc.constantFrom(0, 9, 127, 128, 255), fc.nat(255)));
    await fc.assert(
      fc.asyncProperty(fc.array(byte, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = whole.slice();
        for (const [offset, value] of changes) bytes[offset] = value;
        const files = (await read(bytes).catch(refused)) ?? [];
        for (const { tensors, config, fileBytes } of files) {
          expect(tensors.reduce((sum, tensor) => sum + tensor.bytes, 0)).toBeLessThanOrEqual(fileBytes);
          for (const value of Object.values(config?.text ?? {})) expect(value === undefined || Number.isSafeInteger(value)).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['an array of a type that nobody knows, as long as anything', { 'x.y': { array: 99, length: 2 ** 50 } }],
    ['a value of a type that nobody knows', { 'x.y': { type: 77 } }],
    ['arrays in arrays in arrays', { 'x.y': { nested: 40 } }],
  ])('a GGUF with %s is refused at once', async (_what, metadata) => {
    expect(await read(gguf([], 0, { metadata })).catch(refused)).toBeUndefined();
  });

  it.each([
    ['heads by layer', { 'llama.attention.head_count_kv': { array: 4, length: 2 } }],
    ['no number of layers', { 'llama.block_count': undefined }],
    ['a width of no whole heads', { 'llama.attention.head_count': 5 }],
    ['experts of which a token takes nobody says how many', { 'llama.expert_count': 8 }],
  ])('a GGUF with %s does not say the shape of its model', async (_what, change) => {
    const [file] = await read(gguf([['token_embd.weight', [32, 10], 8, 0]], 340, { metadata: { ...METADATA, ...change } }));
    const shape = file?.config;
    expect(shape === null || shape?.architecture === 'MixtralForCausalLM').toBe(true);
  });
});

describe('any log', () => {
  const LOGS = [
    'vllm-a100.log',
    'vllm-v0-t4.log',
    'llama-server-cpu.log',
    'llama-server-t4.log',
    'bench-l40s.json',
    'bench-random-mm-h100.json',
  ];
  const NUMBER = /\d+(?:\.\d+)?/g;

  it.each(LOGS)('%s with other numbers in it is compared, or refused; never a calibration that no plan can read', async (name) => {
    const whole = readFileSync(fromRoot('tests/planning/data', name), 'utf8');
    const count = [...whole.matchAll(NUMBER)].length;
    const change = fc.tuple(fc.nat(count - 1), fc.constantFrom('0', '-1', '999999999999', '0.000001', 'NaN', '1e99', ''));
    const [log, to] = [join(FOLDER, name), join(FOLDER, 'calibration.json')];
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 40 }), fc.nat(whole.length), async (changes, end) => {
        const others = new Map(changes);
        let index = -1;
        const other = whole.replaceAll(NUMBER, (number) => {
          index += 1;
          return others.get(index) ?? number;
        });
        writeFileSync(log, end % 3 === 0 ? other.slice(0, end) : other);
        const { exitCode } = await runJson('calibrate', [
          log,
          '--gpu',
          'h100',
          '--model',
          'Qwen3-VL-4B-Instruct',
          '--precision',
          'bf16',
          '--to',
          to,
        ]);
        expect([0, 3]).toContain(exitCode);
        if (exitCode === 0) expect(CalibrationSchema.safeParse(JSON.parse(readFileSync(to, 'utf8'))).success).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
