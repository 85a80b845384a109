import { describe, expect, it } from 'vitest';
import { capturedSizes, vllmEra } from '../../planning/engine-flags/vllm-version';
import { allocatorBytes } from '../../planning/fit/allocator';
import { allocatableBytes } from '../../planning/fit/host';
import { kvBytesLeft, kvBytesPerToken, kvTokens } from '../../planning/fit/kv-cache';
import { llamaTerms } from '../../planning/fit/llama-cpp';
import { loadedBuffers } from '../../planning/fit/loaded-buffers';
import { vllmTerms } from '../../planning/fit/vllm';
import { weightBytes } from '../../planning/fit/weights';
import { GIB, LLAMA_8B, model, POINTS, point, QWEN3_8B, reference } from './support';

const FOUR_B = model('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct');
const EIGHT_B = model('lmms-lab/LLaVA-OneVision-1.5-8B-Instruct');
const MIB = 2 ** 20;
const GENERIC = { maxNumBatchedTokens: 2048, maxNumSeqs: 32, tensorParallel: 1 };

describe('KV cache', () => {
  const breakdowns = POINTS.filter((candidate) => candidate.kind === 'memory_breakdown');

  it.each(breakdowns.map((item) => [item.id, item] as const))('%s: what is left meets the engine within 0.01 GiB', (_id, item) => {
    const requested = Number(item.util) * Number(item.total_gib);
    const left = kvBytesLeft(requested, [Number(item.weights_gib), Number(item.activation_gib), Number(item.non_torch_gib)]);
    expect(Math.abs(left - item.value)).toBeLessThan(0.01);
    expect(breakdowns).toHaveLength(7);
  });

  it('takes 147,456 bytes a token in both sizes, half in fp8, a share with tensor parallel', () => {
    expect(kvBytesPerToken(FOUR_B.text, 2)).toBe(147_456);
    expect(kvBytesPerToken(EIGHT_B.text, 2)).toBe(147_456);
    expect(kvBytesPerToken(EIGHT_B.text, 1)).toBe(73_728);
    expect(kvBytesPerToken(EIGHT_B.text, 2, 4)).toBe(147_456 / 4);
    expect(kvBytesPerToken(EIGHT_B.text, 2, 16)).toBe(147_456 / 8);
  });

  it.each([
    ['kv-qwen25vl-7b-l4', 1.81, 57_344, 33_824],
    ['kv-qwen3-4b-v0', 3.06, 147_456, 22_304],
    ['kvbpt-mistral-small', 28.2, 163_840, 184_832],
  ])('%s: tokens given bytes are right within 0.5 %%', (_id, gib, bytesPerToken, measured) => {
    expect(Math.abs(kvTokens(gib * GIB, bytesPerToken) / measured - 1)).toBeLessThan(0.005);
  });

  it('holds whole blocks only, and nothing when nothing is left', () => {
    expect(kvTokens(147_456 * 31, 147_456)).toBe(16);
    expect(kvTokens(-1, 147_456)).toBe(0);
  });
});

describe('weights', () => {
  it('are two bytes a parameter in bf16', () => {
    const bytes = weightBytes(EIGHT_B, 'bf16');
    expect(bytes.language.value + bytes.vision).toBe(17_054_429_248);
  });

  it('of Qwen3-8B-AWQ compute to its file of 6.11 GB within 1 %', () => {
    expect(Math.abs(weightBytes(QWEN3_8B, 'awq-int4').language.value / 6.11e9 - 1)).toBeLessThan(0.01);
  });

  it('load with their rotary table: 15.2683 GiB of Qwen3-8B', () => {
    const text = { ...QWEN3_8B.text, maxPositions: 40_960 };
    const buffers = loadedBuffers({ ...QWEN3_8B, architecture: 'Qwen3ForCausalLM', text }, 'bf16', GENERIC);
    const loaded = (weightBytes(QWEN3_8B, 'bf16').language.value + buffers.bytes.value) / GIB;
    expect(Math.abs(loaded / point('w-qwen3-8b-bf16').value - 1)).toBeLessThan(0.001);
  });

  it('of a tower that nobody has loaded keep up to 0.6 GiB in reserve', () => {
    const { value, high } = loadedBuffers(EIGHT_B, 'bf16', GENERIC).bytes;
    expect((high - value) / GIB).toBeGreaterThan(0.6);
  });

  it.each(['Q4_K_M', 'Q5_K_M', 'Q6_K', 'Q8_0', 'F16'] as const)('GGUF %s of Llama-3.1-8B is right within 1 %%', (type) => {
    expect(Math.abs(weightBytes(LLAMA_8B, type).language.value / GIB / point(`gguf-llama31-8b-${type}`).value - 1)).toBeLessThan(0.01);
  });

  it('of a GGUF are the length of its file when that is known', () => {
    const smol = model('HuggingFaceTB/SmolLM2-135M-Instruct-GGUF');
    expect(weightBytes(smol, 'Q4_1').language).toEqual({ value: 98_362_432, low: 98_362_432, high: 98_362_432 });
  });

  it('share out the language model over GPUs and keep the vision tower whole on each', () => {
    const of = (tensorParallel: number) => vllmTerms(EIGHT_B, 'bf16', { ...GENERIC, tensorParallel })[0]?.bytes ?? 0;
    const whole = (tensorParallel: number) =>
      (302_914_592 + 33_564_672) * 2 + loadedBuffers(EIGHT_B, 'bf16', { ...GENERIC, tensorParallel }).bytes.value;
    expect(of(2) - whole(2)).toBeCloseTo((of(1) - whole(1)) / 2, -1);
  });
});

