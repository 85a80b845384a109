import { setTimeout as sleep } from 'node:timers/promises';
import { loadCatalog } from '../../catalog/load';
import { findHelm, renderChart } from '../../charts/helm';
import { chartValues } from '../../charts/values';
import { checkRelease } from '../../compliance/check-release';
import { planRelease } from '../../planning/plan-release';
import { type EmbeddedCluster, type EmbeddedClusterOptions, startEmbeddedCluster } from '../../rehearsal/cluster/embedded-cluster';
import { findControlPlane } from '../../rehearsal/control-plane/binary';
import type { ImageRule } from '../../rehearsal/nodes/images';
import type { NodeSpec } from '../../rehearsal/nodes/node-object';
import { loadRelease } from '../../release/load';
import { notRun } from '../integration/requirements';

export const NOW = new Date('2026-11-23T12:00:00Z');
/** An image whose programs are those of this machine. */
export const SHELL_IMAGE = `onevision-kit.invalid/host/shell@sha256:${'0'.repeat(64)}`;
export const SHELL_RULE: ImageRule = {
  repository: 'onevision-kit.invalid/host/shell',
  meaning: { kind: 'programs', programs: { sh: '/bin/sh', node: process.execPath } },
};

/** The binary that the tier's set-up built, or a test whose name says why there is none. */
export async function requireControlPlane(what: string): Promise<string | undefined> {
  const binary = await findControlPlane();
  if (binary === undefined) notRun(what, 'go is not on the PATH, so the control plane cannot be built');
  return binary;
}

export function startCluster(
  binary: string,
  nodes: readonly NodeSpec[],
  images: readonly ImageRule[],
  flags?: EmbeddedClusterOptions['flags'],
): Promise<EmbeddedCluster> {
  return startEmbeddedCluster({ binary, nodes, images, flags, backOffMs: 500 });
}

/**
 * The SmolLM2 release with its plan and values; its verdict counts as allowed here, since admission is what is tried. The proxy is left out
 * unless it is asked for: it needs nginx on the nodes.
 */
export function smolRelease(parts: { readonly proxy?: boolean } = {}) {
  const loaded = loadRelease('examples/smollm2-cpu.yaml');
  const catalog = loadCatalog();
  const plan = planRelease(loaded.release, catalog, { file: loaded.file, today: NOW });
  const verdict = { ...checkRelease(loaded, catalog, NOW), state: 'allowed' as const };
  const values = chartValues(loaded.release, plan, verdict);
  const proxy = { enabled: false, reason: 'left out by this test' } as const;
  return { plan, verdict, values: parts.proxy ? values : { ...values, proxy } };
}

export async function rendered(values: Parameters<typeof renderChart>[1]['values'], namespace: string): Promise<string> {
  return renderChart(await findHelm(), { releaseName: 'smollm2', namespace, values, kubeVersion: '1.36' });
}

/** Polls until something is there. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false>, timeoutMs = 60_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await sleep(100);
  }
}
