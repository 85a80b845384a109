import type { Question } from '../choose/question';
import { roundUp } from '../units';

/** Settings of an engine on which memory and speed depend; chosen before the fit, since the fit holds only for them. */
export interface EngineSettings {
  /** Tokens that one request may have. */
  readonly maxModelLen: number;
  /** Requests that the engine takes into a batch (vLLM), or slots (llama.cpp). */
  readonly maxNumSeqs: number;
  readonly maxNumBatchedTokens: number;
  readonly tensorParallel: number;
}

/** max_model_len is a multiple of this, so that small changes of the load do not change the flag. */
const CONTEXT_STEP_TOKENS = 1024;
/** llama.cpp divides -c among the slots; its own step is 256. */
const LLAMA_CONTEXT_STEP_TOKENS = 256;
/** Batch sizes that the kit sets; CUDA graphs are captured up to this size. */
const SEQUENCE_STEPS = [32, 64, 128, 256] as const;
/** vLLM's defaults of max_num_batched_tokens lie between these. */
const LEAST_BATCHED_TOKENS = 2048;
const MOST_BATCHED_TOKENS = 8192;
/** Slots of llama.cpp beyond which throughput falls. */
const MOST_LLAMA_SLOTS = 16;

/**
 * Settings for so many requests in flight per replica.
 * @param inFlight  requests that the replica must hold at once
 */
export function engineSettings({ engine, model, request }: Question, inFlight: number, tensorParallel: number): EngineSettings {
  const vllm = engine.kind === 'vllm';
  const step = vllm ? CONTEXT_STEP_TOKENS : LLAMA_CONTEXT_STEP_TOKENS;
  const last = SEQUENCE_STEPS[SEQUENCE_STEPS.length - 1] as number;
  return {
    maxModelLen: Math.min(roundUp(request.totalTokens, step), model.text.effectiveContext),
    maxNumSeqs: vllm ? (SEQUENCE_STEPS.find((size) => size >= inFlight) ?? last) : Math.min(Math.max(1, inFlight), MOST_LLAMA_SLOTS),
    maxNumBatchedTokens: Math.min(MOST_BATCHED_TOKENS, Math.max(LEAST_BATCHED_TOKENS, roundUp(request.inputTokens, CONTEXT_STEP_TOKENS))),
    tensorParallel,
  };
}
