import type { Engine, Gpu, Model } from '../../catalog/schema';
import type { Node } from '../choose/node';
import type { VllmEra } from '../engine-flags/vllm-version';
import { kvBytesPerToken } from '../fit/kv-cache';
import { activeParameters, decodeReadBytes, type WeightType, weightBytes } from '../fit/weights';
import type { Ranged } from '../ranged';
import type { RequestShape } from '../request';
import { GB, MS, TERA } from '../units';
import { overlapping } from './at-rate';
import {
  ALL_REDUCE_GB_PER_SECOND,
  CPU_BANDWIDTH_SHARE,
  CPU_GFLOPS_PER_VCPU,
  cardShare,
  DECODE_MFU,
  EXPERT_LAYER_MS,
  type FirstToken,
  GRAPHED_SYNCHRONOUS_STEP_MS,
  type HostConstants,
  hostConstants,
  IMAGE_HOST_MS_PER_MEGAPIXEL,
  IMAGE_HOST_VCPU,
  LLAMA_16_BIT_PREFILL,
  LLAMA_SLOT_SHARE,
  MIXED_BATCH_TFLOPS,
  ONE_PROCESS_SEQUENCE_MS,
  PIECEWISE_LAYER_MS,
  type SpeedConstants,
  type SpeedEngine,
  SYNCHRONOUS_SEQUENCE_MS,
  speedConstants,
  TENSOR_PARALLEL_LAYER_MS,
} from './constants';

const ALL_REDUCES_PER_LAYER = 2;
const ACTIVATION_BYTES = 2;
const MEGAPIXEL = 1e6;

/** Which end of the constants: as fitted, the slow end, the fast end. */
export type End = 'value' | 'slow' | 'fast';
export const ENDS: readonly End[] = ['value', 'slow', 'fast'];

/** One replica as three times and a slope, all in seconds. */
export interface StepModel {
  /** Reading the weights once (W_read / (BW x eta)). */
  readonly weightSeconds: number;
  /** Reading all experts of a mixture once; 0 for a dense model. */
  readonly expertSeconds: number;
  /** Share of the experts that one token runs through. */
  readonly expertShare: number;
  /** Reading the KV cache of one request. */
  readonly kvSecondsPerRequest: number;
  /** Arithmetic of one decoded token (2 x P / (FLOPS x 0.6)). */
  readonly computeSecondsPerRequest: number;
  /** Fixed part of a step (c). */
  readonly overheadSeconds: number;
  /** Host work of a step for each sequence. */
  readonly overheadSecondsPerRequest: number;
  /** A step is never shorter than what the host needs to launch its kernels one by one; 0 when the whole step is one CUDA graph. */
  readonly launchSeconds: number;
  /** Arithmetic of the prefill of one request, with its images, in a batch that is decoding. */
  readonly prefillSeconds: number;
  /** How far it overlaps with the decoding of the others; see `overlapping`. */
  readonly mixedOverlap: number;
  /** The same with the GPU to itself: what the request waits when nobody else is there. */
  readonly prefillAloneSeconds: number;
  /** From the arrival of a request to its first token, with the GPU to itself. */
  readonly firstTokenSeconds: number;
  /** Work of the server on the images of one request, one request after the other. */
  readonly imageSeconds: number;
  /** What the host needs for each other request that arrives with it. */
  readonly hostSecondsPerConcurrent: number;
  readonly outputTokens: number;
}

export interface Speed {
  readonly model: (end: End) => StepModel;
  readonly kneeConcurrency: number;
  readonly firstToken: FirstToken;
  readonly basis: 'calibrated' | 'extrapolated';
  readonly source: string;
}

/** What the speed of a replica depends on. */
export interface SpeedInput {
  readonly model: Model;
  readonly precision: WeightType;
  readonly engine: Pick<Engine, 'devices'> & { readonly kind: SpeedEngine };
  readonly request: RequestShape;
  readonly node: Pick<Node, 'instance' | 'cpuBandwidthGbPerSecond' | 'vcpu' | 'gpuCount' | 'gpuFraction'> & {
    readonly gpu: SpeedGpu | null;
  };
  readonly tensorParallel: number;
  /** Bytes of one element of the KV cache; 2 by default. */
  readonly kvDtypeBytes?: number;
  /** Version of vLLM; the newest when it is not given. */
  readonly era?: StepEra;
  readonly enforceEager?: boolean;
  /** Factors on the times, from measurements of the user's own. */
  readonly correction?: SpeedCorrection;
}

type StepEra = Pick<VllmEra, 'asyncScheduling' | 'wholeGraphs' | 'oneProcess'>;

