import { countText, gibText } from '../units';
import type { MemoryEstimate } from './memory';
import type { Estimate, EstimateRequest, EstimateSettings, Judgement } from './types';

interface Judged {
  readonly verdict: Estimate['verdict'];
  readonly because: string;
  readonly fits: Omit<Judgement, 'basis'>;
}

interface Question {
  readonly request: EstimateRequest;
  readonly settings: EstimateSettings;
  readonly memory: MemoryEstimate;
  /** What the hardware cannot do at all. */
  readonly obstacle: string | undefined;
}

const SOURCE = 'decided with every term at its high end, so that "fits" is never false';

/**
 * Whether the engine starts with exactly these settings: the cache left must hold one sequence of max_model_len (vLLM), or all slots (llama.cpp).
 * `value` and `low` take every term at its high end, `high` every term at its low end.
 */
export function judge({ request, settings, memory, obstacle }: Question): Judged {
  if (obstacle) return { verdict: 'does-not-fit', because: obstacle, fits: { value: false, low: false, high: false, source: obstacle } };
  const { left, bytesPerToken, tokensToStart } = memory;
  if (left === null) {
    const because = `How much memory CUDA reports on ${request.device.name} is not known, so nobody can tell whether it fits.`;
    return { verdict: 'unknown', because, fits: { value: null, low: null, high: null, source: because } };
  }
  const needed = tokensToStart * bytesPerToken;
  const visibleBytes = request.device.visibleBytes ?? Number.POSITIVE_INFINITY;
  const free = visibleBytes - (memory.budgetBytes ?? 0);
  const surely = left.low >= needed && Math.max(memory.beside.high, memory.before.high) <= free;
  const perhaps = left.high >= needed && Math.max(memory.beside.low, memory.before.low) <= free;
  const fits = { value: surely, low: surely, high: perhaps, source: SOURCE };
  const room = Math.max(0, Math.floor(left.low / bytesPerToken / 16) * 16);
  if (surely) {
    const flags = settings.maxModelLen < request.model.text.maxPositions || settings.defaults.length === 0;
    const because = `With every term at its high end the KV cache holds ${countText(room)} tokens; ${countText(tokensToStart)} are needed to start.`;
    return { verdict: flags ? 'fits-with-flags' : 'fits', because: flags ? `${because} It holds for these settings only.` : because, fits };
  }
  if (left.low <= 0) {
    return {
      verdict: 'does-not-fit',
      because: `Weights and buffers alone take ${gibText(-left.low)} more than there is, with every term at its high end.`,
      fits,
    };
  }
  if (left.low >= needed) return { verdict: 'does-not-fit', because: besideTheShare(memory, visibleBytes), fits };
  const short = `The KV cache surely holds ${countText(room)} tokens, ${countText(tokensToStart)} are needed to start: ${gibText(needed - left.low)} short.`;
  if (settings.defaults.includes('max-model-len') || settings.defaults.includes('-c')) {
    return { verdict: 'fits-with-flags', because: `${short} It would fit with a context of at most ${countText(room)} tokens.`, fits };
  }
  return { verdict: 'does-not-fit', because: short, fits };
}

/** Why the share of the memory is too large, and the largest that would do. */
function besideTheShare({ before, beside, budgetBytes }: MemoryEstimate, visibleBytes: number): string {
  const graphs = beside.high >= before.high;
  const most = Math.max(beside.high, before.high);
  const share = Math.floor((100 * (visibleBytes - most)) / visibleBytes) / 100;
  const what = graphs
    ? `CUDA graphs may take ${gibText(most)} beside the share of vLLM`
    : `CUDA itself may take ${gibText(most)}, and vLLM does not start when its share is not free`;
  const next = `Use --gpu-memory-utilization ${share.toFixed(2)} or less${graphs ? ', or --enforce-eager' : ''}.`;
  return `${what}; the share leaves ${gibText(visibleBytes - (budgetBytes ?? 0))}. ${next}`;
}
