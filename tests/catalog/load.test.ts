import { describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import type { Model } from '../../catalog/schema';

const catalog = loadCatalog();

describe('the catalogue', () => {
  it('holds 10 models, 3 engines, 13 GPUs and 126 instance types, 64 of them with a GPU', () => {
    expect(catalog.models).toHaveLength(10);
    expect(catalog.engines.map((engine) => engine.name).sort()).toEqual(['llama.cpp', 'vllm', 'vllm-onevision']);
    expect(catalog.gpus).toHaveLength(13);
    expect(catalog.instances).toHaveLength(126);
    expect(catalog.instances.filter((instance) => instance.gpu !== null)).toHaveLength(64);
  });

  it('begins with the model of the puppet show', () => {
    expect(catalog.models[0]?.id).toBe('lmms-lab/LLaVA-OneVision-1.5-4B-Instruct');
  });

  it('is read once per process', () => {
    expect(loadCatalog()).toBe(catalog);
  });
});

describe('engines', () => {
  const serving = (model: Model): string[] =>
    catalog.engines.filter((engine) => engine.architectures.includes(model.architecture)).map((engine) => engine.name);

  it.each(catalog.models.filter((model) => model.family === 'LLaVA-OneVision-1.5').map((model) => [model.id, model] as const))(
    '%s is served by the plugin image alone, not by stock vLLM or llama.cpp',
    (_id, model) => {
      expect(serving(model)).toEqual(['vllm-onevision']);
    },
  );

  it('stock vLLM serves LLaVA-OneVision-2, llama.cpp the GGUF models, and nothing the original 1.0 repository', () => {
    const engineOf = Object.fromEntries(catalog.models.map((model) => [model.id, serving(model)]));
    expect(engineOf['lmms-lab/LLaVA-OneVision-2-8B-Instruct']).toEqual(['vllm']);
    expect(engineOf['Qwen/Qwen3-VL-4B-Instruct-GGUF']).toEqual(['llama.cpp']);
    expect(engineOf['HuggingFaceTB/SmolLM2-135M-Instruct-GGUF']).toEqual(['llama.cpp']);
    expect(engineOf['lmms-lab/llava-onevision-qwen2-7b-ov']).toEqual([]);
  });

  it('a model that some engine serves has a precision which that engine takes', () => {
    for (const model of catalog.models) {
      for (const engine of catalog.engines.filter((candidate) => candidate.architectures.includes(model.architecture))) {
        expect(model.weights.some((weights) => engine.precisions.includes(weights.precision))).toBe(true);
      }
    }
  });
});

describe('prices', () => {
  const priced = (region: string): string[] =>
    catalog.instances.filter((instance) => typeof instance.price[region]?.usdPerHour === 'number').map((instance) => instance.family);

  it('eu-west-1 has no g6, g6e, g7e, p5 or p6, and says "not offered", not "unknown"', () => {
    expect([...new Set(priced('eu-west-1'))].sort()).toEqual(['g4dn', 'g5', 'p4d']);
    for (const instance of catalog.instances) {
      if (/^(g6|g6e|g6f|g7e|p5|p5e|p5en|p6-b200|p6-b300|p4de)$/.test(instance.family)) {
        expect(instance.price['eu-west-1']?.basis).toBe('not-offered');
      }
    }
  });

  it('p5e has no price anywhere', () => {
    const p5e = catalog.instances.find((instance) => instance.type === 'p5e.48xlarge');
    expect(Object.values(p5e?.price ?? {}).map((price) => price.usdPerHour)).toEqual([null, null, null]);
  });

  it('is null and never 0 where nobody knows it', () => {
    for (const { type, price } of catalog.instances) {
      for (const [region, { usdPerHour, basis, detail }] of Object.entries(price)) {
        expect([type, region, usdPerHour === null]).toEqual([type, region, basis === 'not-offered' || basis === 'unknown']);
        expect(detail).not.toBe('');
      }
    }
  });

  it.each([
    ['g6.xlarge', 'us-east-1', 0.8048, 'sourced'],
    ['g6e.xlarge', 'us-east-1', 1.861, 'sourced'],
    ['g5.xlarge', 'us-west-2', 1.006, 'derived'],
    ['g5.12xlarge', 'eu-west-1', 6.3317, 'sourced'],
    ['p5.48xlarge', 'us-west-2', 55.04, 'sourced'],
  ])('%s in %s costs %d (%s)', (type, region, usdPerHour, basis) => {
    const price = catalog.instances.find((instance) => instance.type === type)?.price[region];
    expect(price?.usdPerHour).toBeCloseTo(usdPerHour, 4);
    expect(price?.basis).toBe(basis);
  });

  it('calls prices of services unverified, since no page was read', () => {
    expect(new Set(catalog.prices.services.map((service) => service.basis))).toEqual(new Set(['unverified']));
  });

  it('has a fraction of a GPU for g6f, not zero', () => {
    const g6f = catalog.instances.find((instance) => instance.type === 'g6f.xlarge');
    expect([g6f?.gpuCount, g6f?.fractionalGpu, g6f?.gpuMemoryEc2Mib]).toEqual([0.125, true, 2861]);
  });
});

describe('GPUs', () => {
  it.each([
    ['t4', 16384, 14.56, false],
    ['l4', 22888, 22.06, true],
    ['l40s', 45776, 44.4, true],
  ])('%s: the EC2 figure %d MiB is not what CUDA sees (%d GiB)', (key, ec2ApiMib, cudaVisibleGib, bf16Native) => {
    const gpu = catalog.gpus.find((candidate) => candidate.key === key);
    expect(gpu).toMatchObject({ ec2ApiMib, cudaVisibleGib, bf16Native });
    expect(gpu?.cudaVisibleSource).toBeTruthy();
  });

  it('has HBM on data-centre cards only', () => {
    expect(catalog.gpus.filter((gpu) => gpu.memoryClass === 'hbm').map((gpu) => gpu.key)).toEqual([
      'a100',
      'a100-80gb',
      'h100',
      'h200',
      'b200',
      'b300',
    ]);
  });
});

describe('lineage', () => {
  const main = catalog.models[0] as Model;
  const artifact = (id: string) => main.artifacts.find((candidate) => candidate.id === id);

  it('the 4B carries its tower, base model, data, code, recipes and logs', () => {
    const kinds = new Set(main.artifacts.map((candidate) => candidate.kind));
    for (const kind of [
      'weights',
      'remote-code',
      'tokenizer',
      'base-model',
      'vision-tower',
      'dataset',
      'data-source',
      'training-code',
      'training-recipe',
      'configs',
      'training-logs',
      'paper',
    ] as const) {
      expect(kinds).toContain(kind);
    }
  });

  it('shared artifacts flow into the weights of the model that names them', () => {
    for (const model of catalog.models) {
      const weights = model.artifacts.find((candidate) => candidate.kind === 'weights')?.id;
      const roots = model.artifacts.filter((candidate) => candidate.partOf === undefined);
      expect(roots.map((root) => root.id)).toEqual([weights]);
    }
  });

  it('knows the former ids of the data, the typo included', () => {
    expect(artifact('hf:dataset/mvp-lab/LLaVA-OneVision-1.5-Instruct-Data')?.formerIds).toContain(
      'hf:dataset/lmms-lab/LLaVA-OneVision-1.5-Insturct-Data',
    );
    expect(artifact('hf:dataset/mvp-lab/LLaVA-OneVision-1.5-Mid-Training-85M')?.formerIds).toContain(
      'hf:dataset/lmms-lab/LLaVA-One-Vision-1.5-Mid-Training-85M',
    );
  });

  it('each restrictive source stands under the dataset that used it', () => {
    expect(artifact('data:SA-1B')?.partOf).toBe('hf:dataset/mvp-lab/LLaVA-OneVision-1.5-Mid-Training-85M');
    expect(artifact('data:ShareGPT4V')?.partOf).toBe('hf:dataset/mvp-lab/LLaVA-OneVision-1.5-Instruct-Data');
  });

  it('the Base models stop before the instruction data', () => {
    for (const model of catalog.models.filter((candidate) => candidate.role === 'base')) {
      expect(model.artifacts.some((candidate) => candidate.id.includes('Instruct-Data'))).toBe(false);
    }
  });
});
