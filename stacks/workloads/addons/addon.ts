import { Release as HelmRelease } from '@cdktf/provider-helm/lib/release';
import type { ITerraformDependable } from 'cdktf';
import type { KitStack } from '../../kit-stack';
import type { ChartRelease } from '../chart-release';

/** A chart of another project that the whole cluster uses, at a version of its own. */
export interface Addon {
  /** Construct id. */
  readonly id: string;
  readonly release: ChartRelease & { readonly repository: string; readonly version: string };
  /** Construct id of an add-on that must be there first. */
  readonly after?: string;
  /** false where the release is complete without a pod, since nodes may be at zero. */
  readonly wait: boolean;
}

/** Pods of controllers start in seconds; images come from the internet. */
const TIMEOUT_SECONDS = 600;

/** Controllers stay off the nodes of the model, which come and go. */
export const ON_SYSTEM_NODES = { 'onevision-kit/nodes': 'system' } as const;

/** Installs an add-on by Helm. */
export function createAddon(stack: KitStack, { id, release, wait }: Addon, after?: ITerraformDependable): HelmRelease {
  const { values, ...rest } = release;
  return new HelmRelease(stack, id, {
    ...rest,
    createNamespace: true,
    wait,
    timeout: TIMEOUT_SECONDS,
    values: [values],
    dependsOn: after && [after],
  });
}
