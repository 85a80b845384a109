import type { Model } from '../../catalog/schema';
import { FAMILIES } from './families';
import type { HfConfig } from './hf-config';
import { countParameters, expertsOf, headDim, mlpWidth } from './parameters';

/** Where a `config.json` came from. */
export interface ConfigOrigin {
  readonly id: string;
  readonly aliases?: readonly string[];
  readonly source: string;
}

/**
 * A model of the catalogue's shape from a `config.json`, or undefined when the formulas do not hold for its architecture.
 * It has no artifacts and no licence: it serves estimates, never a release.
 */
export function modelOfConfig(config: HfConfig, origin: ConfigOrigin): Model | undefined {
  const family = FAMILIES[config.architecture];
  if (!family) return undefined;
  const { text, vision } = config;
  const experts = expertsOf(config);
  return {
    id: origin.id,
    title: origin.id,
    family: family.name,
    kind: vision ? 'vision-language' : 'text',
    role: 'different-model',
    note: 'A reference for estimates.',
    architecture: config.architecture,
    aliases: [...(origin.aliases ?? [])],
    knownRevisions: [],
    trustRemoteCode: false,
    parameters: countParameters(config, family),
    text: {
      layers: text.num_hidden_layers,
      hiddenSize: text.hidden_size,
      attentionHeads: text.num_attention_heads,
      kvHeads: text.num_key_value_heads ?? text.num_attention_heads,
      headDim: headDim(config),
      intermediateSize: mlpWidth(config),
      vocabSize: text.vocab_size,
      tiedEmbeddings: config.tied,
      maxPositions: text.max_position_embeddings,
      effectiveContext: text.max_position_embeddings,
      ...(experts
        ? { experts: { ...experts, ...(family.expertBytesPerWeight ? { bytesPerWeight: family.expertBytesPerWeight } : {}) } }
        : {}),
    },
    vision:
      vision && family.pixels
        ? {
            tower: family.tower ?? '',
            layers: vision.depth ?? vision.num_hidden_layers ?? 0,
            hiddenSize: vision.hidden_size,
            attentionHeads: vision.num_heads ?? vision.num_attention_heads ?? 1,
            intermediateSize: vision.intermediate_size,
            patchPx: vision.patch_size,
            mergeSize: config.spatialMergeSize ?? 2,
            temporalPatchSize: vision.temporal_patch_size ?? 1,
            minPixels: family.pixels.min,
            maxPixels: family.pixels.max,
          }
        : null,
    weights: [],
    artifacts: [],
    fineTuning: [],
    scores: [],
    source: origin.source,
  };
}
