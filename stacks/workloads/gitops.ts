import { Annotations, dependable, TerraformOutput } from 'cdktf';
import type { KitStack } from '../kit-stack';
import { GITOPS_OUTPUT } from '../names';
import type { ChartRelease } from './chart-release';

/**
 * Hands the releases over instead of installing them: for a cluster whose API Terraform does not reach, or where Argo CD or Flux is the only
 * writer. The output waits for the gate: what is not allowed is never handed over.
 */
export function handOver(stack: KitStack, releases: readonly ChartRelease[]): void {
  const output = new TerraformOutput(stack, GITOPS_OUTPUT, {
    // cdktf's outputs take no null
    value: releases.map((release) => Object.fromEntries(Object.entries(release).filter(([, part]) => part !== null))),
    description: 'charts and values for a GitOps controller',
  });
  output.overrideLogicalId(GITOPS_OUTPUT);
  // cdktf 0.21 writes the dependency of an output as a template, which Terraform refuses
  output.addOverride('depends_on', [dependable(stack.gate)]);
  Annotations.of(stack).addInfo(`OVKIT_DELIVERY=gitops: nothing is installed; read the output ${GITOPS_OUTPUT}.`);
}