/** What of a GPU its speed depends on. */
export type SpeedGpu = Pick<
  Gpu,
  'key' | 'computeCapability' | 'memoryBandwidthGbPerSecond' | 'memoryClass' | 'bf16Tflops' | 'fp16Tflops' | 'fp8Tflops' | 'fp8Native'
>;

/** Measured over estimated; 1 changes nothing. */
export interface SpeedCorrection {
  readonly step: number;
  readonly prefill: number;
  readonly source: string;
}

/**
 * Speed of one replica; undefined when bandwidth or arithmetic of the device is not known.
 * `t_step(B) = max((W_read + B x ctx x kv_bytes) / (BW x eta), 2 x P x B / (FLOPS x 0.6)) + c + layers x t_layer + B x t_sequence`
 * `t_prefill = (2 x P_linear x tokens + 2 x layers x heads x head_dim x tokens^2 + vit_flops) / (FLOPS x mfu)`
 * With tensor parallel both grow by the all-reduces: a step by a time for each layer, prefill by the bytes that the cards exchange.
 * W_read leaves out the untied input embedding, P_linear both embeddings; the square term is causal attention.
 * Source: fit over the measured points, see docs/accuracy.md.
 */
export function speedOf(input: SpeedInput): Speed | undefined {
  const device = deviceOf(input);
  const constants = device && speedConstants(input.engine.kind, device.memoryClass, Number(input.node.gpu?.computeCapability ?? 0));
  if (!device || !constants) return undefined;
  const { model, precision, request, tensorParallel, kvDtypeBytes = 2, correction, era } = input;
  const weights = weightBytes(model, precision);
  const context = request.inputTokens + request.outputTokens / 2;
  const kvBytes = context * kvBytesPerToken(model.text, kvDtypeBytes);
  const allReduces = Math.log2(tensorParallel) * model.text.layers;
  const prefillFlops = prefillFlopsOf(model, request);
  const exchanged = exchangedBytes(model, request, tensorParallel);
  const decodeFlops = 2 * (activeParameters(model) + model.text.vocabSize * model.text.hiddenSize);
  const host = hostConstants(input.engine.kind, input.node.gpu?.memoryBandwidthGbPerSecond ?? null);
  const stepFactor = correction?.step ?? 1;
  const prefillFactor = correction?.prefill ?? 1;
  const stepModel = (end: End): StepModel => {
    const bandwidth = at(device.bytesPerSecond, end, 'rate') * at(constants.bandwidthEfficiency, end, 'rate') * shareOfCard(input, end);
    const flops = at(device.flops, end, 'rate');
    const weightSeconds = (decodeReadBytes(weights) / bandwidth) * stepFactor;
    const synchronousMs = synchronousStepMs(constants, era, end);
    const layerMs = at(constants.layerOverheadMs, end, 'time') + (model.text.experts ? expertLayerMs(input, end) : 0);
    const overheadMs =
      at(constants.stepOverheadMs, end, 'time') +
      synchronousMs +
      model.text.layers * layerMs +
      allReduces * at(TENSOR_PARALLEL_LAYER_MS, end, 'time');
    // The first slot stands in the time of one stream already.
    const slotSeconds = weightSeconds * llamaSlotShare(input, end);
    const overheadSeconds = (overheadMs / MS) * stepFactor - slotSeconds;
    const sequenceMs = at(constants.sequenceOverheadMs, end, 'time') + at(host.sequenceMs, end, 'time') + olderSequenceMs(era, end);
    const exchangeSeconds = exchanged / (at(ALL_REDUCE_GB_PER_SECOND[device.memoryClass], end, 'rate') * GB);
    const prefillComputeSeconds = prefillFlops / (flops * at(constants.prefillMfuAlone, end, 'rate') * unpacking(input, end));
    const prefillAloneSeconds = (prefillComputeSeconds + exchangeSeconds) * prefillFactor;
    const imageSeconds = imageHostSeconds(input, end);
    const { experts } = model.text;
    // A prompt of any length runs through nearly all experts.
    const readExperts = (weights.experts / bandwidth) * stepFactor;
    return {
      weightSeconds,
      expertSeconds: readExperts,
      expertShare: experts ? experts.perToken / experts.count : 0,
      kvSecondsPerRequest: (kvBytes / bandwidth) * stepFactor,
      computeSecondsPerRequest: (decodeFlops / (flops * at(DECODE_MFU, end, 'rate'))) * stepFactor,
      overheadSeconds,
      overheadSecondsPerRequest: (sequenceMs / MS) * stepFactor + slotSeconds,
      launchSeconds: (model.text.layers * launchLayerMs(input, host, end) + (era?.wholeGraphs === false ? synchronousMs : 0)) / MS,
      prefillSeconds: Math.max(
        prefillAloneSeconds,
        (prefillFlops / mixedRate(constants, device, input, end) + exchangeSeconds) * prefillFactor,
      ),
      mixedOverlap: constants.mixedOverlap,
      prefillAloneSeconds,
      imageSeconds,
      firstTokenSeconds:
        imageSeconds +
        overlapping(prefillAloneSeconds, (weightSeconds + readExperts) * shareOfCard(input, end)) +
        overheadSeconds +
        slotSeconds +
        at(host.requestMs, end, 'time') / MS,
      hostSecondsPerConcurrent: at(host.perConcurrentMs, end, 'time') / MS,
      outputTokens: request.outputTokens,
    };
  };
  const models = { value: stepModel('value'), slow: stepModel('slow'), fast: stepModel('fast') };
  const basis = basisOf(constants, input);
  const corrected = correction ? `; ${correction.source}` : '';
  return {
    model: (end) => models[end],
    kneeConcurrency: constants.kneeConcurrency,
    firstToken: constants.firstToken,
    basis,
    source: sourceOf(constants, basis) + corrected,
  };
}

