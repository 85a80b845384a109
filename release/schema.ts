import { z } from 'zod';
import { parseOffHours } from './off-hours';
import { AUTOSCALING_MODES, CAPACITIES, ENVIRONMENTS, NODE_KINDS, OPENNESS_LEVELS, PRECISIONS } from './vocabulary';

export * from './vocabulary';

/** Schema version that this kit reads and writes. */
export const RELEASE_API_VERSION = 'onevision-kit/v1';

/** Text on one line: it becomes tags, names and table cells. */
const text = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
    .regex(/^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]+$/, 'must be text on one line, not blank and without control characters');
const positive = z.number().positive();
const positiveInteger = z.int().positive();
const dnsLabel = z
  .string()
  .regex(/^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/, 'must be 1 to 40 lower-case letters, digits and dashes, starting with a letter');
const repositoryPath = z
  .string()
  .min(1)
  .max(400)
  .refine(isRepositoryPath, 'must be a path inside the repository, relative to its root and with forward slashes');

/** A full git commit, or the digest of a model file that a package registry serves without a commit. */
export const REVISION = /^([0-9a-f]{40}|sha256:[0-9a-f]{64})$/;

const metadata = z.strictObject({
  name: dnsLabel.describe('Name of the release; prefixes every resource.'),
  environment: z.enum(ENVIRONMENTS).describe('Where it goes. "rehearsal" can never reach a real AWS account.'),
  owner: text(128).describe('Team or person who answers for it; becomes the tag Owner.'),
  costCentre: text(128).describe('Where the bill goes; becomes the tag CostCentre.'),
});

const model = z.strictObject({
  id: text(200).describe('Model id of the catalog, see `ovkit catalog list models`.'),
  revision: z
    .string()
    .regex(
      REVISION,
      'must be a full commit of 40 lower-case hex digits (or sha256: and 64 hex digits for a model file from a package registry), not a branch, a tag or a short hash',
    )
    .describe(
      'Full 40-hex commit of the model repository, or sha256: digest of a model file that comes from a package registry. Branches such as main are refused.',
    ),
  precision: z.enum(PRECISIONS).describe('Numeric format of the weights; must be offered for the model.'),
});

const sha256Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'must be sha256: and 64 lower-case hex digits, not a tag');

const REPOSITORY = /^[a-z0-9.-]+(:[0-9]+)?(\/[a-z0-9._-]+)+$/;

const builtImage = z.strictObject({
  digest: sha256Digest.describe('Digest of the image that is to run.'),
  repository: z
    .string()
    .regex(REPOSITORY, 'must be a registry and a repository without tag or digest')
    .optional()
    .describe("Registry and repository. Default: the release's own repository in the registry of the bootstrap stack."),
});
const unbuiltImage = z.strictObject({
  state: z.literal('unbuilt').describe('There is no image yet; the release cannot be allowed.'),
  recipe: repositoryPath.describe('Folder of the recipe that will build it.'),
});
const hostImage = z.strictObject({
  state: z.literal('host').describe('No image: a binary that is already on the nodes. Refused for AWS targets.'),
  binary: text(200).describe('Name of the binary on the nodes, e.g. llama-server.'),
  source: text(300).describe('Pinned source the binary was built from, as a subject of the evidence lock.'),
});

const engine = z.strictObject({
  name: text(60).describe('Engine of the catalog, see `ovkit catalog list engines`.'),
  image: z
    .union([builtImage, unbuiltImage, hostImage], {
      error: ({ input }) => (typeof input === 'string' ? 'a tag or a bare name can change what it points to' : undefined),
    })
    .describe('What runs: a pinned digest, a recipe that is not built yet, or a binary on the host.'),
});

