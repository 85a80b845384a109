import { readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ExitCode } from '../../core/error';
import { exitCodeOfDiagnosis } from '../../runtime/doctor/diagnose';
import { diagnosisText } from '../../runtime/doctor/doctor-text';
import { readSafetensorsHeader } from '../../runtime/doctor/safetensors-header';
import { ask, checkpoint, editJson, type Json, rulesAt, safetensors, temporaryFolder } from './support';

describe('ovkit runtime doctor on the golden checkpoint', () => {
  it('finds nothing against it on vllm-onevision', () => {
    const diagnosis = ask(checkpoint(), { gpu: 'l4', precision: 'bf16' });
    expect(diagnosis.findings).toEqual([]);
    expect(diagnosis.state).toBe('serves');
    expect(exitCodeOfDiagnosis(diagnosis)).toBe(ExitCode.pass);
  });

  it('says that no card was named, without holding it against the model', () => {
    const diagnosis = ask(checkpoint());
    expect(rulesAt(diagnosis, 'note')).toEqual(['OVK-RUN-009']);
    expect(diagnosis.state).toBe('serves');
  });

  it('refuses it on stock vLLM and on llama.cpp', () => {
    expect(rulesAt(ask(checkpoint(), { engine: 'vllm' }), 'refused')).toContain('OVK-RUN-002');
    expect(rulesAt(ask(checkpoint(), { engine: 'llama.cpp' }), 'refused')).toContain('OVK-RUN-002');
  });
});

const config = (change: (value: Json) => void) => (folder: string) => editJson(folder, 'config.json', change);
const processor = (change: (value: Json) => void) => (folder: string) => editJson(folder, 'preprocessor_config.json', change);

/** Each mutation, the rule it must raise and a word of the message; nothing else may be refused. */
const REFUSED: readonly (readonly [name: string, rule: string, says: string, change: (folder: string) => void])[] = [
  [
    'another architecture',
    'OVK-RUN-002',
    'Qwen2VLForConditionalGeneration',
    config((c) => (c.architectures = ['Qwen2VLForConditionalGeneration'])),
  ],
  ['no architecture', 'OVK-RUN-002', 'no architecture at all', config((c) => delete c.architectures)],
  ['a text-only checkpoint', 'OVK-RUN-003', 'vision_config', config((c) => delete c.vision_config)],
  ['a dimension that is missing', 'OVK-RUN-004', 'text_config.num_hidden_layers', config((c) => delete c.text_config.num_hidden_layers)],
  ['a dimension that is no number', 'OVK-RUN-004', 'vision_config.depth', config((c) => (c.vision_config.depth = '2'))],
  ['a merger of another width', 'OVK-RUN-004', 'text_hidden_size', config((c) => (c.vision_config.text_hidden_size = 96))],
  ['another activation', 'OVK-RUN-004', 'quick_gelu', config((c) => (c.vision_config.hidden_act = 'quick_gelu'))],
  ['temporal_patch_size 2 in the tower', 'OVK-RUN-006', 'is 2', config((c) => (c.vision_config.temporal_patch_size = 2))],
  ['temporal_patch_size 2 in the processor', 'OVK-RUN-006', 'is 2', processor((p) => (p.temporal_patch_size = 2))],
  ['no temporal_patch_size in the processor', 'OVK-RUN-006', "Qwen2-VL's default", processor((p) => delete p.temporal_patch_size)],
  ['another patch size in the processor', 'OVK-RUN-004', 'patch_size is 16', processor((p) => (p.patch_size = 16))],
  ['pixel limits that leave no size', 'OVK-RUN-007', 'no size', processor((p) => (p.min_pixels = 9_000_000))],
  ['an unknown image processor', 'OVK-RUN-008', 'CLIPImageProcessor', processor((p) => (p.image_processor_type = 'CLIPImageProcessor'))],
  ['an image token outside of the vocabulary', 'OVK-RUN-010', 'outside', config((c) => (c.image_token_id = 151655))],
  ['another image token than the tokenizer', 'OVK-RUN-010', "tokenizer's <|image_pad|> is 510", config((c) => (c.image_token_id = 509))],
  ['no image token', 'OVK-RUN-010', 'image_token_id is missing', config((c) => delete c.image_token_id)],
  ['another end of text', 'OVK-RUN-010', '<|im_end|>', (f) => editJson(f, 'generation_config.json', (g) => (g.eos_token_id = 505))],
  ['no chat template', 'OVK-RUN-011', 'no chat template', (f) => rmSync(join(f, 'chat_template.jinja'))],
  [
    'a chat template without images',
    'OVK-RUN-011',
    '<|image_pad|>',
    (f) => writeFileSync(join(f, 'chat_template.jinja'), '{{ messages }}'),
  ],
  ['no rope_theta', 'OVK-RUN-020', 'rope_theta', config((c) => delete c.text_config.rope_theta)],
  ['no processor settings', 'OVK-RUN-018', 'preprocessor_config.json is missing', (f) => rmSync(join(f, 'preprocessor_config.json'))],
  ['a cut-off tokenizer', 'OVK-RUN-018', 'tokenizer.json is not JSON', (f) => truncateSync(join(f, 'tokenizer.json'), 5000)],
  ['truncated weights', 'OVK-RUN-014', 'truncated', (f) => truncateSync(join(f, 'model.safetensors'), 400_000)],
  ['weights cut inside the header', 'OVK-RUN-014', 'truncated', (f) => truncateSync(join(f, 'model.safetensors'), 100)],
  ['empty weights', 'OVK-RUN-014', '0 bytes', (f) => truncateSync(join(f, 'model.safetensors'), 0)],
  [
    'a Git LFS pointer',
    'OVK-RUN-014',
    'pointer',
    (f) => writeFileSync(join(f, 'model.safetensors'), 'version https://git-lfs.github.com/spec/v1\n'),
  ],
  ['weights of another size', 'OVK-RUN-016', 'another shape', config((c) => (c.text_config.intermediate_size = 128))],
  ['a layer too few in the weights', 'OVK-RUN-016', 'model.layers.2', config((c) => (c.text_config.num_hidden_layers = 3))],
  ['a layer too many in the weights', 'OVK-RUN-016', 'does not have', config((c) => (c.vision_config.depth = 1))],
  [
    'shards without an index',
    'OVK-RUN-015',
    'no model.safetensors.index.json',
    (f) => renameSync(join(f, 'model.safetensors'), join(f, 'model-00001-of-00002.safetensors')),
  ],
];

