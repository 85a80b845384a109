import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { findHelm, lintChart, renderChart } from '../../charts/helm';
import type { HelmTool } from '../../charts/helm-tool';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart, testRelease, uninstall } from '../../rehearsal/cluster/helm-release';
import { livingPods } from '../../rehearsal/cluster/workload';
import { ensureHelm3, HELM3_VERSION } from '../../rehearsal/helm3/binary';
import { CASES, valuesOf } from '../charts/fixtures';
import { smolRelease } from '../cluster/support';
import { notRun } from '../integration/requirements';
import { progressLines } from '../progress-lines';
import { startLlamaCluster } from './llama-cluster';

const BUILD_TIMEOUT_MS = 3_600_000;
const NAMESPACE = 'helm3';

/** Objects of a rendered chart, in one order whatever Helm wrote them in. */
function objectsOf(text: string): readonly unknown[] {
  const objects = parseAllDocuments(text).flatMap((document) => document.toJSON() ?? []);
  const place = ({ kind, metadata }: { kind: string; metadata: { name: string } }) => `${kind}/${metadata.name}`;
  return objects.sort((one, other) => place(one).localeCompare(place(other)));
}

describe('Helm 3.18, which the Helm provider embeds', async () => {
  const onProgress = progressLines();
  const helm3 = await ensureHelm3({ onProgress });
  if (!helm3) return notRun('the chart with Helm 3.18', 'go is not on the PATH, and no package brings Helm 3');
  const { path } = helm3;

  it('is the version that it says', async () => {
    expect((await runProcess(path, ['version', '--template', '{{.Version}}'], {})).stdout).toBe(HELM3_VERSION);
  });

  describe('renders and lints', () => {
    let helm4: HelmTool;
    beforeAll(async () => {
      helm4 = await findHelm();
      expect(helm4.version).toMatch(/^v4\./);
    });

    it.each(CASES.map(({ title }, index) => [title, index] as const))('%s, to the same objects as Helm 4', async (_, index) => {
      const options = { releaseName: 'r', namespace: 'n', values: valuesOf(index), kubeVersion: '1.35' };
      const objects = objectsOf(await renderChart(helm3, options));
      expect(objects.length).toBeGreaterThan(3);
      expect(objects).toEqual(objectsOf(await renderChart(helm4, options)));
      await lintChart(helm3, options);
    });
  });

  describe('on a real API server, with a real llama-server', () => {
    let cluster: EmbeddedCluster;
    const { values } = smolRelease();
    beforeAll(async () => {
      // two nodes: the change starts its pod before it takes the old one away
      cluster = await startLlamaCluster(values, onProgress);
    }, BUILD_TIMEOUT_MS);
    afterAll(() => cluster.stop());

    it('installs the release, tests it, changes it and takes it away', async () => {
      const { kubeconfig, context, folder, api } = cluster.plane;
      const target = { helm: helm3, kubeconfig, context, namespace: NAMESPACE, scratch: folder };
      const deploy = (given: unknown) => deployChart(target, 'smollm2', fromRoot('charts', 'onevision'), given, 120);
      const short = { ...values, shutdown: { preStopSleepSeconds: 1, graceSeconds: 20 } };
      expect(await deploy(short)).toBeUndefined();
      expect(await testRelease(target, 'smollm2', 60)).toBeUndefined();
      const [first] = await livingPods(api, NAMESPACE);
      expect(await deploy({ ...short, shutdown: { preStopSleepSeconds: 2, graceSeconds: 20 } })).toBeUndefined();
      const [second] = await livingPods(api, NAMESPACE);
      expect(first?.metadata.name).toBeDefined();
      expect(second?.metadata.name).not.toBe(first?.metadata.name);
      await uninstall(target, 'smollm2');
      await expect.poll(() => livingPods(api, NAMESPACE), { timeout: 30_000 }).toEqual([]);
    });
  });
});
