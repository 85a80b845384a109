import { correctTerm } from '../calibration/apply';
import type { Node } from '../choose/node';
import type { Question } from '../choose/question';
import type { EngineSettings } from '../engine-flags/settings';
import { utilisation } from '../engine-flags/vllm';
import type { Fit, FitTerm } from '../plan';
import { countText, GIB, gibText, MIB, roundUp } from '../units';
import { diskTerms } from './disk';
import { allocatableBytes, gpuHostTerms } from './host';
import { kvBytesLeft, kvBytesPerToken, kvTokens } from './kv-cache';
import { llamaTerms } from './llama-cpp';
import { sumTerms, term } from './term';
import { vllmTerms } from './vllm';
import { weightBytes } from './weights';

/** DaemonSets of a node (network, DNS, device plugin, metrics) take so much before the engine; as charts/pod-resources.ts. */
const DAEMONSETS_BYTES = 512 * MIB;
/** 16-bit keys and values, the only type that the kit sets. */
const KV_DTYPE_BYTES = 2;

/** Which memory is short. */
type Shortage = 'gpu' | 'kv-cache' | 'host' | 'loading';
export interface NodeFit {
  readonly fit: Fit;
  readonly shortage: Shortage | null;
}

/**
 * Memory of one replica on a node, term by term, and whether it holds so many requests of the stated load at once.
 * Decided with every term at its high end, so that "fits" is never false.
 *
 * @param inFlight  requests that must be held at once
 */
export function fitNode(question: Question, node: Node, settings: EngineSettings, inFlight: number): NodeFit {
  const { model, engine, release, request } = question;
  const { precision } = release.model;
  const onGpu = node.gpu !== null && engine.devices.includes('gpu');
  const pool = onGpu ? 'gpu' : 'host';
  const perNode = onGpu ? Math.max(1, Math.floor(node.gpuCount / settings.tensorParallel)) : 1;
  const nodeBytes = node.reservesMemory ? allocatableBytes(node.memoryGib, node.vcpu) - DAEMONSETS_BYTES : node.memoryGib * GIB;
  const scope = { engine: engine.kind, device: node.gpu?.key ?? node.name, model: model.id, precision };
  const computed = engine.kind === 'vllm' ? vllmTerms(model, precision, settings) : llamaTerms(model, precision, pool);
  const engineTerms = computed.map((part) => correctTerm(part, question.calibration, scope));
  const hostTerms = onGpu ? gpuHostTerms(model, precision, engine, settings.tensorParallel) : [];
  const capacityBytes = onGpu ? node.gpuMemoryBytes : nodeBytes;
  const share = engine.kind === 'vllm' ? utilisation(engine.defaultGpuMemoryUtilization) : 1;
  const budgetBytes = capacityBytes === null ? null : capacityBytes * share;

  const bytesPerToken = kvBytesPerToken(model.text, KV_DTYPE_BYTES, settings.tensorParallel);
  const block = engine.kind === 'vllm' ? 16 : 1;
  // vLLM starts only when one sequence of max_model_len fits; llama.cpp reserves all its slots at the start.
  const slots = engine.kind === 'vllm' ? inFlight * roundUp(request.totalTokens, block) : settings.maxNumSeqs * settings.maxModelLen;
  const tokensNeeded = Math.max(settings.maxModelLen, slots);
  const kv = term(
    'KV cache for the load',
    { value: tokensNeeded * bytesPerToken, low: tokensNeeded * bytesPerToken, high: tokensNeeded * bytesPerToken },
    pool,
    `${countText(tokensNeeded)} tokens x 2 x ${model.text.layers} layers x ${Math.max(1, model.text.kvHeads / settings.tensorParallel)} KV heads x ${model.text.headDim} x ${KV_DTYPE_BYTES} B`,
    'vLLM v1 kv_cache_interface, FullAttentionSpec.page_size_bytes; the same sum in llama.cpp',
  );
  const disk = diskTerms(model, precision, engine, perNode);
  const terms: FitTerm[] = [...engineTerms, kv, ...hostTerms, ...disk];

  const leftBytes = budgetBytes === null ? null : kvBytesLeft(budgetBytes, [sumTerms(engineTerms, pool, 'high')]);
  const tokens = leftBytes === null ? null : kvTokens(leftBytes, bytesPerToken, block);
  const concurrent = tokens === null ? null : Math.floor(tokens / roundUp(request.totalTokens, block));
  const hostShort = onGpu ? sumTerms(hostTerms, 'host', 'high') * perNode - nodeBytes : 0;
  const loadingShort = capacityBytes === null ? 0 : loadingBytes(question, settings) - capacityBytes;
  const kvShort = leftBytes === null ? 0 : tokensNeeded * bytesPerToken - leftBytes;
  const short = pickShortage(leftBytes, kvShort, loadingShort, hostShort);
  const shortByBytes = short.bytes;
  const verdict =
    budgetBytes === null ? 'unknown' : short.kind !== null ? 'does-not-fit' : fitsByItself(model.text.effectiveContext, tokens);
  return {
    shortage: budgetBytes === null ? null : short.kind,
    fit: {
      verdict,
      because: because(verdict, short, { tokens, tokensNeeded, concurrent, inFlight, total: request.totalTokens, leftBytes }),
      candidate: node.name,
      device: onGpu ? (node.gpu?.name ?? 'GPU') : `CPU, ${node.vcpu} vCPU`,
      tensorParallel: settings.tensorParallel,
      capacityBytes,
      budgetBytes,
      terms,
      kvCache: { bytesPerToken, tokens, tokensNeeded, concurrentRequests: concurrent },
      shortByBytes: Math.max(0, Math.round(shortByBytes)),
    },
  };
}

