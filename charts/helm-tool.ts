import { KitError } from '../core/error';
import { OLDEST_HELM } from './helm-pins';

/** A Helm that was found, tried and is new enough. */
export interface HelmTool {
  readonly path: string;
  /** As Helm says it, e.g. `v4.1.4`. */
  readonly version: string;
  /** path: on the PATH; cache: fetched before; download: fetched now. */
  readonly origin: 'path' | 'cache' | 'download';
}

/** The error for a machine without Helm, with what to do. */
export function helmMissing(message: string, cause?: unknown): KitError {
  const oldest = `${OLDEST_HELM.major}.${OLDEST_HELM.minor}`;
  return new KitError(
    {
      code: 'E_HELM_MISSING',
      message,
      allowed: `Helm ${oldest} or later on the PATH, or access to the npm registry.`,
      next: 'install Helm (https://helm.sh/docs/intro/install/), or go online and try again.',
    },
    { cause },
  );
}
