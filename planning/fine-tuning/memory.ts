import type { Model } from '../../catalog/schema';
import { type Constant, exactly, type Ranged, scale } from '../ranged';
import { GIB } from '../units';
import { TRAINING } from './constants';
import { trainedParameters } from './trained';
import type { FineTuneMethod, TrainingTerm } from './types';

export interface TrainingSetup {
  readonly method: FineTuneMethod;
  readonly loraRank: number;
  /** GPUs that ZeRO-3 shards weights, gradients and optimiser over; 1 for none. */
  readonly shards: number;
  readonly checkpointing: boolean;
  /** Tokens of the language model in one micro-batch on one GPU. */
  readonly tokens: number;
  /** Patches of its images. */
  readonly patches: number;
}

const KORTHIKANTI = 'as Korthikanti et al., arXiv:2205.05198, 4.1, for SwiGLU, grouped queries and flash attention';
const BYTES = 2;

/** Memory of one GPU while training, term by term. Source of the sum: Rajbhandari et al., ZeRO, arXiv:1910.02054. */
export function trainingMemory(model: Model, setup: TrainingSetup): readonly TrainingTerm[] {
  const { shards, checkpointing, tokens } = setup;
  const trained = trainedParameters(model, setup.method, setup.loraRank);
  const extra = setup.method === 'lora' ? trained : 0;
  const all = model.parameters.total + extra;
  const over = shards > 1 ? ` / ${shards} GPUs` : '';
  return [
    term('weights', scale(TRAINING.weightBytes, all / shards), `${all} parameters x 2 B${over}`, TRAINING.weightBytes),
    term('gradients', scale(TRAINING.gradientBytes, trained / shards), `${trained} trained x 2 to 4 B${over}`, TRAINING.gradientBytes),
    term('optimiser', scale(TRAINING.optimiserBytes, trained / shards), `${trained} trained x 12 B${over}`, TRAINING.optimiserBytes),
    ...(shards > 1
      ? [
          term(
            'gathered weights',
            scale(TRAINING.gatheredParameters, BYTES),
            'live parameters of ZeRO-3 x 2 B',
            TRAINING.gatheredParameters,
          ),
        ]
      : []),
    {
      name: checkpointing ? 'activations, checkpointed' : 'activations',
      ...exactly(activationBytes(model, setup)),
      formula: checkpointing
        ? 'tokens x layers x hidden x 2 B, and one layer in full'
        : 'tokens x layers x 2 B x (4 hidden + 3 query + 3 key/value + 4 intermediate)',
      source: KORTHIKANTI,
    },
    term('logits', scale(TRAINING.logitBytes, tokens * model.text.vocabSize), 'tokens x vocabulary x 2 to 10 B', TRAINING.logitBytes),
    term('other', scale(TRAINING.otherGib, GIB), 'context, NCCL, fragments', TRAINING.otherGib),
  ];
}

/** Activations that the backward pass needs; those of the vision tower only where it is trained. */
function activationBytes(model: Model, { method, checkpointing, tokens, patches }: TrainingSetup): number {
  const { hiddenSize, intermediateSize, attentionHeads, kvHeads, headDim, layers } = model.text;
  const perToken = BYTES * (4 * hiddenSize + 3 * attentionHeads * headDim + 3 * kvHeads * headDim + 4 * intermediateSize);
  const language = stack(tokens, layers, perToken, BYTES * hiddenSize, checkpointing);
  if (!model.vision || method !== 'full') return language;
  const { hiddenSize: hidden, intermediateSize: ffn, layers: towerLayers } = model.vision;
  return language + stack(patches, towerLayers, BYTES * (8 * hidden + 2 * ffn), BYTES * hidden, checkpointing);
}

function stack(tokens: number, layers: number, perToken: number, kept: number, checkpointing: boolean): number {
  return checkpointing ? tokens * (layers * kept + perToken) : tokens * layers * perToken;
}

function term(name: string, bytes: Ranged, formula: string, { source }: Constant): TrainingTerm {
  return { name, value: bytes.value, low: bytes.low, high: bytes.high, formula, source };
}
