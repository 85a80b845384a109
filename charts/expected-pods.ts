import { sha256Hex } from '../core/canonical-json';
import type { Plan } from '../planning/plan';
import type { ChartValues } from './chart-values';
import { engineArgs } from './engine-args';
import { hostPlaceholder, unbuiltPlaceholder } from './image-reference';
import { weightsManifest } from './weights-files';

const CHART_NAME = 'onevision';

/** Name of the chart's objects for a Helm release of this name: the rule `onevision.fullname`. */
export function workloadName(releaseName: string): string {
  return releaseName.includes(CHART_NAME) ? releaseName : `${releaseName}-${CHART_NAME}`;
}

/** Image of the pods: the rule `onevision.image`. */
export function imageReference({ image, release }: Pick<ChartValues, 'image' | 'release'>): string {
  if (image.state === 'built') return `${image.repository}@${image.digest}`;
  return image.state === 'host' ? hostPlaceholder(image.binary) : unbuiltPlaceholder(release.name);
}

/**
 * What must be found running where the chart was installed with these values, as plain data for the proof of a rollout.
 */
export function expectedPods(values: ChartValues, plan: Plan, namespace: string) {
  const { release, image, verdict, model, weights } = values;
  const own = values.proxy.enabled ? values.proxy.image : undefined;
  return {
    release: { name: release.name, environment: release.environment },
    namespace,
    workload: workloadName(release.name),
    servicePortName: 'http',
    verdictDigest: verdict.digest,
    image: imageReference(values),
    imageDigest: image.state === 'built' ? image.digest : null,
    proxyImage: own ? { image: `${own.repository}@${own.digest}`, digest: own.digest } : null,
    apiKey: values.apiKey ? { secret: values.apiKey.existingSecret, key: values.apiKey.key, proxied: values.proxy.enabled } : null,
    command: values.engine.command,
    args: engineArgs(values),
    modelId: model.id,
    modelRevision: model.revision,
    weightsManifest: weights.files.length === 0 ? null : `sha256:${sha256Hex(weightsManifest(weights.files))}`,
    scaled: values.autoscaling.mode !== 'none',
    timeToFirstTokenMs: rangeOf(plan.performance.timeToFirstTokenMs),
    timePerOutputTokenMs: rangeOf(plan.performance.timePerOutputTokenMs),
  };
}

function rangeOf({ low, high }: Plan['performance']['timeToFirstTokenMs']) {
  return { low, high };
}
