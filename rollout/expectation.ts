/** A figure's range as the plan gives it. */
interface Range {
  readonly low: number | null;
  readonly high: number | null;
}

/** What should be running: plain data that whoever composes takes from plan, verdict and the chart's values. */
export interface Expected {
  readonly release: { readonly name: string; readonly environment: string };
  readonly namespace: string;
  /** Name of the Deployment and of the Service. */
  readonly workload: string;
  readonly servicePortName: string;
  readonly verdictDigest: string;
  /** Reference of the image in the pods. */
  readonly image: string;
  /** Digest that must be running; null for a binary on the nodes, which has none. */
  readonly imageDigest: string | null;
  /** Another image of the container `proxy`; null: that of the engine. */
  readonly proxyImage: { readonly image: string; readonly digest: string } | null;
  /** Where the API key of the service lies, and whether the proxy asks for it; null: none is asked for. */
  readonly apiKey: { readonly secret: string; readonly key: string; readonly proxied: boolean } | null;
  readonly command: readonly string[];
  readonly args: readonly string[];
  /** Name under which the engine serves the model. */
  readonly modelId: string;
  readonly modelRevision: string;
  /** `sha256:` digest of the list of weight files; null when the verdict knows no hashes. */
  readonly weightsManifest: string | null;
  /** Whether an autoscaler drives the replicas. */
  readonly scaled: boolean;
  readonly timeToFirstTokenMs: Range;
  readonly timePerOutputTokenMs: Range;
}

/** A question whose answer tells a model that works from one that does not. */
export interface SmokeTest {
  readonly label: string;
  /** Messages of an OpenAI chat completion. */
  readonly messages: readonly unknown[];
  readonly maxTokens: number;
  readonly check: (answer: string) => { readonly passed: boolean; readonly reasons: readonly string[] };
  /** Text with about as many tokens as the plan's request, for the measurement; maxTokens for its answer. */
  readonly load: { readonly messages: readonly unknown[]; readonly maxTokens: number };
}
