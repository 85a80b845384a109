import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ChartValues } from '../../charts/chart-values';
import type { EmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { ensureControlPlane } from '../../rehearsal/control-plane/binary';
import { plannedNodes } from '../../rehearsal/nodes/node-object';
import { ensureLlamaServer, ensureSmolLm2Gguf } from '../../runtime/llama-server';
import { startCluster } from '../cluster/support';
import type { progressLines } from '../progress-lines';

const NODE = { instanceType: null, region: null, device: 'cpu', gpu: null, gpuCount: 0, vcpu: 2, memoryGib: 4 } as const;

/** A real API server with two nodes, on which the real llama-server and its model lie; all of it is built where the cache lacks it. */
export async function startLlamaCluster(
  { weights }: Pick<ChartValues, 'weights'>,
  onProgress: ReturnType<typeof progressLines>,
): Promise<EmbeddedCluster> {
  const programs = { 'llama-server': await ensureLlamaServer({ onProgress }), sh: '/bin/sh' };
  const images = [{ repository: 'onevision-kit.invalid/host/llama-server', meaning: { kind: 'programs', programs } as const }];
  const nodes = plannedNodes(NODE, 2);
  const cluster = await startCluster(await ensureControlPlane({ onProgress }), nodes, images);
  const model = await ensureSmolLm2Gguf({ onProgress });
  for (const { name } of nodes) {
    const file = join(cluster.nodes.diskOf(name), weights.mountPath, weights.folder, weights.file);
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(model, file);
  }
  return cluster;
}
