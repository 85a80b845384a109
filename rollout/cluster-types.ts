/** The few fields of the Kubernetes API that the proof reads; any may be missing. */
export interface ContainerStateView {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: unknown;
  readonly terminated?: { readonly exitCode: number; readonly reason?: string; readonly message?: string };
}

export interface ContainerStatusView {
  readonly name: string;
  readonly imageID?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerStateView;
  readonly lastState?: ContainerStateView;
}

export interface PodView {
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: unknown;
    readonly creationTimestamp?: unknown;
  };
  readonly spec: {
    readonly nodeName?: string;
    readonly containers: readonly ContainerView[];
    readonly initContainers?: readonly ContainerView[];
    readonly ephemeralContainers?: readonly ContainerView[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly containerStatuses?: readonly ContainerStatusView[];
    readonly initContainerStatuses?: readonly ContainerStatusView[];
  };
}

export interface ContainerView {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
}

export interface DeploymentView {
  readonly metadata: { readonly generation?: number };
  readonly spec: { readonly replicas?: number; readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> } };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

export interface EventView {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly lastTimestamp?: unknown;
  readonly eventTime?: unknown;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

export interface AutoscalerView {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly scaleTargetRef: { readonly name: string } };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
  };
}

/** What the proof reads of a cluster. It never writes. */
export interface Cluster {
  readonly context: string;
  readonly server: string;
  version(): Promise<string | null>;
  /** undefined when it is not there. */
  deployment(namespace: string, name: string): Promise<DeploymentView | undefined>;
  pods(namespace: string, labels: Readonly<Record<string, string>>): Promise<readonly PodView[]>;
  autoscalers(namespace: string): Promise<readonly AutoscalerView[]>;
  events(namespace: string): Promise<readonly EventView[]>;
  /** Last lines of a container; empty when there are none to be had. */
  logs(namespace: string, pod: string, container: string, previous: boolean, lines: number): Promise<string>;
  /** One value of a Secret; undefined when the Secret or its key is not there. @throws when it may not be read */
  secret(namespace: string, name: string, key: string): Promise<string | undefined>;
  /**
   * POST to a Service through the API server; the answer as it comes.
   * @throws ServiceError for an answer that is no success
   */
  askService(question: ServiceQuestion, signal: AbortSignal): AsyncIterable<string>;
}

export interface ServiceQuestion {
  readonly namespace: string;
  readonly service: string;
  readonly port: string;
  readonly path: string;
  readonly body: unknown;
  /** In the header X-Api-Key: the API server takes Authorization for its own. */
  readonly apiKey?: string;
}

/** An answer of the service that is not a success. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    words: string,
  ) {
    super(`HTTP ${status}: ${words}`);
    this.name = 'ServiceError';
  }
}
