import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProcess } from '../../../core/run-process';
import { isMap, type Value, type ValueMap } from '../protocol/value';

/** EKS's version that the stacks pin; helm template asks no cluster. */
const KUBE_VERSION = '1.35';
const DEFAULT_TIMEOUT_SECONDS = 300;
/** Seconds that Helm itself gets beyond the time that it may wait for a rollout. */
const GRACE_SECONDS = 30;

/** Runs the real Helm for the stand-in: on an API server when there is a kubeconfig, else only to render. */
export class HelmRunner {
  constructor(
    private readonly helm: string,
    private readonly kubeconfig: string | null,
    private readonly folder: string,
  ) {}

  /** @returns what Helm said when it failed */
  async install(planned: ValueMap, chart: string): Promise<string | undefined> {
    const scratch = mkdtempSync(join(tmpdir(), 'ovkit-helm-'));
    try {
      const values = valueFiles(planned.values ?? null, scratch);
      const settings = [...values, ...setArguments(planned.set ?? null)];
      const common = [String(planned.name), chart, '--namespace', namespaceOf(planned), ...settings];
      const seconds = Number(planned.timeout ?? DEFAULT_TIMEOUT_SECONDS);
      const wait = planned.wait === false ? [] : ['--wait'];
      const args =
        this.kubeconfig === null
          ? ['template', ...common, '--kube-version', KUBE_VERSION]
          : ['upgrade', '--install', ...common, '--create-namespace', '--kubeconfig', this.kubeconfig, '--timeout', `${seconds}s`, ...wait];
      const result = await this.run(args, scratch, seconds);
      if (result.exitCode !== 0) return result.stderr.trim() || `helm exited with ${result.exitCode}`;
      if (this.kubeconfig === null) this.keep(planned, result.stdout);
      return undefined;
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  async uninstall(prior: ValueMap): Promise<string | undefined> {
    if (this.kubeconfig === null) return undefined;
    const scratch = mkdtempSync(join(tmpdir(), 'ovkit-helm-'));
    try {
      const args = [
        'uninstall',
        String(prior.name),
        '--namespace',
        namespaceOf(prior),
        '--kubeconfig',
        this.kubeconfig,
        '--ignore-not-found',
        '--wait',
      ];
      const result = await this.run(args, scratch, DEFAULT_TIMEOUT_SECONDS);
      return result.exitCode === 0 ? undefined : result.stderr.trim();
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  /** The user's own Helm settings, repositories and plugins are not looked at. */
  private run(args: readonly string[], scratch: string, seconds: number) {
    const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(HELM_|KUBE)/.test(name)));
    const env = { ...own, HELM_CONFIG_HOME: scratch, HELM_CACHE_HOME: scratch, HELM_DATA_HOME: scratch };
    return runProcess(this.helm, args, { env, timeoutMs: (seconds + GRACE_SECONDS) * 1000 });
  }

  private keep(planned: ValueMap, manifest: string): void {
    mkdirSync(join(this.folder, 'manifests'), { recursive: true });
    writeFileSync(join(this.folder, 'manifests', `${namespaceOf(planned)}.${String(planned.name)}.yaml`), manifest);
  }
}

function namespaceOf(value: ValueMap): string {
  return String(value.namespace ?? 'default');
}

function valueFiles(values: Value, folder: string): string[] {
  const texts = Array.isArray(values) ? values : [];
  return texts.flatMap((text, index) => {
    const file = join(folder, `values-${index}.yaml`);
    writeFileSync(file, String(text));
    return ['--values', file];
  });
}

function setArguments(set: Value): string[] {
  const entries = Array.isArray(set) ? set : [];
  return entries
    .filter(isMap)
    .flatMap(({ name, value, type }) => [type === 'string' ? '--set-string' : '--set', `${String(name)}=${String(value)}`]);
}
