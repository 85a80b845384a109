import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { admissionValues } from '../../charts/admission-values';
import { findHelm } from '../../charts/helm';
import { fromRoot } from '../../core/project-root';
import { waitForAdmission } from '../../rehearsal/cluster/admission';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { deployChart, uninstall } from '../../rehearsal/cluster/helm-release';
import { requireControlPlane, smolRelease, startCluster } from './support';

describe('admission that is taken away and comes back', async () => {
  const binary = await requireControlPlane('admission that is taken away and comes back');
  if (!binary) return;
  let cluster: EmbeddedCluster;
  beforeAll(async () => {
    cluster = await startCluster(binary, [], []);
  });
  afterAll(() => cluster.stop());

  it('reads its parameters again, in the same namespace and in another', async () => {
    const { api, kubeconfig, context, folder } = cluster.plane;
    const { values } = smolRelease();
    for (const namespace of ['first', 'second', 'first']) {
      const target = { helm: await findHelm(), kubeconfig, context, namespace, scratch: folder };
      const chart = fromRoot('charts', 'admission');
      expect(await deployChart(target, 'smollm2-admission', chart, admissionValues(values, false), 30)).toBeUndefined();
      expect([namespace, await waitForAdmission(api, namespace)]).toEqual([namespace, true]);
      await uninstall(target, 'smollm2-admission');
    }
  });
});
