import { expect, it } from 'vitest';
import { findHelm, type HelmTool } from '../../charts/helm';
import { KitError } from '../../core/error';
import { findTerraform, type TerraformBinary } from '../../rehearsal/terraform-binary';

/**
 * Runs tests that need a terraform or tofu binary, or says loudly that they did not run: a skipped test is easily overlooked.
 * Use in an async describe: `const terraform = await requireTerraform('the gate');`, and register the tests only when there is one.
 */
export async function requireTerraform(what: string): Promise<TerraformBinary | undefined> {
  const found = await findTerraform();
  if (!found) notRun(what, `${process.env.TERRAFORM_BINARY_NAME ?? 'terraform or tofu'} not on PATH`);
  return found;
}

/** The same for Helm, which may also come from the cache. */
export async function requireHelm(what: string): Promise<HelmTool | undefined> {
  try {
    return await findHelm();
  } catch (error) {
    if (!(error instanceof KitError) || error.code !== 'E_HELM_MISSING') throw error;
    notRun(what, error.message);
    return undefined;
  }
}

/** Registers a passing test whose name says what this machine could not try, and why. */
export function notRun(what: string, why: string): void {
  const line = `NOT RUN: ${why} (${what})`;
  console.warn(line);
  it(line, () => expect(why).not.toBe(''));
}