/** Only vLLM was measured; llama.cpp does it inside its engine, which its first token was not measured with. */
function imageHostSeconds(input: SpeedInput, end: End): number {
  if (input.engine.kind !== 'vllm') return 0;
  const seconds = ((input.request.imagePixels / MEGAPIXEL) * at(IMAGE_HOST_MS_PER_MEGAPIXEL, end, 'time')) / MS;
  return seconds * Math.max(1, at(IMAGE_HOST_VCPU, end, 'time') / vcpuOfReplica(input));
}

/** The replicas of a machine share its vCPU. A card alone, without a machine, has as many as it takes. */
function vcpuOfReplica({ node, tensorParallel }: SpeedInput): number {
  if (node.vcpu === 0) return Number.POSITIVE_INFINITY;
  return node.vcpu * Math.min(1, tensorParallel / Math.max(1, node.gpuCount));
}

/** Bytes that each card sends to share the activations of a prompt: two all-reduces for each layer. */
function exchangedBytes({ text }: Model, { inputTokens }: RequestShape, tensorParallel: number): number {
  const reduced = ALL_REDUCES_PER_LAYER * text.layers * inputTokens * text.hiddenSize * ACTIVATION_BYTES;
  return (2 * reduced * (tensorParallel - 1)) / tensorParallel;
}

/** Share of the bandwidth that a card and the kernels of a type reach against the others of their row while they decode; a prompt keeps more reads in flight. */
function shareOfCard({ engine, precision, node }: SpeedInput, end: End): number {
  const share = node.gpu && cardShare(engine.kind, precision, node.gpu);
  return share ? at(share, end, 'rate') : 1;
}

/** What the host adds to a step of vLLM that it prepares while the GPU waits. */
export function synchronousStepMs(constants: SpeedConstants, era: StepEra | undefined, end: End): number {
  if (!era || era.asyncScheduling) return 0;
  return at(era.wholeGraphs && !era.oneProcess ? GRAPHED_SYNCHRONOUS_STEP_MS : constants.synchronousStepMs, end, 'time');
}

function olderSequenceMs(era: StepEra | undefined, end: End): number {
  if (!era || era.asyncScheduling) return 0;
  return at(SYNCHRONOUS_SEQUENCE_MS, end, 'time') + (era.oneProcess ? at(ONE_PROCESS_SEQUENCE_MS, end, 'time') : 0);
}

function llamaSlotShare({ engine, node }: SpeedInput, end: End): number {
  return engine.kind === 'llama.cpp' && node.gpu ? at(LLAMA_SLOT_SHARE, end, 'time') : 0;
}

/** llama.cpp was fitted with its mixtures in it, and TensorRT-LLM without any. */
function expertLayerMs({ engine }: SpeedInput, end: End): number {
  return engine.kind === 'vllm' ? at(EXPERT_LAYER_MS, end, 'time') : 0;
}

/** Least time of the host for a layer, where the step is not one CUDA graph. */
function launchLayerMs({ enforceEager, era }: SpeedInput, host: HostConstants, end: End): number {
  if (enforceEager) return at(host.eagerLayerMs, end, 'time');
  return era?.wholeGraphs === false ? at(PIECEWISE_LAYER_MS, end, 'time') : 0;
}