interface Short {
  readonly kind: Shortage | null;
  readonly bytes: number;
}

function pickShortage(leftBytes: number | null, kvShort: number, loadingShort: number, hostShort: number): Short {
  if (leftBytes !== null && leftBytes < 0) return { kind: 'gpu', bytes: kvShort };
  if (loadingShort > 0) return { kind: 'loading', bytes: loadingShort };
  if (kvShort > 0) return { kind: 'kv-cache', bytes: kvShort };
  if (hostShort > 0) return { kind: 'host', bytes: hostShort };
  return { kind: null, bytes: 0 };
}

/** The engine holds the 16-bit weights before it quantises them at load. Source: vLLM docs, online fp8 quantization. */
function loadingBytes({ model, release }: Question, settings: EngineSettings): number {
  const entry = model.weights.find((weights) => weights.precision === release.model.precision);
  if (entry?.origin !== 'quantised-at-load') return 0;
  const weights = weightBytes(model, 'bf16');
  return weights.language.value / settings.tensorParallel + weights.vision;
}

/** With its defaults the engine would reserve the whole context; when that does not fit, the flags are what makes it fit. */
function fitsByItself(effectiveContext: number, tokens: number | null): 'fits' | 'fits-with-flags' {
  return (tokens ?? 0) >= effectiveContext ? 'fits' : 'fits-with-flags';
}

interface Numbers {
  readonly tokens: number | null;
  readonly tokensNeeded: number;
  readonly concurrent: number | null;
  readonly inFlight: number;
  readonly total: number;
  readonly leftBytes: number | null;
}

function because(verdict: Fit['verdict'], short: Short, n: Numbers): string {
  if (verdict === 'unknown') return 'The memory of the device is not known, so nobody can tell whether it fits.';
  const kv = `the KV cache holds ${countText(n.tokens ?? 0)} tokens, which is ${countText(n.concurrent ?? 0)} request(s) of ${countText(n.total)} tokens`;
  switch (short.kind) {
    case 'gpu':
      return `Weights and buffers alone take ${gibText(-(n.leftBytes ?? 0))} more than there is, and with the KV cache of the load ${gibText(short.bytes)}.`;
    case 'loading':
      return `Quantising at load needs the 16-bit weights in memory first: ${gibText(short.bytes)} short.`;
    case 'kv-cache':
      return `With every term at its high end ${kv}; ${countText(n.inFlight)} at once (${countText(n.tokensNeeded)} tokens) are needed, ${gibText(short.bytes)} more.`;
    case 'host':
      return `The node's memory is ${gibText(short.bytes)} short of what loading needs.`;
    default:
      return `With every term at its high end ${kv}; ${countText(n.inFlight)} at once are needed.${verdict === 'fits-with-flags' ? ' It holds for the flags of this plan only.' : ''}`;
  }
}
