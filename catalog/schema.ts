import { z } from 'zod';
import { REVISION } from '../release/schema';
import { PRECISIONS } from '../release/vocabulary';

const source = z.string().min(1).describe('Where the facts come from: repository and commit, document and date.');
const positiveInteger = z.int().positive();
const bytes = z.int().positive();

const textShape = z.strictObject({
  layers: positiveInteger,
  hiddenSize: positiveInteger,
  attentionHeads: positiveInteger,
  kvHeads: positiveInteger,
  headDim: positiveInteger,
  intermediateSize: positiveInteger,
  vocabSize: positiveInteger,
  tiedEmbeddings: z.boolean(),
  maxPositions: positiveInteger.describe('Positions in the shipped config.'),
  effectiveContext: positiveInteger.describe('Positions that were trained on; the kit never sets max_model_len beyond it.'),
  /** Mixture of experts: every layer holds all of them, a token runs through some. intermediateSize is then that of one expert. */
  experts: z
    .strictObject({
      count: positiveInteger,
      perToken: positiveInteger,
      bytesPerWeight: z.number().positive().optional().describe('When the checkpoint holds the experts in a type of their own (MXFP4).'),
    })
    .optional(),
});

const visionShape = z.strictObject({
  tower: z.string().min(1),
  layers: positiveInteger,
  hiddenSize: positiveInteger,
  attentionHeads: positiveInteger,
  intermediateSize: positiveInteger,
  patchPx: positiveInteger,
  mergeSize: positiveInteger.describe('Patches per side that become one language-model token.'),
  temporalPatchSize: positiveInteger,
  minPixels: positiveInteger.describe('The kit sets it explicitly in the engine flags.'),
  maxPixels: positiveInteger,
});

const weights = z.strictObject({
  precision: z.enum(PRECISIONS),
  /** Sum of the weight files; null when no file was seen and the bytes are computed from the parameters. */
  fileBytes: bytes.nullable(),
  /** Projector file beside a GGUF. */
  projectorBytes: bytes.nullable().default(null),
  file: z.string().optional(),
  projectorFile: z.string().optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  projectorSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  origin: z.enum(['published', 'quantised-at-load']).describe('quantised-at-load: the engine makes it from the published weights.'),
  source,
});

/** Kinds of artifacts behind a model or an engine; the policy has a row for each role they play. */
export const ARTIFACT_KINDS = [
  'weights',
  'base-model',
  'vision-tower',
  'tokenizer',
  'remote-code',
  'dataset',
  'data-source',
  'training-code',
  'training-recipe',
  'configs',
  'training-logs',
  'paper',
  'engine-source',
  'base-image',
] as const;
export type ArtifactKind = (typeof ARTIFACT_KINDS)[number];

const artifact = z.strictObject({
  /**
   * Subject id as in the evidence lock: `hf:model/ORG/NAME`, `hf:dataset/ORG/NAME`, `git:HOST/ORG/REPO`, `data:NAME`, `pypi:NAME@VERSION`,
   * `npm:NAME@VERSION`, `arxiv:ID`, `oci:HOST/NAME`, `kit:FOLDER`; a part of one is written after `#`.
   */
  id: z.string().regex(/^[a-z]+:[^\s]+$/),
  kind: z.enum(ARTIFACT_KINDS),
  title: z.string().min(1),
  /** Id of the artifact that this one flows into; absent for what ships itself. */
  partOf: z.string().optional(),
  /** Former ids that redirect here. */
  formerIds: z.array(z.string()).default([]),
});
export type Artifact = Readonly<z.infer<typeof artifact>>;

const score = z.strictObject({ benchmark: z.string(), value: z.number(), source });

const ModelSchema = z.strictObject({
  id: z.string().min(1),
  title: z.string().min(1),
  family: z.string().min(1),
  /** text or vision-language; decides the overhead of loaded weights. */
  kind: z.enum(['text', 'vision-language']),
  /** What the model is to the puppet show. */
  role: z.enum(['primary', 'base', 'variant', 'predecessor', 'successor', 'different-model', 'test-model']),
  note: z.string().min(1),
  architecture: z.string().min(1),
  /** Ids under which it was published before, or is often written. */
  aliases: z.array(z.string()).default([]),
  knownRevisions: z.array(z.string().regex(REVISION)).default([]),
  trustRemoteCode: z.boolean(),
  transformers: z.string().optional().describe('Range of transformers versions that load it rightly.'),
  parameters: z.strictObject({
    language: positiveInteger,
    vision: z.int().nonnegative(),
    merger: z.int().nonnegative(),
    total: positiveInteger,
  }),
  text: textShape,
  vision: visionShape.nullable(),
  weights: z.array(weights).min(1),
  artifacts: z.array(artifact).min(1),
  fineTuning: z.array(z.strictObject({ method: z.string(), hardware: z.string(), source })).default([]),
  scores: z.array(score).default([]),
  source,
});
export type Model = Readonly<z.infer<typeof ModelSchema>>;

/** A file of `catalog/models/`: a model, with the artifacts that it shares with its family taken from `catalog/lineages/`. */
export const ModelFileSchema = ModelSchema.extend({
  /** Keys of the lineages whose artifacts come after the model's own. */
  lineages: z.array(z.string()).default([]),
});

/** `partOf` of a shared artifact that flows into the weights of whatever model names the lineage. */
export const WEIGHTS_OF_THE_MODEL = '@weights';

/** A file of `catalog/lineages/`: artifacts that several models have in common. */
export const LineageSchema = z.strictObject({ key: z.string().min(1), artifacts: z.array(artifact).min(1) });
export type Lineage = Readonly<z.infer<typeof LineageSchema>>;

