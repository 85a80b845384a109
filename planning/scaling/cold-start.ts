import { type Figure, sumFigures } from '../../core/figure';
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

const PUBLISHED = 'published figures (KServe #5852, vLLM #45551, ai-on-eks), not measured here';
/** The next start may take half as long again as the slowest that was seen: own margin, since registries and disks differ by the hour. */
const NEXT_START = 1.5;

/** What passes until a new replica answers. */
export interface ColdStart {
  /** From the decision for a replica until its engine starts: node, image, weights, where they are not there yet. */
  readonly arrivalSeconds: Figure;
  /** From the start of the engine until it is healthy. */
  readonly engineSeconds: Figure;
  /** Both together. */
  readonly coldStartSeconds: Figure;
}

/** The times of a start: as the release measured them, else estimates with their range, basis `extrapolated`. */
export function coldStart({ release, model, engine }: Question, { node }: Placed): ColdStart {
  const onHost = 'state' in release.engine.image && release.engine.image.state === 'host';
  const weights = weightBytes(model, release.model.precision);
  const bytes = weights.language.value + weights.vision;
  const reading = { value: bytes / BYTES_PER_SECOND.value, low: bytes / BYTES_PER_SECOND.high, high: bytes / BYTES_PER_SECOND.low };
  const own = SECONDS[engine.kind];
  const nothing = exactly(0);
  const { startup } = release;
  // weights that lie on the node are read by the engine; others come before it starts
  const arrivalSeconds =
    measuredSeconds(startup?.arrivalSeconds, startup?.measured) ??
    estimate(add(node.instance ? SECONDS.node : nothing, onHost ? nothing : SECONDS.image, onHost ? nothing : reading), [
      ...(node.instance ? ['a new node'] : []),
      ...(onHost ? [] : ['its image', 'weights']),
    ]);
  const engineSeconds =
    measuredSeconds(startup?.engineSeconds, startup?.measured) ??
    estimate(onHost ? add(reading, own) : own, [...(onHost ? ['weights'] : []), 'start of the engine']);
  const sources = [...new Set([arrivalSeconds.source, engineSeconds.source])];
  return { arrivalSeconds, engineSeconds, coldStartSeconds: whole(sumFigures([arrivalSeconds, engineSeconds], sources.join('; '))) };
}

function measuredSeconds(seconds: number | undefined, measured = ''): Figure | undefined {
  if (seconds === undefined) return undefined;
  return { value: seconds, low: seconds, high: seconds * NEXT_START, basis: 'sourced', source: `measured: ${measured}` };
}

function estimate({ value, low, high }: Ranged, parts: readonly string[]): Figure {
  const source = parts.length === 0 ? 'nothing has to come first' : `sum of ${parts.join(', ')}; ${PUBLISHED}`;
  return whole({ value, low, high, basis: 'extrapolated', source });
}

function whole(figure: Figure): Figure {
  const up = (seconds: number | null) => (seconds === null ? null : Math.ceil(seconds));
  return { ...figure, value: up(figure.value), low: up(figure.low), high: up(figure.high) };
}
