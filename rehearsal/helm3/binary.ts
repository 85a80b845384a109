import type { HelmTool } from '../../charts/helm';
import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { ensureGoProgram, type GoBuildOptions } from '../go-program';

/** The last Helm of the series that the Helm provider 3.1.1 embeds; go.mod pins it. */
export const HELM3_VERSION = 'v3.18.6';

/**
 * A Helm 3, built from its published Go module when the cache does not hold it; undefined without Go.
 * @throws KitError E_HELM3_BUILD, E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export async function ensureHelm3(options: GoBuildOptions = {}): Promise<HelmTool | undefined> {
  const path = await ensureGoProgram(
    {
      name: 'helm',
      what: 'Helm 3',
      title: `Helm ${HELM3_VERSION}`,
      version: HELM3_VERSION,
      folder: fromRoot('rehearsal', 'helm3'),
      sources: ['go.mod', 'go.sum'],
      package: 'helm.sh/helm/v3/cmd/helm',
      linkerFlags: `-s -w -X helm.sh/helm/v3/internal/version.version=${HELM3_VERSION}`,
      buildTime: 'about 4 minutes on two free cores, once',
      packages: 956,
      failed: (words) =>
        new KitError({
          code: 'E_HELM3_BUILD',
          message: `Helm 3 does not build: ${words}`,
          next: 'see that the Go module proxy can be reached, and try again; what is built already is kept by Go.',
        }),
    },
    options,
  );
  return path === undefined ? undefined : { path, version: HELM3_VERSION, origin: 'cache' };
}
