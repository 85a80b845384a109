import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../control-plane/control-plane';
import type { ImageRule } from '../nodes/images';
import type { NodeSpec } from '../nodes/node-object';
import { type Nodes, startNodes } from '../nodes/nodes';

/** A control plane with nodes: a cluster of its own, for one rehearsal. */
export interface EmbeddedCluster {
  readonly plane: ControlPlane;
  readonly nodes: Nodes;
  /** Milliseconds until the nodes were ready. */
  readonly startedInMs: number;
  stop(): Promise<void>;
}

export interface EmbeddedClusterOptions {
  readonly binary: string;
  readonly nodes: readonly NodeSpec[];
  readonly images: readonly ImageRule[];
  readonly backOffMs?: number;
  readonly flags?: ControlPlaneOptions['flags'];
  readonly signal?: AbortSignal;
}

/** Starts everything, or nothing: what was started is ended when a later part fails. @throws KitError E_CONTROL_PLANE_START */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const started = performance.now();
  const plane = await startControlPlane({ binary: options.binary, signal: options.signal, flags: options.flags });
  try {
    const nodes = await startNodes(plane, options);
    return {
      plane,
      nodes,
      startedInMs: Math.round(performance.now() - started),
      async stop() {
        await nodes.stop();
        await plane.stop();
      },
    };
  } catch (error) {
    await plane.stop();
    throw error;
  }
}
