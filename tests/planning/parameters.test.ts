import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { HfConfigSchema } from '../../planning/estimate/hf-config';
import { modelOfConfig } from '../../planning/estimate/model-of-config';
import { findReference, loadReferences } from '../../planning/estimate/reference';
import { model } from './support';

const REFERENCES = loadReferences(fromRoot('catalog/reference'));

describe('parameters counted from a config.json equal what the Hub lists', () => {
  it.each([
    ['Qwen3-0.6B', 596_049_920],
    ['Qwen3-1.7B', 1_720_574_976],
    ['Qwen3-4B', 4_022_468_096],
    ['Qwen3-8B', 8_190_735_360],
    ['Qwen3-14B', 14_768_307_200],
    ['Qwen3-32B', 32_762_123_264],
    ['Llama-3.1-8B', 8_030_261_248],
    ['Llama-3.3-70B-Instruct', 70_553_706_496],
    ['Llama-3.2-1B', 1_235_814_400],
    ['Llama-3.2-3B', 3_212_749_824],
    ['Llama-2-7B', 6_738_415_616],
    ['Mistral-7B-Instruct-v0.3', 7_248_023_552],
    ['Llama-3-70B', 70_553_706_496],
    ['Llama-3.1-405B', 405_853_388_800],
    ['Llama-2-70B', 68_976_648_192],
    ['TinyLlama-1.1B', 1_100_048_384],
    ['SmolLM2-1.7B', 1_711_376_384],
    ['Mistral-Nemo-Instruct-2407', 12_247_782_400],
    ['Mistral-Small-Instruct-2409', 22_247_282_688],
    ['DeepSeek-R1-Distill-Qwen-1.5B', 1_777_088_000],
    ['QwQ-32B', 32_763_876_352],
    ['Qwen2.5-7B-Instruct', 7_615_616_512],
    ['Qwen2.5-VL-3B-Instruct', 3_754_622_976],
    ['Qwen2.5-VL-7B-Instruct', 8_292_166_656],
    ['Qwen3-VL-4B-Instruct', 4_437_815_808],
    ['Qwen3-VL-8B-Instruct', 8_767_123_696],
    ['Mistral-Small-3.2-24B-Instruct-2506', 24_011_361_280],
  ])('%s', (name, parameters) => {
    expect(findReference(REFERENCES, name)?.model?.parameters.total).toBe(parameters);
  });
});

it.each([
  ['lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', 2560, 9728, 4_741_610_528],
  ['lmms-lab/LLaVA-OneVision-1.5-8B-Instruct', 4096, 12288, 8_527_214_624],
])('%s: its config.json gives the parameters of the catalogue', (id, hidden, mlp, parameters) => {
  const config = HfConfigSchema.parse({
    architectures: ['LLaVAOneVision1_5_ForConditionalGeneration'],
    tie_word_embeddings: false,
    text_config: {
      hidden_size: hidden,
      num_hidden_layers: 36,
      num_attention_heads: 32,
      num_key_value_heads: 8,
      head_dim: 128,
      intermediate_size: mlp,
      vocab_size: 151_936,
      max_position_embeddings: 32_768,
    },
    vision_config: {
      depth: 24,
      hidden_size: 1024,
      intermediate_size: 4096,
      num_heads: 16,
      patch_size: 14,
      spatial_merge_size: 2,
      temporal_patch_size: 1,
    },
  });
  const made = modelOfConfig(config, { id, source: 'test' });
  expect(made?.parameters.total).toBe(parameters);
  expect(made?.parameters).toEqual(model(id).parameters);
});
