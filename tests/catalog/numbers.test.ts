import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import type { Model } from '../../catalog/schema';

/*
 * Every count that the catalogue repeats is computed again here from the dimensions, tensor by tensor.
 * Layouts: Qwen3 (q/k norm, no bias), Qwen2 (bias on q, k, v), Llama (neither); RICE-ViT and its merger from
 * EvolvingLMMs-Lab/LLaVA-OneVision-2@008e1088 ds/llavaonevision1_5/modeling_llavaonevision1_5.py; Qwen3-VL from transformers.
 */
const catalog = loadCatalog();
const byId = (id: string): Model => {
  const model = catalog.models.find((candidate) => candidate.id === id);
  if (!model) throw new Error(id);
  return model;
};

function languageParameters(text: Model['text'], layout: { qkNorm: boolean; qkvBias: boolean }): number {
  const { layers, hiddenSize: hidden, attentionHeads, kvHeads, headDim, intermediateSize, vocabSize } = text;
  const queries = attentionHeads * headDim;
  const keys = kvHeads * headDim;
  const attention = 2 * hidden * queries + 2 * hidden * keys;
  const layer =
    attention + 3 * hidden * intermediateSize + 2 * hidden + (layout.qkNorm ? 2 * headDim : 0) + (layout.qkvBias ? queries + 2 * keys : 0);
  return vocabSize * hidden * (text.tiedEmbeddings ? 1 : 2) + layers * layer + hidden;
}

/** Transformer blocks of a ViT with biases everywhere and two LayerNorms. */
function vitBlocks(vision: NonNullable<Model['vision']>): number {
  const { layers, hiddenSize: hidden, intermediateSize } = vision;
  const attention = 3 * hidden * hidden + 3 * hidden + hidden * hidden + hidden;
  return layers * (attention + 2 * hidden * intermediateSize + intermediateSize + hidden + 4 * hidden);
}

function mergerParameters(hidden: number, mergeSize: number, out: number): number {
  const merged = hidden * mergeSize ** 2;
  return 2 * hidden + merged * merged + merged + merged * out + out;
}

const visionOf = (model: Model): NonNullable<Model['vision']> => {
  if (!model.vision) throw new Error(`${model.id} has no vision tower`);
  return model.vision;
};

describe('the language models', () => {
  it.each([
    ['lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', 4_411_424_256],
    ['lmms-lab/LLaVA-OneVision-1.5-8B-Instruct', 8_190_735_360],
    ['Qwen/Qwen3-VL-4B-Instruct-GGUF', 4_022_468_096],
    ['Qwen/Qwen3-VL-8B-Instruct-GGUF', 8_190_735_360],
  ])('%s has the parameters of its dimensions', (id, parameters) => {
    const model = byId(id);
    expect(languageParameters(model.text, { qkNorm: true, qkvBias: false })).toBe(parameters);
    expect(model.parameters.language).toBe(parameters);
  });

  it.each(catalog.models.filter((model) => /^LLaVA-OneVision-(1\.5|2)$/.test(model.family)).map((model) => [model.id, model] as const))(
    '%s has the Qwen3 layout with a separate lm_head',
    (_id, model) => {
      expect(model.text.tiedEmbeddings).toBe(false);
      expect(model.parameters.language).toBe(languageParameters(model.text, { qkNorm: true, qkvBias: false }));
    },
  );

  it('LLaVA-OneVision 1.0 has Qwen2 with biases on q, k and v', () => {
    const model = byId('lmms-lab/llava-onevision-qwen2-7b-ov');
    expect(model.parameters.language).toBe(languageParameters(model.text, { qkNorm: false, qkvBias: true }));
  });

  it('SmolLM2 has as many elements as the tensors of its GGUF', () => {
    const model = byId('HuggingFaceTB/SmolLM2-135M-Instruct-GGUF');
    expect(model.parameters.language).toBe(languageParameters(model.text, { qkNorm: false, qkvBias: false }));
    expect(model.parameters.total).toBe(134_515_008);
  });
});

