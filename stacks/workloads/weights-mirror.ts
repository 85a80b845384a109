import { Annotations, AssetType, TerraformAsset } from 'cdktf';
import type { KitStack } from '../kit-stack';
import { weightsNamespaceOf } from '../names';
import type { ChartRelease } from './chart-release';
import type { ChartSource } from './inference-release';
import { ownValues } from './own-places';

/**
 * The job that fills the weights bucket from the Hub, at the revision of the verdict and each file compared with its hash. null where there
 * is nothing to mirror; where that is because nobody knows the hashes, it is said: the engine would find no weights.
 */
export function weightsMirrorRelease(stack: KitStack, chart: ChartSource): ChartRelease | null {
  const { release, settings } = stack.context;
  if (release.placement.target !== 'aws') return null;
  if (chart.values === null) {
    Annotations.of(stack).addWarning(
      'The evidence lock holds no hashes of the weights: no job mirrors them, and no pod fetches them. Next: npx ovkit lock refresh, then check and deploy again.',
    );
    return null;
  }
  if (settings.weights === 'bucket') return null;
  if (settings.nat === 'none') {
    Annotations.of(stack).addWarning(
      'OVKIT_NAT=none, and OVKIT_WEIGHTS=hub: the job that mirrors the weights cannot reach the Hub. Fill the bucket from elsewhere and set OVKIT_WEIGHTS=bucket.',
    );
  }
  const asset = new TerraformAsset(stack, 'weights_mirror_chart', { path: chart.path, type: AssetType.DIRECTORY });
  return {
    name: `${release.metadata.name}-weights`,
    namespace: weightsNamespaceOf(release),
    chart: asset.path,
    repository: null,
    version: null,
    values: ownValues(stack, chart.values),
  };
}
