import type { WeightsFile } from './weights-files';

/**
 * Values of the chart `charts/onevision`, as its `values.schema.json` allows them. What each one means stands in `values.yaml`.
 * Values that `chartValues` leaves out keep the chart's defaults.
 */
export interface ChartValues {
  readonly rehearsal: boolean;
  readonly release: {
    readonly name: string;
    readonly environment: string;
    readonly owner: string;
    readonly costCentre: string;
  };
  readonly verdict: { readonly state: string; readonly digest: string; readonly expires: string };
  readonly model: { readonly id: string; readonly revision: string; readonly precision: string };
  readonly engine: {
    readonly name: string;
    readonly kind: 'vllm' | 'llama.cpp';
    readonly version: string;
    readonly port: number;
    readonly command: readonly string[];
    readonly args: readonly string[];
  };
  readonly image: ChartImage;
  readonly proxy: ChartProxy;
  /** Secret with the API key of the service; without it whoever reaches the service is answered. */
  readonly apiKey?: { readonly existingSecret: string; readonly key: string };
  readonly weights: ChartWeights;
  readonly replicas: number;
  readonly autoscaling: ChartAutoscaling;
  readonly rollout: ChartRollout;
  readonly gpu: { readonly count: number };
  readonly resources: {
    readonly requests: { readonly cpu: string; readonly memory: string };
    readonly limits: { readonly memory: string };
  };
  readonly sharedMemoryMib: number;
  readonly readOnlyRootFilesystem: boolean;
  readonly shutdown: { readonly preStopSleepSeconds: number; readonly graceSeconds: number };
  readonly startup: {
    readonly budgetSeconds: number;
    readonly periodSeconds: number;
    readonly progressDeadlineSeconds: number;
    /** What both go by: measured, or an estimate with its range. */
    readonly reason?: string;
  };
  readonly monitoring: {
    /** Some Prometheus scrapes the pods, since an autoscaler needs their signals; the NetworkPolicy lets it through. */
    readonly ownScrape: boolean;
    /** Namespace of that Prometheus, where its address tells. */
    readonly prometheus?: { readonly namespace: string };
    /** What the alerts go by, where they are switched on. */
    readonly rules: { readonly timeToFirstTokenSeconds: number };
  };
  readonly doNotDisrupt: boolean;
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Addresses that the pod may reach; a list, or a reference of Terraform to one. */
  readonly networkPolicy?: { readonly egress: unknown };
}

/** What runs: a pinned image, an image that is not built yet, or a binary on the nodes. */
export type ChartImage =
  | { readonly state: 'built'; readonly repository: string; readonly digest: string }
  | { readonly state: 'unbuilt'; readonly recipe: string }
  | { readonly state: 'host'; readonly binary: string };

/** What stands in front of the engine, or why nothing does. */
export type ChartProxy =
  | { readonly enabled: true; readonly maxBodyMib: number; readonly image?: { readonly repository: string; readonly digest: string } }
  | { readonly enabled: false; readonly reason: string };

/** Where the weights lie. The files stand in `<mountPath>/<folder>`. */
export interface ChartWeights {
  readonly volume: { readonly type: 'emptyDir'; readonly sizeGib: number } | { readonly type: 'hostPath'; readonly path: string };
  readonly mountPath: string;
  readonly folder: string;
  /** File inside the folder; empty for engines that read the folder itself. */
  readonly file: string;
  /** Projector file inside the folder; empty without images. */
  readonly projectorFile: string;
  /** Hashes that the init container compares; empty when the verdict knows none. */
  readonly files: readonly WeightsFile[];
  /** Where the init container fetches what is missing; without it somebody else has to put the files there. */
  readonly source?: { readonly url: string; readonly region: string };
}

/** How an update replaces pods, and why. */
export interface ChartRollout {
  readonly maxSurge: number;
  /** Pods, or a share of the replicas as `50%`, rounded down. */
  readonly maxUnavailable: number | string;
  readonly reason: string;
}

/** Who owns the number of replicas, and how it follows the load. */
export interface ChartAutoscaling {
  readonly mode: 'none' | 'hpa' | 'keda';
  readonly minReplicas: number;
  readonly maxReplicas: number;
  readonly fallbackReplicas: number;
  readonly prometheusUrl?: string;
  readonly signals: readonly { readonly name: string; readonly query: string; readonly target: number }[];
  readonly scaleUp: ScalingWindow;
  readonly scaleDown: ScalingWindow;
}

interface ScalingWindow {
  readonly stabilizationSeconds: number;
  readonly pods: number;
  readonly periodSeconds: number;
}
