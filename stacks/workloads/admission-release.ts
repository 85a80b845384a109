import type { Release as HelmRelease } from '@cdktf/provider-helm/lib/release';
import { AssetType, TerraformAsset } from 'cdktf';
import { hclJson } from '../gate/hcl-text';
import type { KitStack } from '../kit-stack';
import { namespaceOf } from '../names';
import { type ChartRelease, createChartRelease } from './chart-release';
import type { ChartSource } from './inference-release';

/** What admission lets through, with its chart, which is copied into the stack. */
export function admissionRelease(stack: KitStack, chart: ChartSource): ChartRelease {
  const { release } = stack.context;
  const asset = new TerraformAsset(stack, 'admission_chart', { path: chart.path, type: AssetType.DIRECTORY });
  return {
    name: `${release.metadata.name}-admission`,
    namespace: namespaceOf(release),
    chart: asset.path,
    repository: null,
    version: null,
    values: hclJson(chart.values),
  };
}

/**
 * Admission as a Helm release of its own, which stands before the inference service: within one release Helm would make the Deployment before
 * the policies, and a pod that nobody judged could slip in between.
 */
export function createAdmissionRelease(stack: KitStack, chart: ChartSource): HelmRelease {
  return createChartRelease(stack, 'admission', admissionRelease(stack, chart), chart.timeoutSeconds);
}
