import type { Model } from '../../catalog/schema';
import { unknownFigure } from '../../core/figure';
import { estimate } from './estimate';
import type { Unmodelled } from './reference';
import type { Estimate, EstimateRequest } from './types';

/** Bits per weight at which the length of a file is turned into parameters, for arithmetic only. */
const BITS_PER_WEIGHT = 4.9;

/**
 * The estimate of a model whose architecture the formulas do not describe. Memory is unknown; with the length of a file the time to
 * read it is not, so single-stream decoding is estimated from that alone.
 */
export function estimateUnmodelled(request: Omit<EstimateRequest, 'model'>, { id, reason, files }: Unmodelled): Estimate {
  const bytes = files[request.precision];
  const why = `${id} is not modelled: ${reason}.`;
  const full = estimate({ ...request, model: opaque(id, request, bytes ?? 1, why) });
  const unknown = unknownFigure(why);
  const speed = bytes !== undefined && (request.load.concurrency ?? 1) === 1;
  const keep = (figure: Estimate['tpotMs']) =>
    speed && figure.value !== null
      ? { ...figure, basis: 'extrapolated' as const, source: `${figure.source}; from the length of the file alone: ${reason}` }
      : unknown;
  return {
    ...full,
    verdict: 'unknown',
    because: why,
    fits: { value: null, low: null, high: null, basis: 'unknown', source: why },
    weightsGib: bytes === undefined ? unknown : full.weightsGib,
    kvCacheTokens: unknown,
    totalVramGib: unknown,
    requiredVramGib: unknown,
    concurrentRequests: unknown,
    ttftMs: keep(full.ttftMs),
    tpotMs: keep(full.tpotMs),
    outputTokensPerSecond: keep(full.outputTokensPerSecond),
    usdPerMillionOutputTokens: keep(full.usdPerMillionOutputTokens),
    terms: [],
    notes: [why],
  };
}

/** A model of which nothing is known but the length of its file. */
function opaque(id: string, { precision }: Omit<EstimateRequest, 'model'>, bytes: number, source: string): Model {
  const parameters = Math.round((bytes * 8) / BITS_PER_WEIGHT);
  return {
    id,
    title: id,
    family: 'unmodelled',
    kind: 'text',
    role: 'different-model',
    note: source,
    architecture: 'unmodelled',
    aliases: [],
    knownRevisions: [],
    trustRemoteCode: false,
    parameters: { language: parameters, vision: 0, merger: 0, total: parameters },
    text: {
      layers: 0,
      hiddenSize: 0,
      attentionHeads: 0,
      kvHeads: 0,
      headDim: 0,
      intermediateSize: 0,
      vocabSize: 0,
      tiedEmbeddings: true,
      maxPositions: 1,
      effectiveContext: 1,
    },
    vision: null,
    weights: [{ precision: precision as never, fileBytes: bytes, projectorBytes: null, origin: 'published', source }],
    artifacts: [],
    fineTuning: [],
    scores: [],
    source,
  };
}