/** Arithmetic per second that prefill reaches beside decoding. */
function mixedRate(constants: SpeedConstants, device: Device, input: SpeedInput, end: End): number {
  const rate = at(device.flops, end, 'rate') * at(constants.prefillMfu, end, 'rate') * unpacking(input, end);
  const { gpu } = input.node;
  if (constants.engine !== 'vllm' || device.memoryClass !== 'gddr' || !gpu) return rate;
  const ratio = (tflopsFor(gpu, input.precision) ?? 0) / (gpu.bf16Tflops ?? gpu.fp16Tflops ?? Infinity);
  return Math.min(rate, at(MIXED_BATCH_TFLOPS, end, 'rate') * TERA * ratio * input.node.gpuFraction * input.tensorParallel);
}

/** Share by which 16-bit weights are prefilled faster by llama.cpp than quantised ones. */
function unpacking({ engine, precision }: SpeedInput, end: End): number {
  const sixteen = precision === 'F16' || precision === 'BF16';
  return engine.kind === 'llama.cpp' && sixteen ? at(LLAMA_16_BIT_PREFILL, end, 'rate') : 1;
}

function prefillFlopsOf(model: Model, request: RequestShape): number {
  const { layers, attentionHeads, headDim } = model.text;
  const attention = 2 * layers * attentionHeads * headDim * request.inputTokens ** 2;
  return 2 * activeParameters(model) * request.inputTokens + attention + request.visionFlops;
}

/** Calibrated means: this engine, this GPU, whole and alone, and a load of text; the vision tower was never measured. */
function basisOf(constants: SpeedConstants, input: SpeedInput): Speed['basis'] {
  const known = input.node.gpu !== null && constants.calibratedGpus.includes(input.node.gpu.key);
  return known && input.node.gpuFraction === 1 && input.tensorParallel === 1 && input.request.visionFlops === 0
    ? 'calibrated'
    : 'extrapolated';
}

function sourceOf(constants: SpeedConstants, basis: Speed['basis']): string {
  const how = basis === 'calibrated' ? 'fitted on' : 'extrapolated from';
  return `roofline of weights, KV cache and arithmetic, ${how} ${constants.calibratedOn}`;
}

interface Device {
  readonly memoryClass: SpeedConstants['memoryClass'];
  readonly bytesPerSecond: Ranged;
  readonly flops: Ranged;
}

function deviceOf({ node, engine, precision, tensorParallel }: SpeedInput): Device | undefined {
  if (node.gpu && engine.devices.includes('gpu')) {
    const { memoryBandwidthGbPerSecond } = node.gpu;
    const tflops = tflopsFor(node.gpu, precision);
    if (memoryBandwidthGbPerSecond === null || tflops === null) return undefined;
    const share = node.gpuFraction * tensorParallel;
    return {
      memoryClass: node.gpu.memoryClass,
      bytesPerSecond: fixed(memoryBandwidthGbPerSecond * GB * share),
      flops: fixed(tflops * TERA * share),
    };
  }
  if (node.cpuBandwidthGbPerSecond === null) return undefined;
  const bandwidth = node.cpuBandwidthGbPerSecond * GB;
  const uncertain = node.instance ? CPU_BANDWIDTH_SHARE : { value: 1, low: 1, high: 1 };
  return {
    memoryClass: 'cpu',
    bytesPerSecond: { value: bandwidth * uncertain.value, low: bandwidth * uncertain.low, high: bandwidth * uncertain.high },
    flops: {
      value: CPU_GFLOPS_PER_VCPU.value * GB * node.vcpu,
      low: CPU_GFLOPS_PER_VCPU.low * GB * node.vcpu,
      high: CPU_GFLOPS_PER_VCPU.high * GB * node.vcpu,
    },
  };
}

/** Dense peak at which a precision computes; weight-only types compute in 16 bit. */
function tflopsFor(gpu: SpeedGpu, precision: WeightType): number | null {
  if (precision === 'fp8' && gpu.fp8Native) return gpu.fp8Tflops;
  return precision === 'bf16' || precision === 'fp8' ? gpu.bf16Tflops : (gpu.fp16Tflops ?? gpu.bf16Tflops);
}

function fixed(value: number): Ranged {
  return { value, low: value, high: value };
}

/** The slow end of a rate is its low end, that of a time its high end. */
export function at(ranged: Ranged, end: End, kind: 'rate' | 'time'): number {
  if (end === 'value') return ranged.value;
  return (end === 'slow') === (kind === 'rate') ? ranged.low : ranged.high;
}
