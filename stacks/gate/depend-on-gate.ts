import { dependable, type IAspect, TerraformResource } from 'cdktf';
import type { IConstruct } from 'constructs';

/**
 * Makes every resource of a stack depend on its gates, so that `-target` pulls them in.
 *
 * Data sources do not: they only read, and a data source that waits for a resource is read during apply, which would leave
 * the Helm provider without the cluster's address while it plans.
 */
export class DependOnGate implements IAspect {
  constructor(private readonly gates: readonly TerraformResource[]) {}

  visit(node: IConstruct): void {
    if (!TerraformResource.isTerraformResource(node) || this.gates.includes(node)) return;
    node.dependsOn = [...(node.dependsOn ?? []), ...this.gates.map((gate) => dependable(gate))];
  }
}
