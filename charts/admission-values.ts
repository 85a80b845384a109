import type { ChartValues } from './chart-values';
import { engineArgs, modelPath, projectorPath } from './engine-args';
import { imageReference } from './expected-pods';
import { type JudgedFiles, judgedFiles } from './judged-files';
import { judgedMounts, judgedVariables } from './judged-places';
import { DRAIN_COMMAND, PROXY_COMMAND, TEST_COMMAND } from './proxy';
import { WEIGHTS_COMMAND } from './weights-files';

/** Values of the chart `charts/admission`, as its `values.schema.json` allows them. */
export interface AdmissionValues {
  readonly scope: 'namespace' | 'release';
  readonly instance: string;
  readonly verdict: ChartValues['verdict'];
  readonly model: { readonly revision: string; readonly path: string; readonly projectorPath: string };
  readonly images: readonly string[];
  readonly commands: readonly (readonly string[])[];
  readonly arguments: readonly string[];
  readonly mounts: readonly string[];
  readonly variables: readonly string[];
  readonly configMaps: JudgedFiles['configMaps'];
  readonly service: JudgedFiles['service'];
}

/**
 * What admission lets through: just what the values of chart onevision run. Both come from the same plan and verdict, so that neither can
 * say something else than the other.
 *
 * @param shared  the namespace holds other things than the release
 */
export function admissionValues(values: ChartValues, shared: boolean): AdmissionValues {
  return {
    scope: shared ? 'release' : 'namespace',
    instance: values.release.name,
    verdict: values.verdict,
    model: { revision: values.model.revision, path: modelPath(values), projectorPath: projectorPath(values) },
    images: [imageOf(values), ...(values.proxy.enabled && values.proxy.image ? [values.proxy.image.digest] : [])],
    commands: [values.engine.command, WEIGHTS_COMMAND, PROXY_COMMAND, DRAIN_COMMAND, TEST_COMMAND],
    arguments: engineArgs(values),
    mounts: judgedMounts(values),
    variables: judgedVariables(values),
    ...judgedFiles(values),
  };
}

/** A digest for an image that is built; a whole reference for a placeholder, whose digest is that of nothing. */
function imageOf(values: ChartValues): string {
  return values.image.state === 'built' ? values.image.digest : imageReference(values);
}
