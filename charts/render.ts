import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KitError } from '../core/error';
import { fromRoot } from '../core/project-root';
import { type ProcessResult, type RunProcess, runProcess } from '../core/run-process';
import type { ChartValues } from './chart-values';
import type { HelmTool } from './helm-tool';

export interface RenderOptions {
  readonly releaseName: string;
  readonly namespace: string;
  /** Values of the chart; anything else than ChartValues is refused by the chart's schema. */
  readonly values: ChartValues | Readonly<Record<string, unknown>>;
  /** Kubernetes version to render for, e.g. `1.35`. */
  readonly kubeVersion: string;
  readonly signal?: AbortSignal;
  readonly run?: RunProcess;
}

/** Folder of the chart. */
function chartFolder(): string {
  return fromRoot('charts', 'onevision');
}

/**
 * All objects of the chart as YAML, rendered by the real Helm with the schema checked. No cluster is asked.
 * @throws KitError E_CHART_RENDER with Helm's words
 */
export async function renderChart(helm: HelmTool, options: RenderOptions): Promise<string> {
  const args = ['template', options.releaseName, chartFolder(), '--namespace', options.namespace];
  const result = await runHelm(helm, [...args, '--kube-version', options.kubeVersion, '--values', '-'], options);
  if (result.exitCode !== 0) throw failed('E_CHART_RENDER', 'the chart does not render', result);
  return result.stdout;
}

/**
 * `helm lint --strict` with the values: warnings count as errors.
 * @throws KitError E_CHART_LINT with Helm's words
 */
export async function lintChart(helm: HelmTool, options: Omit<RenderOptions, 'releaseName'>): Promise<void> {
  const args = ['lint', chartFolder(), '--strict', '--namespace', options.namespace];
  const result = await runHelm(helm, [...args, '--kube-version', options.kubeVersion, '--values', '-'], options);
  if (result.exitCode !== 0) throw failed('E_CHART_LINT', 'the chart does not pass helm lint --strict', result);
}

const HELM_TIMEOUT_MS = 60_000;

/** Values go in by standard input, so that no file is left behind; the user's Helm plugins, repositories and settings are not looked at. */
function runHelm(helm: HelmTool, args: readonly string[], options: Omit<RenderOptions, 'releaseName'>): Promise<ProcessResult> {
  const nowhere = join(tmpdir(), `ovkit-helm-${randomUUID()}`);
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HELM_|KUBE)/.test(name)));
  const env = {
    ...own,
    HELM_CONFIG_HOME: join(nowhere, 'config'),
    HELM_CACHE_HOME: join(nowhere, 'cache'),
    HELM_DATA_HOME: join(nowhere, 'data'),
    KUBECONFIG: join(nowhere, 'kubeconfig'),
  };
  const input = JSON.stringify(options.values);
  return (options.run ?? runProcess)(helm.path, args, { env, input, signal: options.signal, timeoutMs: HELM_TIMEOUT_MS });
}

function failed(code: string, what: string, result: ProcessResult): KitError {
  const words = `${result.stderr}\n${result.stdout}`
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(walk\.go|Use --debug|==> |\[INFO\]|level=)/.test(line))
    .join(' | ');
  return new KitError({
    code,
    message: `${what}: ${words || `helm exited with ${result.exitCode}`}`,
    next: 'mend the value that Helm names; what each value means stands in charts/onevision/values.yaml.',
  });
}