describe('the vision towers', () => {
  const riceModels = catalog.models.filter((model) => model.vision?.tower === 'RICE-ViT-L/14-560');

  it('RICE-ViT stands in all five models of the 1.5 family', () => {
    expect(riceModels).toHaveLength(5);
  });

  it.each(riceModels.map((model) => [model.id, model] as const))('%s: RICE-ViT 302,914,592 and its merger', (_id, model) => {
    const vision = visionOf(model);
    const hidden = vision.hiddenSize;
    const headDim = hidden / vision.attentionHeads;
    const patch = 3 * vision.temporalPatchSize * vision.patchPx ** 2 * hidden;
    const classToken = hidden + headDim / 2;
    const preLayerNorm = 2 * hidden;
    expect(patch + classToken + preLayerNorm + vitBlocks(vision)).toBe(302_914_592);
    expect(model.parameters.vision).toBe(302_914_592);
    expect(model.parameters.merger).toBe(mergerParameters(hidden, vision.mergeSize, model.text.hiddenSize));
    expect(model.parameters.merger).toBe(model.text.hiddenSize === 2560 ? 27_271_680 : 33_564_672);
  });

  it('OneVision-2 is RICE-ViT without the class token and its position', () => {
    const model = byId('lmms-lab/LLaVA-OneVision-2-8B-Instruct');
    expect(model.parameters.vision).toBe(302_914_592 - 1024 - 32);
    expect(model.parameters.merger).toBe(33_564_672);
  });

  it.each(['Qwen/Qwen3-VL-4B-Instruct-GGUF', 'Qwen/Qwen3-VL-8B-Instruct-GGUF'])('%s: ViT, merger and three DeepStack mergers', (id) => {
    const model = byId(id);
    const vision = visionOf(model);
    const hidden = vision.hiddenSize;
    const merged = hidden * vision.mergeSize ** 2;
    const patch = 3 * vision.temporalPatchSize * vision.patchPx ** 2 * hidden + hidden;
    const positions = 2304 * hidden;
    const mergers = [2 * hidden, 2 * merged, 2 * merged, 2 * merged].map(
      (norm) => norm + merged * merged + merged + merged * model.text.hiddenSize + model.text.hiddenSize,
    );
    expect(model.parameters.vision).toBe(patch + positions + vitBlocks(vision));
    expect(model.parameters.merger).toBe(mergers.reduce((sum, part) => sum + part, 0));
  });

  it('LLaVA-OneVision 1.0: SigLIP so400m without its last layer, a two-layer projector and the newline vector', () => {
    const model = byId('lmms-lab/llava-onevision-qwen2-7b-ov');
    const vision = visionOf(model);
    const hidden = vision.hiddenSize;
    const positions = (384 - (384 % vision.patchPx)) / vision.patchPx;
    const siglip = 3 * vision.patchPx ** 2 * hidden + hidden + positions ** 2 * hidden + vitBlocks(vision) + 2 * hidden;
    expect(model.parameters.vision).toBe(siglip);
    const out = model.text.hiddenSize;
    expect(model.parameters.merger).toBe(hidden * out + out + out * out + out + out);
    expect(model.parameters.total).toBe(8_030_348_832);
  });
});

describe('the sums', () => {
  it.each([
    ['lmms-lab/LLaVA-OneVision-1.5-4B-Instruct', 4_741_610_528, 9_483_221_056],
    ['lmms-lab/LLaVA-OneVision-1.5-8B-Instruct', 8_527_214_624, 17_054_429_248],
  ])('%s: total and bf16 bytes', (id, total, bf16Bytes) => {
    expect(byId(id).parameters.total).toBe(total);
    expect(2 * byId(id).parameters.total).toBe(bf16Bytes);
  });

  it('a token of KV cache takes 147,456 bytes in bf16 in every 1.5 model', () => {
    for (const { text, family } of catalog.models) {
      if (family !== 'LLaVA-OneVision-1.5') continue;
      expect(2 * text.layers * text.kvHeads * text.headDim * 2).toBe(147_456);
    }
  });

  it('no 1.5 model is served beyond the length it was trained on', () => {
    for (const model of catalog.models) if (model.family === 'LLaVA-OneVision-1.5') expect(model.text.effectiveContext).toBe(32_768);
  });
});

describe('GGUF files', () => {
  const files = catalog.models.flatMap((model) =>
    model.weights.filter((weights) => weights.file?.endsWith('.gguf')).map((weights) => ({ model, weights })),
  );

  it.each(files.map(({ model, weights }) => [`${model.id} ${weights.precision}`, model, weights] as const))(
    '%s has its bytes and hash, and a plausible number of bits per weight',
    (_name, model, weights) => {
      expect(weights.sha256).toBeDefined();
      const bits = ((weights.fileBytes ?? 0) * 8) / model.parameters.language;
      // ggml block sizes: Q4_1 5.0, Q8_0 8.5, F16 16; Q4_K_M is a mix (4.89 on Llama-3.1-8B); SmolLM2 keeps its embedding in Q8_0.
      const [low, high] = { Q4_1: [5, 6], Q4_K_M: [4.8, 5.1], Q8_0: [8.5, 8.6], F16: [16, 16.1] }[weights.precision as string] ?? [0, 0];
      expect(bits).toBeGreaterThanOrEqual(low as number);
      expect(bits).toBeLessThanOrEqual(high as number);
      if (model.vision) {
        expect(((weights.projectorBytes ?? 0) * 8) / (model.parameters.vision + model.parameters.merger)).toBeCloseTo(16.1, 0);
        expect(weights.projectorSha256).toBeDefined();
      }
    },
  );
});