export const EngineSchema = z.strictObject({
  name: z.string().min(1),
  title: z.string().min(1),
  /** Which memory and speed formulas hold. */
  kind: z.enum(['vllm', 'llama.cpp']),
  version: z.string().min(1),
  /** Architectures this version serves; everything else is refused at plan time. */
  architectures: z.array(z.string()).min(1),
  precisions: z.array(z.enum(PRECISIONS)).min(1),
  devices: z.array(z.enum(['gpu', 'cpu'])).min(1),
  defaultGpuMemoryUtilization: z.number().gt(0).lt(1).nullable(),
  port: positiveInteger,
  imageBytes: bytes.nullable().describe('Compressed size of the image, for cold start; null when unknown.'),
  artifacts: z.array(artifact).default([]),
  note: z.string().min(1),
  source,
});
export type Engine = Readonly<z.infer<typeof EngineSchema>>;

export const GpuSchema = z.strictObject({
  key: z.string().min(1),
  name: z.string().min(1),
  arch: z.string().min(1),
  computeCapability: z.string(),
  marketingGb: z.number().positive(),
  ec2ApiMib: positiveInteger.describe('What the EC2 API and the Karpenter label say.'),
  nvidiaSmiMib: positiveInteger.nullable(),
  cudaVisibleGib: z.number().positive().nullable().describe('What torch sees; gpu_memory_utilization multiplies this one.'),
  cudaVisibleSource: z.string().nullable(),
  memoryBandwidthGbPerSecond: z.number().positive().nullable(),
  memoryClass: z.enum(['gddr', 'hbm']),
  bf16Tflops: z.number().positive().nullable(),
  fp16Tflops: z.number().positive().nullable(),
  fp8Tflops: z.number().positive().nullable(),
  bf16Native: z.boolean(),
  fp8Native: z.boolean(),
  note: z.string().nullable(),
  source,
});
export type Gpu = Readonly<z.infer<typeof GpuSchema>>;

const PRICE_BASES = ['sourced', 'derived', 'not-offered', 'unknown'] as const;

const regionPrice = z.strictObject({
  usdPerHour: z.number().positive().nullable(),
  basis: z.enum(PRICE_BASES),
  detail: z.string().min(1),
  /** Only of a price that a file of the release put here (contract prices): where it is from, instead of the snapshot. */
  contract: z.strictObject({ source: z.string().min(1), validUntil: z.iso.date().optional(), ended: z.boolean() }).optional(),
});
export type RegionPrice = Readonly<z.infer<typeof regionPrice>>;

export const InstanceTypeSchema = z.strictObject({
  type: z.string().min(1),
  family: z.string().min(1),
  arch: z.enum(['x86_64', 'arm64']),
  cpu: z.string().nullable(),
  vcpu: positiveInteger,
  memoryGib: z.number().positive(),
  gpu: z.string().nullable(),
  /** Fractions (0.125) for g6f and gr6f. */
  gpuCount: z.number().nonnegative(),
  fractionalGpu: z.boolean(),
  gpuMemoryEc2Mib: positiveInteger.nullable(),
  /** Memory bandwidth of the socket, GB/s, for CPU types; a part of a socket does not get it all. */
  socketMemoryBandwidthGbPerSecond: z.number().positive().nullable(),
  localNvmeGb: z.number().nonnegative(),
  networkMbpsBaseline: z.number().positive().nullable(),
  ebsMbps: z.number().positive().nullable(),
  price: z.record(z.string(), regionPrice),
  /** Lowest and highest over the zones of the snapshot; indicative only. */
  spotUsdPerHourRange: z.record(z.string(), z.tuple([z.number().positive(), z.number().positive()])),
});
export type InstanceType = Readonly<z.infer<typeof InstanceTypeSchema>>;

/** Monthly and hourly prices of what stands around the nodes. */
const ServicePriceSchema = z.strictObject({
  key: z.string().min(1),
  title: z.string().min(1),
  unit: z.string().min(1),
  usd: z.record(z.string(), z.number().nonnegative()),
  basis: z.enum(['sourced', 'derived', 'unverified']),
  source,
  /** Regions whose price came from a price list or a contract later on, with where from; these are sourced. */
  sources: z.record(z.string(), z.string().min(1)).optional(),
});
export type ServicePrice = Readonly<z.infer<typeof ServicePriceSchema>>;

export const PriceSnapshotSchema = z.strictObject({
  /** Day the on-demand prices were generated. */
  date: z.iso.date(),
  /** After this many days a plan warns that prices are stale. */
  staleAfterDays: positiveInteger,
  staleReason: z.string().min(1),
  regions: z.array(z.string()).min(1),
  /** Where the prices of each region come from, and of `spot`, `instances` and `cpu`. */
  sources: z.record(z.string(), z.string()),
  /** Regions whose prices `ovkit prices refresh` took from a price list, with what it was. */
  refreshed: z
    .record(
      z.string(),
      z.strictObject({
        publicationDate: z.iso.datetime(),
        version: z.string(),
        from: z.string().min(1),
        sha256: z.string().regex(/^[0-9a-f]{64}$/),
        etag: z.string().nullable(),
        bytes: positiveInteger,
      }),
    )
    .optional(),
  services: z.array(ServicePriceSchema),
});
type PriceSnapshot = Readonly<z.infer<typeof PriceSnapshotSchema>>;

/** All facts, as one value. */
export interface Catalog {
  readonly models: readonly Model[];
  readonly engines: readonly Engine[];
  readonly gpus: readonly Gpu[];
  readonly instances: readonly InstanceType[];
  readonly prices: PriceSnapshot;
}
