import type { Engine, Model } from '../../catalog/schema';
import { KitError } from '../../core/error';
import type { Release } from '../../release/schema';
import { type StockModel, stockDimensions, tinyStock } from './stock-models';

/** What the bench takes from a plan, as plain data. */
export interface PlannedEngine {
  readonly args: readonly string[];
  readonly terms: readonly { readonly name: string; readonly bytes: number; readonly low: number; readonly high: number }[];
  readonly performance: unknown;
  readonly candidate: string | null;
}

export interface BenchRequest {
  readonly release: Release;
  readonly model: Model;
  readonly engine: Engine;
  readonly planned: PlannedEngine;
  /** Weights that are there already: a folder, or a GGUF file. Without them random ones of the model's dimensions are written. */
  readonly checkpoint: string | null;
  /** Dimensions of the tiny test checkpoint, fp32 and eager, to try the bench without a GPU. */
  readonly tiny: boolean;
  /** python3 of an environment with vLLM, or the llama-server binary. */
  readonly program: string;
  /** Folder with the tokenizer of a checkpoint of random weights; relative paths start at the job's own file. */
  readonly tokenizer: string;
  readonly sweep: readonly number[];
  readonly requestsPerStep: number;
  /** Stock models to measure in the same run, on the same machine, with the same flags and load. */
  readonly beside: readonly StockModel[];
}

/** rope_theta of the published configurations (configuration_llavaonevision1_5.py at 008e1088; huggingface/transformers PR #41095). */
const ROPE_THETA: Readonly<Record<string, number>> = {
  'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct': 5_000_000,
  'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct': 1_000_000,
};
const RANDOM_ARCHITECTURE = 'LLaVAOneVision1_5_ForConditionalGeneration';
const SERVED_NAME = 'bench';
/** From this level on llama.cpp v0.5.0 says the sizes of its buffers. */
const LLAMA_VERBOSITY = '4';
const BYTES = { BF16: 2, F32: 4 } as const;

/** The tiny checkpoint of runtimes/vllm-onevision/golden, with the vocabulary of its tokenizer. */
const TINY = {
  text: {
    layers: 2,
    hiddenSize: 64,
    attentionHeads: 4,
    kvHeads: 2,
    headDim: 32,
    intermediateSize: 96,
    vocabSize: 512,
    tiedEmbeddings: false,
    maxPositions: 4096,
  },
  vision: {
    layers: 2,
    hiddenSize: 32,
    attentionHeads: 2,
    intermediateSize: 64,
    patchPx: 14,
    mergeSize: 2,
    temporalPatchSize: 1,
    minPixels: 3136,
    maxPixels: 2_560_000,
  },
  ropeTheta: 5_000_000,
  weightsBytes: 1_000_000,
} as const;
const TINY_ARGS = [
  '--dtype',
  'float32',
  '--enforce-eager',
  '--max-model-len',
  '4096',
  '--max-num-seqs',
  '4',
  '--limit-mm-per-prompt',
  '{"image":1,"video":0}',
];
/** A tiny run shows that every part works; its figures mean nothing, so it asks little. */
const TINY_SHAPE = { prompt_tokens: 40, output_tokens: 8, image_width: 112, image_height: 112 };

/**
 * The job of runtimes/bench: what to start, with which arguments, what to send and what the plan expects.
 * @throws KitError E_BENCH when random weights of this model cannot be made and none are given
 */
export function benchJob(request: BenchRequest): Readonly<Record<string, unknown>> {
  const { release, model, engine, planned, tiny, program, beside } = request;
  const dtype = tiny ? 'F32' : 'BF16';
  const { load } = release;
  return {
    model: { id: model.id, revision: release.model.revision, precision: release.model.precision, tiny },
    dimensions: request.checkpoint === null ? (tiny ? TINY : dimensionsOf(model, BYTES[dtype])) : null,
    checkpoint: request.checkpoint,
    tokenizer: request.tokenizer,
    dtype,
    engine: {
      name: engine.name,
      kind: engine.kind,
      version: engine.version,
      servedName: SERVED_NAME,
      command: commandOf(engine, program),
      args: tiny && engine.kind === 'vllm' ? TINY_ARGS : planned.args,
    },
    shape: {
      images: load.imagesPerRequest,
      ...(tiny && engine.kind === 'vllm'
        ? TINY_SHAPE
        : {
            prompt_tokens: load.promptTokens,
            output_tokens: load.outputTokens,
            image_width: load.imageWidthPx ?? 0,
            image_height: load.imageHeightPx ?? 0,
          }),
    },
    sweep: request.sweep,
    requestsPerStep: request.requestsPerStep,
    beside: beside.map((stock) => ({
      model: { id: stock.id, revision: null, precision: release.model.precision, tiny },
      dimensions: tiny ? tinyStock(stock, TINY.vision) : stockDimensions(stock, model),
      args: tiny ? TINY_ARGS : without(planned.args, ['--revision', '--mm-processor-kwargs']),
    })),
    plannedTerms: tiny ? [] : planned.terms,
    planned: tiny ? null : { candidate: planned.candidate, performance: planned.performance },
  };
}

/** The arguments without these options and their values: the revision is not theirs, and their pixel limits stand in their own files. */
function without(args: readonly string[], options: readonly string[]): readonly string[] {
  return args.filter((arg, index) => !options.includes(arg) && !options.includes(args[index - 1] ?? ''));
}

function commandOf({ kind }: Engine, program: string): readonly string[] {
  const listen = ['--host', '127.0.0.1', '--port', '{port}'];
  return kind === 'vllm'
    ? [program, '-m', 'vllm.entrypoints.openai.api_server', '--model', '{model}', '--served-model-name', SERVED_NAME, ...listen]
    : [program, '-m', '{model}', '--alias', SERVED_NAME, '-lv', LLAMA_VERBOSITY, ...listen];
}

function dimensionsOf(model: Model, bytesPerValue: number): unknown {
  const ropeTheta = ROPE_THETA[model.id];
  if (model.architecture !== RANDOM_ARCHITECTURE || ropeTheta === undefined || model.vision === null) {
    throw new KitError({
      code: 'E_BENCH',
      message: `random weights can be written for ${Object.keys(ROPE_THETA).join(' and ')}, not for ${model.id}.`,
      next: 'name weights of your own with --checkpoint.',
    });
  }
  return { text: model.text, vision: model.vision, ropeTheta, weightsBytes: model.parameters.total * bytesPerValue };
}
