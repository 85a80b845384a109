import type { Node } from '../choose/node';
import type { Question } from '../choose/question';
import type { Plan } from '../plan';
import { llamaFlags } from './llama-cpp';
import type { EngineSettings } from './settings';
import { vllmFlags } from './vllm';

/** The engine as the chart runs it: its arguments, and the same by name. */
export function enginePlan(question: Question, settings: EngineSettings | null, node: Node | null): Plan['engine'] {
  const { engine } = question;
  const flags =
    settings === null || node === null ? [] : engine.kind === 'vllm' ? vllmFlags(question, settings) : llamaFlags(question, settings, node);
  return {
    name: engine.name,
    kind: engine.kind,
    version: engine.version,
    port: engine.port,
    args: flags.flatMap(([flag, value]) => [flag, String(value)]),
    settings: Object.fromEntries(flags.map(([flag, value]) => [flag.replace(/^-+/, ''), value])),
  };
}
