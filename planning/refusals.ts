import type { Question } from './choose/question';
import { MAX_ASPECT_RATIO } from './image-tokens';
import type { PlanProblem } from './plan';

/**
 * What makes every placement pointless: the engine does not serve the model, the precision is not offered, the request is longer than the context.
 * Found before anything is sized.
 */
export function refusals(question: Question): readonly PlanProblem[] {
  return [modelAndEngine(question), precision(question), images(question), context(question)].filter((problem) => problem !== undefined);
}

function modelAndEngine({ model, engine, catalog }: Question): PlanProblem | undefined {
  if (engine.architectures.includes(model.architecture)) return undefined;
  const others = catalog.engines.filter((other) => other.architectures.includes(model.architecture)).map((other) => `"${other.name}"`);
  const use = others.length > 0 ? `use engine ${others.join(' or ')}, or ` : '';
  return error(
    'E_MODEL_ENGINE',
    `${engineLabel(engine)} does not know the architecture ${model.architecture} of ${model.id}.`,
    `${use}see \`npx ovkit explain E_MODEL_ENGINE\`.`,
  );
}

/** `vLLM 0.32.0`, and for an engine built on it `vllm-onevision (vLLM 0.32.0)`. */
function engineLabel({ name, kind, version }: Question['engine']): string {
  const software = `${kind === 'vllm' ? 'vLLM' : 'llama.cpp'} ${version}`;
  return name === kind ? software : `${name} (${software})`;
}

function precision({ release, model, engine }: Question): PlanProblem | undefined {
  const wanted = release.model.precision;
  const offered = model.weights.map((weights) => weights.precision);
  const both = offered.filter((name) => engine.precisions.includes(name));
  const use = both.length > 0 ? `set model.precision to ${both.join(' or ')}.` : 'choose another engine or model.';
  if (!offered.includes(wanted)) {
    return error('E_PRECISION', `${model.id} is not offered in ${wanted}; there is ${offered.join(', ')}.`, use);
  }
  if (!engine.precisions.includes(wanted)) {
    return error('E_PRECISION', `engine ${engine.name} does not serve ${wanted}; it serves ${engine.precisions.join(', ')}.`, use);
  }
  return undefined;
}

function images({ release, model }: Question): PlanProblem | undefined {
  const { imagesPerRequest, imageWidthPx, imageHeightPx } = release.load;
  if (imagesPerRequest === 0) return undefined;
  if (!model.vision) {
    return error(
      'E_MODEL_TEXT_ONLY',
      `${model.id} cannot see images, and load.imagesPerRequest is ${imagesPerRequest}.`,
      'set imagesPerRequest to 0, or choose a vision-language model.',
    );
  }
  if (!isExtremeImage(release.load)) return undefined;
  return error(
    'E_IMAGE_ASPECT',
    `an image of ${imageWidthPx}x${imageHeightPx} is too long; the model's processor refuses sides that differ by more than ${MAX_ASPECT_RATIO}:1.`,
    'correct load.imageWidthPx and load.imageHeightPx.',
  );
}

/** Whether the model's processor refuses the images of the load. */
export function isExtremeImage({ imageWidthPx = 1, imageHeightPx = 1 }: Question['release']['load']): boolean {
  return Math.max(imageWidthPx, imageHeightPx) / Math.min(imageWidthPx, imageHeightPx) > MAX_ASPECT_RATIO;
}

function context({ request, model }: Question): PlanProblem | undefined {
  const { effectiveContext } = model.text;
  if (request.totalTokens <= effectiveContext) return undefined;
  return error(
    'E_CONTEXT',
    `one request has ${request.totalTokens} tokens (${request.imageTokens} image, ${request.promptTokens} prompt, ${request.outputTokens} output); ${model.title} was trained on ${effectiveContext}.`,
    'lower load.imagesPerRequest, promptTokens or outputTokens.',
  );
}

function error(code: string, message: string, next: string): PlanProblem {
  return { code, severity: 'error', message, next };
}
