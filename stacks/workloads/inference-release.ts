import type { Release as HelmRelease } from '@cdktf/provider-helm/lib/release';
import { AssetType, type ITerraformDependable, TerraformAsset } from 'cdktf';
import type { KitStack } from '../kit-stack';
import { namespaceOf } from '../names';
import { type ChartRelease, createChartRelease } from './chart-release';
import { ownValues } from './own-places';

/** The kit's chart with the values of this release; plain JSON, whatever made it. */
export interface ChartSource {
  /** Absolute path of the chart's folder. */
  readonly path: string;
  readonly values: unknown;
  /** Seconds that the rollout may take, the start of the engine included. */
  readonly timeoutSeconds: number;
}

/** The inference service with its chart, which is copied into the stack, so that a changed chart shows up in the plan. */
export function inferenceRelease(stack: KitStack, chart: ChartSource): ChartRelease {
  const { release } = stack.context;
  const asset = new TerraformAsset(stack, 'chart', { path: chart.path, type: AssetType.DIRECTORY });
  return {
    name: release.metadata.name,
    namespace: namespaceOf(release),
    chart: asset.path,
    repository: null,
    version: null,
    values: ownValues(stack, chart.values),
  };
}

/** The inference service as a Helm release. */
export function createInferenceRelease(stack: KitStack, chart: ChartSource, after: readonly ITerraformDependable[]): HelmRelease {
  return createChartRelease(stack, 'inference', inferenceRelease(stack, chart), chart.timeoutSeconds, after);
}
