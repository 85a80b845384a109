import { join } from 'node:path';
import type { DebianProgram } from '../../runtime/engine/debian-program';
import type { ControlPlane } from '../control-plane/control-plane';
import { startMetricsAdapter } from './metrics-adapter';
import { startPodDiscovery } from './pod-discovery';
import { podScrapeJob } from './pod-scrape';
import { type Prometheus, startPrometheus } from './prometheus';

export interface SignalsOptions {
  readonly plane: ControlPlane;
  readonly prometheus: DebianProgram;
  readonly namespace: string;
  readonly workload: string;
  /** Puts an API of external metrics before Prometheus. Default: the stand-in of prometheus-adapter. */
  readonly adapter?: (prometheus: Prometheus) => Promise<{ stop(): Promise<void> }>;
  readonly signal?: AbortSignal;
}

/** What an autoscaler reads: a real Prometheus that scrapes the pods of a release, and an API of external metrics before it. */
export interface Signals {
  /** Takes the way from Prometheus to the pods away, or gives it back. */
  cut(off: boolean): void;
  stop(): Promise<void>;
}

/** Starts both, before the pods are there or after. @throws Error when one does not start; nothing stays behind then */
export async function startSignals(options: SignalsOptions): Promise<Signals> {
  const { plane, namespace, workload } = options;
  const discovery = await startPodDiscovery(plane.api, namespace);
  let prometheus: Prometheus | undefined;
  try {
    const job = podScrapeJob(discovery.url, namespace, workload);
    const started = await startPrometheus(options.prometheus, join(plane.folder, 'prometheus'), [job], options.signal);
    prometheus = started;
    const adapter = await (options.adapter?.(started) ?? startMetricsAdapter(plane.api, started, plane.tls));
    return {
      cut: (off) => discovery.cut(off),
      async stop() {
        await adapter.stop();
        await started.stop();
        discovery.stop();
      },
    };
  } catch (error) {
    await prometheus?.stop();
    discovery.stop();
    throw error;
  }
}
