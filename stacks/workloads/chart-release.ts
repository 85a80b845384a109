import { Release as HelmRelease } from '@cdktf/provider-helm/lib/release';
import type { ITerraformDependable, TerraformStack } from 'cdktf';

/** A chart with its values, as Helm or a GitOps controller installs it; strings may hold expressions of Terraform. */
export interface ChartRelease {
  readonly name: string;
  readonly namespace: string;
  readonly chart: string;
  /** null: `chart` is a folder. */
  readonly repository: string | null;
  readonly version: string | null;
  /** JSON, which is YAML. */
  readonly values: string;
}

/** Revisions of a release that Helm keeps. */
const HISTORY = 10;

/** A chart of the kit as a Helm release that Terraform waits for. */
export function createChartRelease(
  stack: TerraformStack,
  id: string,
  { name, namespace, chart, values }: ChartRelease,
  timeoutSeconds: number,
  after?: readonly ITerraformDependable[],
): HelmRelease {
  return new HelmRelease(stack, id, {
    name,
    namespace,
    createNamespace: true,
    chart,
    values: [values],
    maxHistory: HISTORY,
    wait: true,
    waitForJobs: true,
    timeout: timeoutSeconds,
    dependsOn: after && [...after],
  });
}
