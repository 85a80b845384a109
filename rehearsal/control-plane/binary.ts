import { KitError } from '../../core/error';
import { fromRoot } from '../../core/project-root';
import { ensureGoProgram, findGoProgram, type GoBuildOptions, type GoProgram } from '../go-program';

/** Version of Kubernetes that the binary says it is; go.mod pins the modules. */
export const KUBERNETES_VERSION = 'v1.36.3';
/** What a cold build takes: 750 CPU-seconds, 6 to 7 minutes on two free cores (measured 2026-11-23). */
export const BUILD_TIME = 'about 7 minutes on two free cores, once';

/**
 * Path of the control plane's binary when the cache holds it already; undefined when it would have to be built, or without Go.
 */
export function findControlPlane(options: GoBuildOptions = {}): Promise<string | undefined> {
  return findGoProgram(controlPlane(), options);
}

/**
 * Path of the control plane's binary, built from the published Go modules when the cache does not hold it.
 * @throws KitError E_CONTROL_PLANE_TOOL without Go, E_CONTROL_PLANE_BUILD, E_CACHE_UNWRITABLE; the signal's reason on abort
 */
export async function ensureControlPlane(options: GoBuildOptions = {}): Promise<string> {
  const file = await ensureGoProgram(controlPlane(), options);
  if (file !== undefined) return file;
  throw new KitError({
    code: 'E_CONTROL_PLANE_TOOL',
    message: 'go is not on the PATH, so the control plane cannot be built.',
    allowed: 'Go 1.26 or later.',
    next: 'install Go (https://go.dev/doc/install), or name a cluster of your own with --context NAME.',
  });
}

const VERSION_PACKAGES = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'];

function controlPlane(): GoProgram {
  return {
    name: 'control-plane',
    what: 'the control plane',
    title: `Kubernetes ${KUBERNETES_VERSION}`,
    version: KUBERNETES_VERSION,
    folder: fromRoot('rehearsal', 'control-plane'),
    sources: ['go.mod', 'go.sum', 'main.go'],
    package: '.',
    linkerFlags: ['-s', '-w', ...VERSION_PACKAGES.flatMap(versionFlags)].join(' '),
    buildTime: BUILD_TIME,
    packages: 2_300,
    failed: (words) =>
      new KitError({
        code: 'E_CONTROL_PLANE_BUILD',
        message: `the control plane does not build: ${words}`,
        next: 'see that the Go module proxy can be reached, and try again; what is built already is kept by Go.',
      }),
  };
}

function versionFlags(name: string): string[] {
  const [, major, minor] = /^v(\d+)\.(\d+)/.exec(KUBERNETES_VERSION) ?? [];
  const values = { gitVersion: KUBERNETES_VERSION, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  return Object.entries(values).map(([key, value]) => `-X ${name}.${key}=${value}`);
}