describe('what the allocator rounds up', () => {
  it.each([
    ['Qwen2.5-7B-Instruct', 'bf16', 1, 43],
    ['Qwen3-4B', 'bf16', 1, 54],
    ['Qwen3-32B', 'bf16', 1, 0],
    ['Qwen3-32B', 'bf16', 2, 64],
    ['Llama-3.1-8B', 'bf16', 1, 0],
  ] as const)('is of %s in %s on %i GPUs about %i MiB', (id, precision, tensorParallel, mib) => {
    expect(Math.abs(allocatorBytes(reference(id), precision, tensorParallel) / MIB - mib)).toBeLessThan(20);
  });
});

describe('versions of vLLM', () => {
  it.each([
    ['0.10.2', 8.9, { leanSampler: false, graphs: 'beside' }],
    ['0.22.0', 8.9, { leanSampler: true, graphs: 'reserved' }],
    ['0.27.1', 7.5, { leanSampler: false, graphs: 'reserved' }],
    ['0.32.0', 9, { leanSampler: true, graphs: 'beside-late', machete: true }],
  ] as const)('%s on capability %s: %o', (version, capability, era) => {
    expect(vllmEra(version, capability)).toMatchObject(era);
  });

  it('captures 51 sizes of mixed and 35 of decode batches for 256 sequences, as the logs of 0.22 say', () => {
    expect(capturedSizes(256)).toBe(51 + 35);
    expect(capturedSizes(128)).toBe(35 + 19);
    expect(capturedSizes(4)).toBe(4 + 3);
  });

  it('reserve graphs inside the budget only where the version does', () => {
    const names = (version: string) => vllmTerms(QWEN3_8B, 'bf16', { ...GENERIC, era: vllmEra(version) }).map((term) => term.name);
    expect(names('0.22.0')).toContain('CUDA graphs');
    expect(names('0.10.2')).not.toContain('CUDA graphs');
    expect(names('0.31.0')).not.toContain('CUDA graphs');
  });

  it('sample with a third of the memory from 0.20 on', () => {
    const activation = (version: string) =>
      vllmTerms(QWEN3_8B, 'bf16', { ...GENERIC, maxNumSeqs: 256, era: vllmEra(version) }).find((term) => term.name === 'activation peak')
        ?.bytes ?? 0;
    expect(activation('0.10.2') / activation('0.27.1')).toBeGreaterThan(2.5);
  });
});

