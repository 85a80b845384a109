import { KitError } from '../../core/error';
import { ensureControlPlane } from '../../rehearsal/control-plane/binary';
import { progressLines } from '../progress-lines';

/**
 * Builds the control plane before the tests of the tier, once per machine. Without Go the tests say themselves that they do not run; a build
 * that fails is an error of the tier and not a reason to leave it out.
 */
export async function setup(): Promise<void> {
  try {
    await ensureControlPlane({ onProgress: progressLines() });
  } catch (error) {
    if (error instanceof KitError && error.code === 'E_CONTROL_PLANE_TOOL') return;
    throw error;
  }
}
