import type { Engine, Model } from '../../catalog/schema';
import type { Precision } from '../../release/schema';
import type { Node } from '../choose/node';
import { kvBytesPerToken } from '../fit/kv-cache';
import { decodeReadBytes, weightBytes } from '../fit/weights';
import type { Ranged } from '../ranged';
import type { RequestShape } from '../request';
import { GB, MS, TERA } from '../units';
import {
  CPU_BANDWIDTH_SHARE,
  CPU_GFLOPS_PER_VCPU,
  DECODE_MFU,
  SPEED_CONSTANTS,
  type SpeedConstants,
  TENSOR_PARALLEL_STEP_MS,
} from './constants';

/** Which end of the constants: as fitted, the slow end, the fast end. */
export type End = 'value' | 'slow' | 'fast';
export const ENDS: readonly End[] = ['value', 'slow', 'fast'];

/** One replica as three times and a slope, all in seconds. */
export interface StepModel {
  /** Reading the weights once (W_read / (BW x eta)). */
  readonly weightSeconds: number;
  /** Reading the KV cache of one request. */
  readonly kvSecondsPerRequest: number;
  /** Arithmetic of one decoded token (2 x P / (FLOPS x 0.6)). */
  readonly computeSecondsPerRequest: number;
  /** Fixed part of a step (c). */
  readonly overheadSeconds: number;
  /** Prefill of one request with its images. */
  readonly prefillSeconds: number;
  readonly outputTokens: number;
}

export interface Speed {
  readonly model: (end: End) => StepModel;
  readonly kneeConcurrency: number;
  readonly basis: 'calibrated' | 'extrapolated';
  readonly source: string;
}

/** What the speed of a replica depends on. */
export interface SpeedInput {
  readonly model: Model;
  readonly precision: Precision;
  readonly engine: Engine;
  readonly request: RequestShape;
  readonly node: Node;
  readonly tensorParallel: number;
}

/**
 * Speed of one replica; undefined when bandwidth or arithmetic of the device is not known.
 * `t_step(B) = max((W_read + B x ctx x kv_bytes) / (BW x eta), 2 x P x B / (FLOPS x 0.6)) + c`
 * `t_prefill = (2 x P x tokens + vit_flops) / (FLOPS x mfu)`; W_read leaves out the untied input embedding.
 * Source: fit over the measured points of tests/planning/points.json (L40S: mean error 2.9 %, worst 7.5 %).
 */
export function speedOf(input: SpeedInput): Speed | undefined {
  const device = deviceOf(input);
  const constants = SPEED_CONSTANTS.find((row) => row.engine === input.engine.kind && row.memoryClass === device?.memoryClass);
  if (!device || !constants) return undefined;
  const { model, precision, request, tensorParallel } = input;
  const weights = weightBytes(model, precision);
  const context = request.inputTokens + request.outputTokens / 2;
  const kvBytes = context * kvBytesPerToken(model.text, 2);
  const extraMs = Math.log2(tensorParallel);
  const stepModel = (end: End): StepModel => {
    const bandwidth = at(device.bytesPerSecond, end, 'rate') * at(constants.bandwidthEfficiency, end, 'rate');
    const flops = at(device.flops, end, 'rate');
    return {
      weightSeconds: decodeReadBytes(weights) / bandwidth,
      kvSecondsPerRequest: kvBytes / bandwidth,
      computeSecondsPerRequest: (2 * model.parameters.language) / (flops * at(DECODE_MFU, end, 'rate')),
      overheadSeconds: (at(constants.stepOverheadMs, end, 'time') + extraMs * at(TENSOR_PARALLEL_STEP_MS, end, 'time')) / MS,
      prefillSeconds:
        (2 * model.parameters.language * request.inputTokens + request.visionFlops) / (flops * at(constants.prefillMfu, end, 'rate')),
      outputTokens: request.outputTokens,
    };
  };
  const models = { value: stepModel('value'), slow: stepModel('slow'), fast: stepModel('fast') };
  const basis = basisOf(constants, input);
  return { model: (end) => models[end], kneeConcurrency: constants.kneeConcurrency, basis, source: sourceOf(constants, basis) };
}

/** Calibrated means: this engine, this GPU, alone, and a load of text; the vision tower was never measured. */
function basisOf(constants: SpeedConstants, input: SpeedInput): Speed['basis'] {
  const known = input.node.gpu !== null && constants.calibratedGpus.includes(input.node.gpu.key);
  return known && input.tensorParallel === 1 && input.request.visionFlops === 0 ? 'calibrated' : 'extrapolated';
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
function tflopsFor(gpu: NonNullable<Node['gpu']>, precision: Precision): number | null {
  if (precision === 'fp8' && gpu.fp8Native) return gpu.fp8Tflops;
  return precision === 'bf16' || precision === 'fp8' ? gpu.bf16Tflops : (gpu.fp16Tflops ?? gpu.bf16Tflops);
}

function fixed(value: number): Ranged {
  return { value, low: value, high: value };
}

/** The slow end of a rate is its low end, that of a time its high end. */
function at(ranged: Ranged, end: End, kind: 'rate' | 'time'): number {
  if (end === 'value') return ranged.value;
  return (end === 'slow') === (kind === 'rate') ? ranged.low : ranged.high;
}
