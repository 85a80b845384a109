import { App } from 'cdktf';
import type { Verdict } from '../compliance/verdict';
import type { Plan } from '../planning/plan';
import type { Release } from '../release/schema';
import { BootstrapStack } from './bootstrap/bootstrap-stack';
import { decideGate } from './gate/decision';
import type { StackContext } from './kit-stack';
import { NetworkStack } from './network/network-stack';
import { PlatformStack } from './platform/platform-stack';
import { DEFAULT_SETTINGS, type GateMode, type StackSettings } from './settings';
import { costTags } from './tags';
import { type Charts, WorkloadsStack } from './workloads/workloads-stack';

export interface AppInput {
  readonly release: Release;
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly gate: GateMode;
  /** The charts with the values of this release (`charts/values.ts`, `charts/admission-values.ts`). */
  readonly charts: Charts;
  readonly settings?: StackSettings;
  /** Where to synthesise; default: what the CLI says, else cdktf.out. */
  readonly outdir?: string;
}

/**
 * The CDKTF app of a release: bootstrap, network, platform and workloads for AWS; workloads alone for an existing cluster.
 * Nothing is written until `synth()`.
 * @throws KitError E_STACK_MISMATCH, E_STACK_UNSUPPORTED
 */
export function buildApp(input: AppInput): App {
  const { release, plan, verdict, gate } = input;
  const app = new App({ stackTraces: false, outdir: input.outdir });
  const settings = input.settings ?? DEFAULT_SETTINGS;
  const context: StackContext = {
    release,
    plan,
    decision: decideGate(release, plan, verdict),
    gate,
    settings,
    tags: { ...settings.extraTags, ...costTags(release) },
  };
  if (release.placement.target === 'cluster') {
    new WorkloadsStack(app, context, input.charts);
    return app;
  }
  const bootstrap = new BootstrapStack(app, context);
  const network = new NetworkStack(app, context);
  const platform = new PlatformStack(app, context, network);
  const workloads = new WorkloadsStack(app, context, input.charts);
  network.addDependency(bootstrap);
  platform.addDependency(network);
  workloads.addDependency(platform);
  return app;
}