describe('activation peak', () => {
  const peak = (terms: ReturnType<typeof vllmTerms>) => terms.find((item) => item.name === 'activation peak');
  const withVocabulary = (vocabSize: number) => ({ ...QWEN3_8B, text: { ...QWEN3_8B.text, vocabSize } });

  it.each([
    ['prof-Llama-3.1-8B-tp1', 128_256],
    ['prof-Qwen3-0.6B-tp1', 151_936],
    ['prof-Qwen3-32B-tp1', 151_936],
    ['prof-gpt-oss-20b-tp1', 201_088],
  ])('%s: the sampler over 1,024 sequences explains it within 3 %%', (id, vocabSize) => {
    const term = peak(vllmTerms(withVocabulary(vocabSize), 'bf16', { ...GENERIC, maxNumBatchedTokens: 8192, maxNumSeqs: 1024 }));
    expect(Math.abs((term?.bytes ?? 0) / GIB / Number(point(id).activation_gib) - 1)).toBeLessThan(0.03);
  });

  it('of Qwen3-4B with 10,000 tokens and one sequence is right within 6 %', () => {
    const text = { ...FOUR_B, kind: 'text' as const, vision: null };
    const term = peak(vllmTerms(text, 'fp16', { ...GENERIC, maxNumBatchedTokens: 10_000, maxNumSeqs: 1 }));
    expect(Math.abs((term?.bytes ?? 0) / GIB / point('act-qwen3-4b-v0').value - 1)).toBeLessThan(0.06);
  });

  it('of a vision model reaches at its high end all that the one VLM log on an L4 leaves', () => {
    const terms = vllmTerms(EIGHT_B, 'bf16', GENERIC);
    const high = ['non-torch', 'activation peak'].reduce((sum, name) => sum + (terms.find((item) => item.name === name)?.high ?? 0), 0);
    expect(high / GIB).toBeGreaterThanOrEqual(2.39);
  });

  it('grows with max_num_batched_tokens and with max_num_seqs', () => {
    const value = (change: Partial<typeof GENERIC>) => peak(vllmTerms(EIGHT_B, 'bf16', { ...GENERIC, ...change }))?.bytes ?? 0;
    expect(value({ maxNumBatchedTokens: 16_384 })).toBeGreaterThan(value({}));
    expect(value({ maxNumSeqs: 256 })).toBeGreaterThan(value({}));
  });
});

describe('the worked table: 2.4 GiB reserve, utilisation 0.90, loaded = file x 1.03', () => {
  it.each([
    ['L4 8B', 22.03, 17.2, 0.9, 6_800],
    ['L40S 8B', 44.4, 17.2, 21.1, 153_000],
    ['H100 8B', 79.18, 17.2, 52.4, 381_000],
    ['L4 4B', 22.03, 9.6, 8.2, 60_000],
    ['T4 4B in fp16', 14.56, 9.6, 1.5, 11_000],
    ['L40S 4B', 44.4, 9.6, 28.4, 206_000],
    ['H100 4B', 79.18, 9.6, 59.7, 434_000],
  ])('%s', (_row, visibleGib, fileGb, leftGib, tokens) => {
    const left = kvBytesLeft(0.9 * visibleGib * GIB, [fileGb * 1e9 * 1.03, 2.4 * GIB]);
    expect(left / GIB).toBeCloseTo(leftGib, 0);
    expect(Math.abs(kvTokens(left, 147_456) - tokens)).toBeLessThan(Math.max(0.02 * tokens, 500));
  });
});

it('the KV tokens of Qwen3-8B on L40S are right end to end within 5 %', () => {
  const terms = vllmTerms(QWEN3_8B, 'bf16', { ...GENERIC, maxNumSeqs: 256 });
  const others = terms.filter((item) => item.name !== 'CUDA graphs').map((item) => item.bytes);
  const tokens = kvTokens(kvBytesLeft(0.9 * 44.4 * GIB, others), 147_456);
  expect(Math.abs(tokens / point('kvtok-l40s-qwen3-8b-bf16').value - 1)).toBeLessThan(0.05);
});

describe('memory of a node', () => {
  it.each([
    ['g6.xlarge', 16, 4, 14_162],
    ['g6.2xlarge', 32, 8, 29_317],
    ['g6e.2xlarge', 64, 8, 59_627],
    ['g6f.4xlarge', 64, 16, 57_691],
    ['gr6.4xlarge', 128, 16, 118_312],
  ])('%s gives pods what Karpenter lists', (_type, memoryGib, vcpu, mib) => {
    expect(Math.abs(allocatableBytes(memoryGib, vcpu) / MIB - mib)).toBeLessThan(3);
  });
});

it('llama.cpp reserves n_ubatch x n_vocab x 4 B: 297 MiB for a vocabulary of 151,936', () => {
  const buffer = llamaTerms(QWEN3_8B, 'Q4_K_M', 'gpu').find((item) => item.name === 'compute buffer');
  expect(Math.round((buffer?.bytes ?? 0) / MIB)).toBe(297);
});
