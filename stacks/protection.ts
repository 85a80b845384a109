import type { TerraformResourceLifecycle } from 'cdktf';
import type { KitStack } from './kit-stack';

/**
 * Lifecycle of what cannot be made again: weights, state, the key that everything is encrypted with. Terraform then refuses to destroy it
 * (OVKIT_PROTECT). Taking the resource out of the code would still destroy it; the buckets keep old versions, the key waits 30 days.
 *
 * Decided 2026-11-26: in production a destroy must be asked for twice. A bucket deleted by mistake takes the state of all stacks along, and a key
 * every Kubernetes secret and log. Terraform refuses while it plans, so nothing of `bootstrap` and `platform` is destroyed: the nodes go on
 * running, and being billed, until OVKIT_PROTECT=off is set. `workloads` goes all the same, and with it the nodes of Karpenter.
 */
export function protection(stack: KitStack): TerraformResourceLifecycle | undefined {
  const { release, settings } = stack.context;
  const on = settings.protect === 'on' || (settings.protect === 'production' && release.metadata.environment === 'production');
  return on ? { preventDestroy: true } : undefined;
}
