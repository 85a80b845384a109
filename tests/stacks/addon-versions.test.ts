import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { KEDA as TRIED } from '../../rehearsal/keda/binaries';
import { KARPENTER_CRDS } from '../../stacks/workloads/addons/karpenter';
import { KEDA } from '../../stacks/workloads/addons/keda';

const { definitions } = JSON.parse(readFileSync(fromRoot('charts/custom-resources/provenance.json'), 'utf8')) as {
  readonly definitions: readonly { readonly module: string; readonly version: string; readonly sum: string }[];
};
const of = (module: string) => new Set(definitions.filter((each) => each.module === module).map(({ version }) => version));

describe('an add-on that is installed on AWS', () => {
  it('is the KEDA that was tried on the embedded control plane, and whose definitions the chart is checked against', () => {
    expect(TRIED.version).toBe(`v${KEDA.release.version}`);
    expect(of(TRIED.module)).toEqual(new Set([TRIED.version]));
    expect(definitions.find(({ module }) => module === TRIED.module)?.sum).toBe(TRIED.sum);
  });

  it('is the Karpenter whose definitions the chart of its nodes is checked against', () => {
    expect(of('github.com/aws/karpenter-provider-aws')).toEqual(new Set([`v${KARPENTER_CRDS.release.version}`]));
  });
});
