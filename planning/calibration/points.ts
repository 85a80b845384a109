import { z } from 'zod';
import { readCatalogFile } from '../../catalog/json-file';

/** What a measured point may say; the unit stands in the name. */
export const MEASURED = [
  'weightsGib',
  'deviceWeightsMib',
  'kvTokens',
  'kvGib',
  'kvMib',
  'kvBytesPerToken',
  'activationGib',
  'nonTorchGib',
  'graphsGib',
  'totalGib',
  'tpotMs',
  'decodeTokensPerSecond',
  'tokensPerSecond',
  'prefillTokensPerSecond',
  'ttftMs',
  'visibleMib',
  'projectorMib',
] as const;
export type Measured = (typeof MEASURED)[number];

const PointSchema = z.strictObject({
  id: z.string().min(1),
  model: z.string().nullable(),
  engine: z.enum(['vllm', 'llama.cpp', 'trtllm']).nullable(),
  engineVersion: z.string().nullable(),
  gpu: z.string().nullable(),
  precision: z.string().nullable(),
  settings: z.strictObject({
    maxModelLen: z.int().optional(),
    maxNumSeqs: z.int().optional(),
    gpuMemoryUtilization: z.number().optional(),
    maxNumBatchedTokens: z.int().optional(),
    tensorParallel: z.int().optional(),
    /** Without CUDA graphs. */
    enforceEager: z.boolean().optional(),
    /** Pixel limit of the image processor, where it was set. */
    maxPixels: z.int().optional(),
    /** Memory as this log prints it, where it differs from the table of cards. */
    visibleGib: z.number().optional(),
  }),
  load: z.strictObject({
    /** As counted by the benchmark; see countedLoad. */
    inputTokens: z.int().optional(),
    outputTokens: z.int().optional(),
    concurrency: z.int().optional(),
    images: z.int().optional(),
    imageWidthPx: z.int().optional(),
    imageHeightPx: z.int().optional(),
  }),
  measured: z.partialRecord(z.enum(MEASURED), z.number()),
  /** Measurements that contradict others of the same source or of physics, each with why; shown, and summed up apart. */
  apart: z.partialRecord(z.enum(MEASURED), z.string().min(1)).optional(),
  /** Whether the engine started with exactly these settings. */
  started: z.boolean().optional(),
  /** fit: a constant was fitted to it; check: none was; data: it is itself a figure of the catalogue. */
  role: z.enum(['fit', 'check', 'data']),
  grade: z.enum(['A', 'B']),
  source: z.string().min(1),
});
export type Point = z.infer<typeof PointSchema>;

/** The measured points. @throws KitError E_CATALOG_INVALID */
export function loadPoints(file: string): readonly Point[] {
  return readCatalogFile(file, z.strictObject({ _about: z.string(), points: z.array(PointSchema) })).points;
}
