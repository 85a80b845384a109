import type { Check } from './facts';
import { finding, type RuntimeFinding } from './finding';
import { at, integerAt, textAt } from './json-access';

/** All published stages of LLaVA-OneVision-1.5 train at this length; longer positions in a config are inherited from Qwen3. */
const TRAINED_CONTEXT_TOKENS = 32_768;

/** Can this card compute in the type of the weights? */
export const checkCard: Check = ({ gpu, precision, files }) => {
  const configured = files && (textAt(files.config, 'dtype') ?? textAt(files.config, 'torch_dtype'));
  const dtype = precision ?? (configured ? SHORT_NAMES[configured] : undefined);
  if (!gpu)
    return [finding('OVK-RUN-009', 'note', 'no card was named, so the numeric type was not compared with one.', 'name it with --gpu KEY.')];
  if (dtype === undefined) {
    return [
      finding(
        'OVK-RUN-009',
        'unknown',
        `the numeric type of the weights is ${configured ?? 'not named'}, so it cannot be compared with the ${gpu.name}.`,
        'name it with --precision.',
      ),
    ];
  }
  if (dtype === 'bf16' && !gpu.bf16Native) {
    const message = `the ${gpu.name} (compute capability ${gpu.computeCapability}) has no bf16: vLLM stops at its start.`;
    return [
      finding(
        'OVK-RUN-009',
        'refused',
        message,
        'take a card of compute capability 8.0 or later. fp16 would start; its range was not checked for this model.',
      ),
    ];
  }
  if (dtype === 'fp8' && !gpu.fp8Native) {
    return [
      finding(
        'OVK-RUN-009',
        'warning',
        `the ${gpu.name} has no fp8 units: weights are stored in fp8 and computed in 16 bit.`,
        'expect the memory of fp8 and the speed of bf16.',
      ),
    ];
  }
  if (dtype === 'fp16') {
    return [
      finding(
        'OVK-RUN-009',
        'unknown',
        'fp16 has less range than the bf16 of the published weights, and nobody checked this model in it.',
        'compare answers with bf16 on the golden images first.',
      ),
    ];
  }
  return [];
};

const SHORT_NAMES: Readonly<Record<string, string>> = { bfloat16: 'bf16', float16: 'fp16', float32: 'fp32' };

/** Requests stay within the positions that the model has, and within those that were trained. */
export const checkContext: Check = ({ files, model, maxModelLen }) => {
  const file = files ? 'config.json' : null;
  const positions = files ? integerAt(files.config, 'text_config', 'max_position_embeddings') : model?.text.maxPositions;
  const trained = Math.min(model?.text.effectiveContext ?? TRAINED_CONTEXT_TOKENS, TRAINED_CONTEXT_TOKENS);
  const findings: RuntimeFinding[] = [];
  if (positions === undefined) {
    findings.push(
      finding(
        'OVK-RUN-012',
        'unknown',
        'max_position_embeddings is missing: nobody knows how long a request may be.',
        'take config.json again.',
        file,
      ),
    );
  } else if (maxModelLen !== null && maxModelLen > positions) {
    findings.push(
      finding(
        'OVK-RUN-012',
        'refused',
        `${maxModelLen} tokens are more than the ${positions} positions of the model.`,
        `ask for ${Math.min(positions, trained)} at most.`,
        file,
      ),
    );
  }
  if (maxModelLen !== null && maxModelLen > trained) {
    findings.push(
      finding(
        'OVK-RUN-012',
        'refused',
        `${maxModelLen} tokens are more than the ${trained} that were trained.`,
        `ask for ${trained} at most.`,
        file,
      ),
    );
  }
  if (maxModelLen === null && positions !== undefined && positions > trained) {
    const message = `config.json allows ${positions} positions and only ${trained} were trained.`;
    findings.push(finding('OVK-RUN-012', 'warning', message, `keep --max-model-len of the plan, or set it to ${trained} at most.`, file));
  }
  return findings;
};

/** A quantised checkpoint: what its vision tower and its tensors are, the kit has not seen for this model. */
export const checkQuantisation: Check = ({ files, engine }) => {
  const method = files && at(files.config, 'quantization_config', 'quant_method');
  if (method === null || method === undefined) return [];
  const message = `the folder is quantised (${String(method)}); no quantised build of this model has been measured on ${engine.name}.`;
  return [finding('OVK-RUN-017', 'unknown', message, 'prove it on the golden images before it goes out.', 'config.json')];
};
