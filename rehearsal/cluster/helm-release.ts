import { join } from 'node:path';
import type { HelmTool } from '../../charts/helm';
import { type RunProcess, runProcess } from '../../core/run-process';

export interface HelmTarget {
  readonly helm: HelmTool;
  /** Default: what KUBECONFIG names. */
  readonly kubeconfig?: string;
  readonly context: string;
  readonly namespace: string;
  /** Folder for Helm's own files, so that the user's settings are not looked at. */
  readonly scratch: string;
  readonly signal?: AbortSignal;
  readonly run?: RunProcess;
}

/** Seconds for Helm itself beyond the time that it may wait. */
const MARGIN_SECONDS = 30;

/**
 * `helm upgrade --install --wait` of a chart folder with the real Helm.
 * @returns what Helm said when it failed; undefined when all is deployed
 */
export async function deployChart(
  target: HelmTarget,
  release: string,
  chart: string,
  values: unknown,
  timeoutSeconds: number,
): Promise<string | undefined> {
  const wait = ['--wait', '--timeout', `${timeoutSeconds}s`, '--values', '-'];
  return helm(target, ['upgrade', '--install', release, chart, '--create-namespace', ...wait], timeoutSeconds, JSON.stringify(values));
}

/** `helm test`: runs the test pods of a release. @returns what they said when one failed; undefined when all passed */
export async function testRelease(target: HelmTarget, release: string, timeoutSeconds: number): Promise<string | undefined> {
  return helm(target, ['test', release, '--timeout', `${timeoutSeconds}s`], timeoutSeconds);
}

/** Takes a release away again; nothing happens when there is none. */
export async function uninstall(target: HelmTarget, release: string): Promise<void> {
  await helm(target, ['uninstall', release, '--ignore-not-found', '--timeout', `${UNINSTALL_SECONDS}s`], UNINSTALL_SECONDS);
}

const UNINSTALL_SECONDS = 60;

async function helm(target: HelmTarget, args: readonly string[], timeoutSeconds: number, input = ''): Promise<string | undefined> {
  const { kubeconfig, context, namespace, scratch, signal } = target;
  const own = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(HELM_|KUBE)/.test(name) || (name === 'KUBECONFIG' && kubeconfig === undefined)),
  );
  const env = {
    ...own,
    HELM_CONFIG_HOME: join(scratch, 'helm', 'config'),
    HELM_CACHE_HOME: join(scratch, 'helm', 'cache'),
    HELM_DATA_HOME: join(scratch, 'helm', 'data'),
  };
  const where = [...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]), '--kube-context', context, '--namespace', namespace];
  const timeoutMs = (timeoutSeconds + MARGIN_SECONDS) * 1000;
  const result = await (target.run ?? runProcess)(target.helm.path, [...args, ...where], { env, input, signal, timeoutMs });
  return result.exitCode === 0 ? undefined : result.stderr.trim() || `helm exited with ${result.exitCode}`;
}
