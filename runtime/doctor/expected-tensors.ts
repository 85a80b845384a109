import { at, integerAt, type JsonObject } from './json-access';

export type Shapes = ReadonlyMap<string, readonly number[]>;

/**
 * Name and shape of every tensor of an unquantised LLaVA-OneVision-1.5 checkpoint with this configuration; undefined when a dimension is
 * missing. Source: ds/llavaonevision1_5/modeling_llavaonevision1_5.py of EvolvingLMMs-Lab/LLaVA-OneVision-2@008e1088; the same table in
 * Python is runtimes/vllm-onevision/src/vllm_onevision/tensors.py.
 */
export function expectedTensors(config: JsonObject): Shapes | undefined {
  const text = (key: string) => integerAt(config, 'text_config', key);
  const vision = (key: string) => integerAt(config, 'vision_config', key);
  const [vocab, hidden, inner, layers] = [text('vocab_size'), text('hidden_size'), text('intermediate_size'), text('num_hidden_layers')];
  const [heads, kvHeads] = [text('num_attention_heads'), text('num_key_value_heads')];
  const [depth, width, wide, towerHeads] = [vision('depth'), vision('hidden_size'), vision('intermediate_size'), vision('num_heads')];
  const [patch, merge, channels] = [vision('patch_size'), vision('spatial_merge_size'), vision('in_channels') ?? 3];
  if (!vocab || !hidden || !inner || !layers || !heads || !kvHeads || !depth || !width || !wide || !towerHeads || !patch || !merge)
    return undefined;
  const headDim = text('head_dim') ?? hidden / heads;
  const merged = width * merge ** 2;
  return new Map<string, readonly number[]>([
    ['model.embed_tokens.weight', [vocab, hidden]],
    ['model.norm.weight', [hidden]],
    ...(tiedEmbeddings(config) ? [] : [['lm_head.weight', [vocab, hidden]] as const]),
    ...repeat(layers, 'model.layers', [
      ['input_layernorm.weight', [hidden]],
      ['post_attention_layernorm.weight', [hidden]],
      ['self_attn.q_norm.weight', [headDim]],
      ['self_attn.k_norm.weight', [headDim]],
      ['self_attn.q_proj.weight', [heads * headDim, hidden]],
      ['self_attn.k_proj.weight', [kvHeads * headDim, hidden]],
      ['self_attn.v_proj.weight', [kvHeads * headDim, hidden]],
      ['self_attn.o_proj.weight', [hidden, heads * headDim]],
      ['mlp.gate_proj.weight', [inner, hidden]],
      ['mlp.up_proj.weight', [inner, hidden]],
      ['mlp.down_proj.weight', [hidden, inner]],
    ]),
    ['visual.patch_embed.proj.weight', [width, channels, patch, patch]],
    ['visual.class_embedding', [width]],
    ['visual.class_pos_emb', [1, width / towerHeads / 2]],
    ...withBias('visual.pre_layernorm', [width]),
    ...withBias('visual.merger.ln_q', [width]),
    ...withBias('visual.merger.mlp.0', [merged, merged]),
    ...withBias('visual.merger.mlp.2', [hidden, merged]),
    ...repeat(depth, 'visual.blocks', [
      ...withBias('norm1', [width]),
      ...withBias('norm2', [width]),
      ...withBias('attn.qkv', [3 * width, width]),
      ...withBias('attn.proj', [width, width]),
      ...withBias('mlp.fc1', [wide, width]),
      ...withBias('mlp.fc2', [width, wide]),
    ]),
  ]);
}

type Entry = readonly [name: string, shape: readonly number[]];

function withBias(name: string, shape: readonly number[]): readonly Entry[] {
  return [
    [`${name}.weight`, shape],
    [`${name}.bias`, shape.slice(0, 1)],
  ];
}

/** Whether the embeddings are one matrix; undefined when the configuration does not say, and the tensors decide, as in the plugin. */
export function tiedEmbeddings(config: JsonObject): boolean | undefined {
  const said = at(config, 'text_config', 'tie_word_embeddings') ?? at(config, 'tie_word_embeddings');
  return said === undefined || said === null ? undefined : said === true;
}

function repeat(count: number, prefix: string, entries: readonly Entry[]): readonly Entry[] {
  return Array.from({ length: count }, (_, index) => entries.map(([name, shape]): Entry => [`${prefix}.${index}.${name}`, shape])).flat();
}