const apiKey = z.strictObject({
  secret: z
    .string()
    .max(253)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be the name of a Secret: lower-case letters, digits, dots and dashes')
    .describe('Name of a Secret in the namespace of the release. The kit reads no key at synth and writes none anywhere.'),
  key: z
    .string()
    .max(253)
    .regex(/^[A-Za-z0-9._-]+$/, 'must be a key of a Secret: letters, digits, dots, dashes and underscores')
    .default('api-key')
    .describe('Key in that Secret; its value holds one API key a line, so that two hold while one is changed.'),
});
const proxyImage = z.strictObject({
  repository: z
    .string()
    .regex(REPOSITORY, 'must be a registry and a repository without tag or digest')
    .describe('Registry and repository.'),
  digest: sha256Digest.describe('Digest of an image with sh, sed, curl and nginx; judged like the image of the engine.'),
});
const service = z.strictObject({
  apiKey: apiKey.optional().describe('Who is answered. Without it whoever the NetworkPolicy lets through is.'),
  proxyImage: proxyImage
    .optional()
    .describe("Image of the proxy in front of the engine, where the engine's own holds no nginx, such as stock vLLM and llama.cpp."),
});

const load = z.strictObject({
  imagesPerRequest: z.int().min(0).max(64).describe('Images in one request; 0 for a text model.'),
  imageWidthPx: positiveInteger.max(16384).optional().describe('Width of an image in pixels; needed when there are images.'),
  imageHeightPx: positiveInteger.max(16384).optional().describe('Height of an image in pixels; needed when there are images.'),
  promptTokens: positiveInteger.max(1_000_000).describe('Text tokens of the prompt, without image tokens.'),
  outputTokens: positiveInteger.max(1_000_000).describe('Tokens of an answer.'),
  peakRequestsPerSecond: positive.max(100_000).describe('Requests per second at the busiest time.'),
  averageRequestsPerSecond: positive
    .max(100_000)
    .optional()
    .describe('Requests per second on average over the hours of use. Default: half of the peak.'),
  hoursPerMonth: positive.max(744).describe('Hours a month during which the service is up.'),
});

const targets = z.strictObject({
  timeToFirstTokenMs: positive.max(3_600_000).describe('Time to first token at the median, in milliseconds.'),
  timePerOutputTokenMs: positive.max(3_600_000).describe('Time per output token after the first, in milliseconds.'),
});

const cluster = z.strictObject({
  context: text(200).describe('kubeconfig context of the existing cluster.'),
  namespace: dnsLabel.optional().describe('Namespace of the release. Default: the name of the release.'),
  nodeVcpu: positive.describe('vCPU that a node has for the service.'),
  nodeMemoryGib: positive.describe('Memory in GiB that a node has for the service.'),
  nodeMemoryBandwidthGbPerSecond: positive
    .optional()
    .describe('Memory bandwidth that the service gets, GB/s. Without it speed is unknown.'),
  nodeGpu: text(60).optional().describe('GPU of the catalog that a node carries, if any.'),
  nodeGpuCount: positiveInteger.optional().describe('How many of them. Default: 1 when nodeGpu is given.'),
  usdPerNodeHour: z
    .number()
    .min(0)
    .optional()
    .describe('What a node costs per hour, in US dollars. Without it the price is unknown, not 0.'),
});

