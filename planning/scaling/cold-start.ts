import type { Figure } from '../../core/figure';
import type { Placed } from '../choose/evaluate';
import type { Question } from '../choose/question';
import { weightBytes } from '../fit/weights';
import { add, exactly, type Ranged } from '../ranged';

/**
 * Seconds of each part, in the middle and at both ends; none was measured by the kit.
 * Node: EC2 start and joining the cluster. Image: some 10 GB, from preloaded to unpacked on a slow disk (AWS: under two minutes with SOCI; ai-on-eks:
 * up to eight minutes). Engine: vLLM 40 s for 7B (vLLM PR #45551) to the 240 s that llm-d sees for 8B with everything; llama-server 0.5 s on a small file.
 */
const SECONDS = {
  node: { value: 120, low: 60, high: 300 },
  image: { value: 180, low: 20, high: 480 },
  vllm: { value: 90, low: 40, high: 240 },
  'llama.cpp': { value: 2, low: 0.5, high: 20 },
} as const satisfies Record<string, Ranged>;

/** Bytes a second at which weights come to a node and are read: gp3 at its base, local NVMe, a slow network. KServe measured 14 GB in 128 s. */
const BYTES_PER_SECOND = { value: 110e6, low: 50e6, high: 1e9 } as const;

/** From the decision for a replica until it answers: node and image where they are not there yet, weights, start of the engine. */
export function coldStartSeconds({ release, model, engine }: Question, { node }: Placed): Figure {
  const onHost = 'state' in release.engine.image && release.engine.image.state === 'host';
  const weights = weightBytes(model, release.model.precision);
  const bytes = weights.language.value + weights.vision;
  const reading = { value: bytes / BYTES_PER_SECOND.value, low: bytes / BYTES_PER_SECOND.high, high: bytes / BYTES_PER_SECOND.low };
  const total = add(node.instance ? SECONDS.node : exactly(0), onHost ? exactly(0) : SECONDS.image, reading, SECONDS[engine.kind]);
  const parts = [...(node.instance ? ['a new node'] : []), ...(onHost ? [] : ['its image']), 'weights', 'start of the engine'];
  return {
    value: Math.ceil(total.value),
    low: Math.ceil(total.low),
    high: Math.ceil(total.high),
    basis: 'extrapolated',
    source: `sum of ${parts.join(', ')}; published figures (KServe #5852, vLLM #45551, ai-on-eks), not measured here`,
  };
}
