import type { Node } from '../choose/node';
import type { Question } from '../choose/question';
import { LLAMA_UBATCH_TOKENS } from '../fit/llama-cpp';
import type { EngineSettings } from './settings';
import type { Flags } from './vllm';

/** More layers than any model has: all of them go to the GPU. */
const ALL_LAYERS = 99;

/** Flags of llama-server on which the estimate depends. Files (-m, --mmproj), names and ports are the chart's. */
export function llamaFlags({ engine }: Question, settings: EngineSettings, node: Node): Flags {
  const onGpu = node.gpu !== null && engine.devices.includes('gpu');
  return [
    ['-c', settings.maxModelLen * settings.maxNumSeqs],
    ['-np', settings.maxNumSeqs],
    ['-ngl', onGpu ? ALL_LAYERS : 0],
    ['-ub', LLAMA_UBATCH_TOKENS],
    ['-ctk', 'f16'],
    ['-ctv', 'f16'],
    ['-t', Math.max(1, Math.floor(node.vcpu))],
  ];
}
