import { readFileSync } from 'node:fs';
import { fromRoot } from '../core/project-root';
import type { ChartValues } from './chart-values';
import { imageReference } from './expected-pods';
import type { WeightsFile } from './weights-files';

/** Values of the chart `charts/weights-mirror`, as its `values.schema.json` allows them. */
export interface MirrorValues {
  readonly release: ChartValues['release'];
  readonly image: string;
  readonly script: string;
  readonly files: readonly WeightsFile[];
  readonly source: string;
  readonly mirror: string;
  readonly region: string;
  readonly sizeGib: number;
  readonly deadlineSeconds: number;
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly object[];
}

/** Where the Hub serves the files of a revision. */
const HUB = 'https://huggingface.co';
const COMMIT = /^[0-9a-f]{40}$/;
/** A home line of 100 Mbit/s brings 40 GB in this time; a node of AWS needs minutes. */
export const MIRROR_SECONDS = 3600;

/**
 * What fills the bucket of a release from the Hub; null where nothing can be mirrored: the model does not come from the Hub, or the evidence
 * lock holds no hashes, and nothing is fetched whose hash is not known.
 *
 * @param values  values of the service, which will read the files from `mirror`
 */
export function mirrorValues(values: ChartValues): MirrorValues | null {
  const { weights, model } = values;
  const { source } = weights;
  if (source === undefined || weights.volume.type !== 'emptyDir' || weights.files.length === 0 || !COMMIT.test(model.revision)) return null;
  return {
    release: values.release,
    image: imageReference(values),
    script: readFileSync(fromRoot('charts', 'onevision', 'files', 'weights.sh'), 'utf8'),
    files: weights.files,
    source: `${HUB}/${model.id}/resolve/${model.revision}`,
    mirror: source.url,
    region: source.region,
    sizeGib: weights.volume.sizeGib,
    deadlineSeconds: MIRROR_SECONDS,
    // the node that the service will use: the image of the engine is then there already
    nodeSelector: values.nodeSelector,
    tolerations: values.gpu.count > 0 ? [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }] : [],
  };
}