describe('ovkit runtime doctor on weights without an output matrix', () => {
  const without = (said: boolean | undefined) =>
    checkpoint((folder) => {
      editJson(folder, 'config.json', (values) => {
        if (said === undefined) delete values.tie_word_embeddings;
        else values.tie_word_embeddings = said;
      });
      const file = join(folder, 'model.safetensors');
      const raw = readFileSync(file);
      const header = JSON.parse(raw.subarray(8, 8 + Number(raw.readBigUInt64LE(0))).toString());
      const kept = Object.entries(header).filter(([name]) => name !== 'lm_head.weight' && name !== '__metadata__');
      writeFileSync(file, safetensors(Object.fromEntries(kept) as Parameters<typeof safetensors>[0]));
    });

  it('takes the embeddings for one where the configuration says so or says nothing, as the plugin does', () => {
    expect(ask(without(true)).findings.map(({ rule }) => rule)).not.toContain('OVK-RUN-016');
    expect(ask(without(undefined)).findings.map(({ rule }) => rule)).not.toContain('OVK-RUN-016');
    expect(ask(without(false)).findings.find(({ rule }) => rule === 'OVK-RUN-016')?.message).toContain('lm_head.weight');
  });
});

describe('ovkit runtime doctor refuses', () => {
  it.each(REFUSED)('%s', (_name, rule, says, change) => {
    const diagnosis = ask(checkpoint(change));
    expect(diagnosis.state).toBe('refused');
    expect(exitCodeOfDiagnosis(diagnosis)).toBe(ExitCode.violations);
    expect(rulesAt(diagnosis, 'refused')).toEqual([rule]);
    expect(diagnosisText(diagnosis)).toContain(says);
  });

  it('a head size without kernels', () => {
    const narrow = checkpoint(config((c) => (c.text_config.head_dim = 16)));
    expect(rulesAt(ask(narrow), 'refused')).toContain('OVK-RUN-005');
  });

  it('bf16 on a T4, and asks for a comparison of fp16 on it', () => {
    expect(rulesAt(ask(checkpoint(), { gpu: 't4', precision: 'bf16' }), 'refused')).toEqual(['OVK-RUN-009']);
    const half = ask(checkpoint(), { gpu: 't4', precision: 'fp16' });
    expect(rulesAt(half, 'unknown')).toEqual(['OVK-RUN-009']);
    expect(exitCodeOfDiagnosis(half)).toBe(ExitCode.unknown);
  });

  it('requests beyond the positions of the model, and beyond 32,768', () => {
    expect(rulesAt(ask(checkpoint(), { maxModelLen: 4097 }), 'refused')).toEqual(['OVK-RUN-012']);
    expect(rulesAt(ask(checkpoint(), { maxModelLen: 4096 }), 'refused')).toEqual([]);
    const long = checkpoint(config((c) => (c.text_config.max_position_embeddings = 262_144)));
    expect(rulesAt(ask(long), 'warning')).toEqual(['OVK-RUN-012']);
    expect(rulesAt(ask(long, { maxModelLen: 32_769 }), 'refused')).toEqual(['OVK-RUN-012']);
    expect(rulesAt(ask(long, { maxModelLen: 32_768 }), 'refused')).toEqual([]);
  });

  it('a version of vLLM that the plugin was not proven on', () => {
    expect(rulesAt(ask(checkpoint(), { engineVersion: '0.33.0' }), 'refused')).toEqual(['OVK-RUN-001']);
    expect(ask(checkpoint(), { engineVersion: '0.32.1+cpu' }).state).toBe('serves');
  });

  it('a shard that the index names and the folder lacks, even one outside of it', () => {
    for (const shard of ['model-00002-of-00002.safetensors', '../elsewhere.safetensors']) {
      const folder = checkpoint((f) => {
        const map = { 'lm_head.weight': shard, 'model.norm.weight': 'model.safetensors' };
        writeFileSync(join(f, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
      });
      expect(rulesAt(ask(folder), 'refused')).toEqual(['OVK-RUN-015']);
    }
  });

  it('an index that puts a tensor into the wrong file', () => {
    const folder = checkpoint((f) => {
      writeFileSync(join(f, 'other.safetensors'), safetensors({ extra: { dtype: 'F32', shape: [2] } }));
      const map = { 'lm_head.weight': 'other.safetensors', extra: 'other.safetensors', 'model.norm.weight': 'model.safetensors' };
      writeFileSync(join(f, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
    });
    expect(rulesAt(ask(folder), 'refused')).toEqual(['OVK-RUN-015']);
  });
});

describe('ovkit runtime doctor does not call unknown things right', () => {
  it('when the weights are elsewhere', () => {
    const diagnosis = ask(checkpoint((f) => rmSync(join(f, 'model.safetensors'))));
    expect(rulesAt(diagnosis, 'unknown')).toEqual(['OVK-RUN-019']);
    expect(exitCodeOfDiagnosis(diagnosis)).toBe(ExitCode.unknown);
  });

  it('when only the catalogue was asked', () => {
    const diagnosis = ask(null, { modelId: 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct', gpu: 'l40s', precision: 'bf16' });
    expect(diagnosis.state).toBe('unknown');
    expect(rulesAt(diagnosis, 'unknown')).toEqual(['OVK-RUN-019']);
  });

  it('when the folder is quantised, or was written by transformers 5', () => {
    expect(rulesAt(ask(checkpoint(config((c) => (c.quantization_config = { quant_method: 'awq' })))), 'unknown')).toEqual(['OVK-RUN-017']);
    expect(rulesAt(ask(checkpoint(config((c) => (c.transformers_version = '5.1.0')))), 'unknown')).toEqual(['OVK-RUN-013']);
  });
});

describe('the image processor', () => {
  const fast = processor((p) => (p.image_processor_type = 'Qwen2VLImageProcessorFast'));

  it('is a warning as Qwen2VLImageProcessorFast on the plugin, which loads it, and a refusal on stock vLLM', () => {
    expect(rulesAt(ask(checkpoint(fast)), 'warning')).toEqual(['OVK-RUN-008']);
    expect(rulesAt(ask(checkpoint(fast), { engine: 'vllm' }), 'refused')).toContain('OVK-RUN-008');
  });

  it('warns when pixel limits are left to a library', () => {
    const folder = checkpoint(
      processor((p) => {
        delete p.max_pixels;
        delete p.size;
      }),
    );
    expect(rulesAt(ask(folder), 'warning')).toEqual(['OVK-RUN-007']);
    expect(ask(folder).state).toBe('serves');
  });

  it('is read from processor_config.json, too, as transformers 5 writes it', () => {
    const folder = checkpoint((f) => {
      const value = JSON.parse(readFileSync(join(f, 'preprocessor_config.json'), 'utf8'));
      rmSync(join(f, 'preprocessor_config.json'));
      writeFileSync(join(f, 'processor_config.json'), JSON.stringify({ image_processor: { ...value, temporal_patch_size: 2 } }));
    });
    expect(rulesAt(ask(folder), 'refused')).toEqual(['OVK-RUN-006']);
  });
});

describe('bad input to the doctor', () => {
  it.each([
    ['a folder that is not there', () => '/nonexistent/model'],
    ['a folder without config.json', () => temporaryFolder()],
    ['a config.json that is no JSON', () => checkpoint((f) => writeFileSync(join(f, 'config.json'), '{'))],
    ['a config.json that is a list', () => checkpoint((f) => writeFileSync(join(f, 'config.json'), '[]'))],
  ])('names %s', (_name, folder) => {
    expect(() => ask(folder())).toThrow(/E_MODEL_FOLDER/);
  });

  it('names a wrong precision and engine', () => {
    expect(() => ask(checkpoint(), { precision: 'bf61' })).toThrow(/E_PRECISION_UNKNOWN.*Did you mean "bf16"/);
    expect(() => ask(checkpoint(), { engine: 'vlm' })).toThrow(/E_ENGINE_UNKNOWN/);
  });

  it('survives a header that lies', () => {
    const file = join(temporaryFolder(), 'x.safetensors');
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(2n ** 60n);
    writeFileSync(file, length);
    expect(readSafetensorsHeader(file)).toMatchObject({ ok: false });
    const text = Buffer.from('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,-4]}}');
    length.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(file, Buffer.concat([length, text]));
    expect(readSafetensorsHeader(file)).toMatchObject({ ok: false, reason: expect.stringContaining('describes a wrongly') });
  });
});