const placement = z.strictObject({
  target: z.enum(['aws', 'cluster']).describe('"aws": the kit makes the cluster; "cluster": an existing cluster, workloads only.'),
  region: text(30).optional().describe('AWS region; needed for target aws.'),
  capacity: z.array(z.enum(CAPACITIES)).min(1).default(['on-demand']).describe('Kinds of capacity, in order of preference.'),
  nodes: z
    .enum(NODE_KINDS)
    .default('managed')
    .describe('"managed": EKS node groups between the nodes of minReplicas and maxReplicas; "karpenter": nodes come and go with the pods.'),
  offHours: z
    .string()
    .refine(
      (text) => parseOffHours(text) !== undefined,
      'must be two different times of the day and a time zone, e.g. 19:00-07:00 Europe/Amsterdam',
    )
    .optional()
    .describe('Hours of each day without nodes for the model; the service does not answer then. Needs managed nodes.'),
  minReplicas: z.int().min(0).max(1000).default(1).describe('Replicas that always run.'),
  maxReplicas: positiveInteger.max(1000).describe('Most replicas that autoscaling may start.'),
  autoscaling: z
    .enum(AUTOSCALING_MODES)
    .optional()
    .describe(
      'Who drives the replicas between minReplicas and maxReplicas: "keda" (installed by the kit for target aws), "hpa" (needs an external-metrics API) or "none". Default: none when both are equal, else keda for aws and hpa for an existing cluster.',
    ),
  surviveOneFailure: z
    .boolean()
    .optional()
    .describe('Run one node more than the peak needs, so that the loss of one node leaves the targets met. Default: false.'),
  instanceFamilies: z
    .array(text(40))
    .min(1)
    .optional()
    .describe('Families (g6) or exact types (g6.xlarge) that may be used; needed for target aws.'),
  cluster: cluster.optional().describe('The existing cluster; needed for target cluster.'),
});

const startup = z.strictObject({
  arrivalSeconds: positive
    .max(86_400)
    .optional()
    .describe('Slowest time seen from the decision for a replica until its engine starts, in seconds: new node, image, weights.'),
  engineSeconds: positive
    .max(86_400)
    .optional()
    .describe(
      'Slowest time seen from the start of the engine until it is healthy, in seconds; `ovkit calibrate` reads it from logs of vLLM.',
    ),
  measured: text(300).describe('Where and when: machine, date, number of starts. Stands beside the figures.'),
});

const budget = z.strictObject({
  monthlyUsd: positive.describe('Most US dollars a month; becomes the AWS budget.'),
  usdPerThousandImages: positive.optional().describe('Most US dollars for 1,000 images at the average load.'),
  priceOverrides: repositoryPath
    .optional()
    .describe('File with contract prices, which replace the list prices of the catalogue; see docs/prices.md.'),
  externalUsdPerThousandImages: positive
    .optional()
    .describe(
      'What somebody else would charge for 1,000 images; the plan then says from how many requests a month the own service is cheaper.',
    ),
});

const compliance = z.strictObject({
  policy: text(200)
    .refine((policy) => isRepositoryPath(policy), 'must be the name of a policy, such as production, or a path inside the repository')
    .describe('Policy by name (production) or by path inside the repository.'),
  requires: z
    .enum(OPENNESS_LEVELS)
    .describe('What must be open: open-weights, open-model (also code), open-science (also data, recipes, logs).'),
  lock: repositoryPath.default('compliance.lock.json').describe('Evidence lock of this release.'),
  waivers: z.array(repositoryPath).default([]).describe('Files with signed waivers.'),
});

/** What `release.yaml` must look like. Cross-field rules are in `release/rules.ts`. */
export const ReleaseSchema = z.strictObject({
  $schema: z.string().optional().describe('JSON Schema for editors.'),
  apiVersion: z.literal(RELEASE_API_VERSION).describe('Version of this file format.'),
  metadata,
  model,
  engine,
  service: service.optional().describe('How the service is reached: its API key, and the proxy in front of the engine.'),
  load,
  targets,
  placement,
  startup: startup.optional().describe('Measured times of a start; they replace the estimates of the plan.'),
  budget,
  compliance,
});

/** A release as the other rooms see it: defaults filled in, plain readonly data. */
export type Release = DeepReadonly<z.output<typeof ReleaseSchema>>;
export type ReleaseImage = Release['engine']['image'];

type DeepReadonly<T> = T extends (infer U)[]
  ? readonly DeepReadonly<U>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

/** Relative, without `..`, backslashes, drive letters or control characters: it can only lead into the repository. */
function isRepositoryPath(path: string): boolean {
  return !path.startsWith('/') && !/[\\:\p{Cc}]/u.test(path) && !path.split('/').includes('..');
}
