import type { Model } from '../../catalog/schema';
import { FAMILIES, type Family } from './families';
import { type HfConfig, scaledPositions } from './hf-config';
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
  const family = familyOf(config.architecture);
  if (!family || whyUnmodelled(config) !== undefined) return undefined;
  const { text, vision } = config;
  const experts = expertsOf(config);
  const positions = scaledPositions(text);
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
      maxPositions: positions,
      effectiveContext: positions,
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

/** Why the formulas do not hold for a model; undefined when they do. */
export function whyUnmodelled(config: HfConfig): string | undefined {
  const family = familyOf(config.architecture);
  if (!family) return noFormulas(config.architecture);
  const { text } = config;
  const counted = expertsOf(config);
  if (family.experts !== (counted !== undefined))
    return family.experts
      ? 'it does not say how many experts it has, or how many a token takes'
      : `it has experts, which ${family.name} has not`;
  if (counted && counted.perToken > counted.count) return `a token takes ${counted.perToken} of ${counted.count} experts`;
  if (text.shared_expert_intermediate_size) return 'it has a shared expert beside the others';
  if ((text.decoder_sparse_step ?? 1) !== 1 || (text.mlp_only_layers?.length ?? 0) > 0) return 'only some of its layers have experts';
  return undefined;
}

/** What is said of an architecture that the formulas do not describe. */
export function noFormulas(architecture: string): string {
  return `the formulas do not hold for ${architecture}`;
}

/** The family of an architecture; a name such as "constructor" is none. */
export function familyOf(architecture: string): Family | undefined {
  return Object.hasOwn(FAMILIES, architecture) ? FAMILIES[architecture] : undefined;
}
