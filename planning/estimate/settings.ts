import { vllmDefaults } from '../engine-flags/vllm-defaults';
import type { RequestShape } from '../request';
import { roundUp } from '../units';
import type { EstimateRequest, EstimateSettings } from './types';

/** llama-server rounds the context of a slot up to so many tokens. */
const LLAMA_CONTEXT_STEP_TOKENS = 256;

/** The settings of the engine: as asked, and where nothing was asked as the engine's version sets them by itself. */
export function estimateSettings(request: EstimateRequest, shape: RequestShape): EstimateSettings {
  const { device, model } = request;
  if (request.engine === 'llama.cpp') return llamaSettings(request, shape);
  const maxModelLen = request.maxModelLen ?? model.text.maxPositions;
  const facts = { key: device.key, visibleBytes: device.visibleBytes, computeCapability: Number(device.gpu?.computeCapability ?? 0) };
  const defaults = vllmDefaults(request.engineVersion, facts, { maxModelLen, vision: model.vision !== null });
  const chosen = {
    gpuMemoryUtilization: request.gpuMemoryUtilization ?? defaults.gpuMemoryUtilization,
    maxModelLen,
    maxNumSeqs: request.maxNumSeqs ?? defaults.maxNumSeqs,
    maxNumBatchedTokens: request.maxNumBatchedTokens ?? defaults.maxNumBatchedTokens,
  };
  return {
    ...chosen,
    kvDtype: request.kvDtype,
    tensorParallel: request.tensorParallel,
    enforceEager: request.enforceEager ?? false,
    defaults: [
      ...(request.gpuMemoryUtilization === undefined ? ['gpu-memory-utilization'] : []),
      ...(request.maxModelLen === undefined ? ['max-model-len'] : []),
      ...(request.maxNumSeqs === undefined ? ['max-num-seqs'] : []),
      ...(request.maxNumBatchedTokens === undefined ? ['max-num-batched-tokens'] : []),
    ],
  };
}

/** llama-server holds one context for each slot; it reserves all of them when it starts. */
function llamaSettings(request: EstimateRequest, shape: RequestShape): EstimateSettings {
  const slots = request.maxNumSeqs ?? request.load.concurrency ?? 1;
  return {
    gpuMemoryUtilization: null,
    maxModelLen: request.maxModelLen ?? roundUp(shape.totalTokens, LLAMA_CONTEXT_STEP_TOKENS),
    maxNumSeqs: slots,
    maxNumBatchedTokens: null,
    kvDtype: request.kvDtype,
    tensorParallel: 1,
    enforceEager: false,
    defaults: [...(request.maxModelLen === undefined ? ['-c'] : []), ...(request.maxNumSeqs === undefined ? ['-np'] : [])],
  };
}
