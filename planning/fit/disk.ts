import type { Engine, Model } from '../../catalog/schema';
import type { Precision } from '../../release/schema';
import { MEMORY } from '../constants';
import type { FitTerm } from '../plan';
import { exactly, scale } from '../ranged';
import { GB, GIB, roundUp } from '../units';
import { sumTerms, term } from './term';
import { weightBytes } from './weights';

/** Volumes are ordered in steps of so many GiB. */
const VOLUME_STEP_GIB = 10;

/** What one node keeps on disk: the engine's image unpacked, the weights, and the system itself, in bytes. */
export function diskTerms(model: Model, precision: Precision, engine: Engine, replicasPerNode: number): readonly FitTerm[] {
  const weights = weightBytes(model, precision);
  const unknownImage = engine.kind === 'vllm' ? MEMORY.unknownCudaImageGb : MEMORY.unknownCpuImageGb;
  const image = engine.imageBytes === null ? scale(unknownImage, GB) : scale(MEMORY.unpackedOverCompressed, engine.imageBytes);
  const weightsOnDisk = exactly((weights.language.value + weights.vision) * replicasPerNode);
  return [
    term(
      'engine image',
      image,
      'disk',
      engine.imageBytes === null ? 'unpacked image, size not known yet' : 'compressed size x 2.2',
      engine.imageBytes === null ? unknownImage.source : MEMORY.unpackedOverCompressed.source,
    ),
    term('weights on disk', weightsOnDisk, 'disk', `${weights.formula}, ${replicasPerNode} replica(s) a node`, weights.source),
    term('system', scale(MEMORY.nodeDiskGb, GB), 'disk', 'operating system, kubelet, logs', MEMORY.nodeDiskGb.source),
  ];
}

/** Size of the volume that holds the disk terms at their high end, in GiB, in steps of 10. */
export function volumeGib(terms: readonly FitTerm[]): number {
  return roundUp(sumTerms(terms, 'disk', 'high') / GIB, VOLUME_STEP_GIB);
}
