import type { TerraformResourceLifecycle } from 'cdktf';
import type { KitStack } from './kit-stack';

/**
 * Lifecycle of what cannot be made again: weights, state, the key that everything is encrypted with. Terraform then refuses to destroy it
 * (OVKIT_PROTECT). Taking the resource out of the code would still destroy it; the buckets keep old versions, the key waits 30 days.
 */
export function protection(stack: KitStack): TerraformResourceLifecycle | undefined {
  const { release, settings } = stack.context;
  const on = settings.protect === 'on' || (settings.protect === 'production' && release.metadata.environment === 'production');
  return on ? { preventDestroy: true } : undefined;
}
