import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { ensureGoProgram, type GoBuildOptions } from '../go-program';

/** Version of OpenTofu that the extended tests run; go.mod pins it, and the compliance record has its licence. */
export const OPENTOFU_VERSION = 'v1.12.6';

/**
 * Path of an OpenTofu, built from its published Go module when the cache does not hold it; undefined without Go.
 * @throws KitError E_OPENTOFU_BUILD, E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export function ensureOpenTofu(options: GoBuildOptions = {}): Promise<string | undefined> {
  return ensureGoProgram(
    {
      name: 'tofu',
      what: 'OpenTofu',
      title: `OpenTofu ${OPENTOFU_VERSION}`,
      version: OPENTOFU_VERSION,
      folder: fromRoot('rehearsal', 'opentofu'),
      sources: ['go.mod', 'go.sum'],
      package: 'github.com/opentofu/opentofu/cmd/tofu',
      // without it the program calls itself a development version
      linkerFlags: '-s -w -X github.com/opentofu/opentofu/version.dev=no',
      buildTime: 'about 5 minutes on two free cores, once',
      packages: 1_800,
      failed: (words) =>
        new KitError({
          code: 'E_OPENTOFU_BUILD',
          message: `OpenTofu does not build: ${words}`,
          next: 'see that the Go module proxy can be reached, and try again; what is built already is kept by Go.',
        }),
    },
    options,
  );
}
