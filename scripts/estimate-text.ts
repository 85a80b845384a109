import { printable } from '../core/printable';
import type { Estimate } from '../planning/estimate/types';
import { figureLine, formatAmount, formatBytes, formatCount, formatMs, formatUsd } from '../reports/format';

const LABEL_WIDTH = 18;
const GIB = 2 ** 30;

/** An estimate for a terminal: the verdict, its figures, and the memory by term. */
export function estimateText(estimate: Estimate): string {
  const { device, engine, model, load, usdPerHour } = estimate;
  const gib = (value: number | null) => formatBytes(value === null ? null : value * GIB);
  const lines = [
    `${model.id} in ${model.precision} on ${device.count} x ${device.name}, ${engine.name} ${engine.version}: ${estimate.verdict}`,
    estimate.because,
    '',
    field('weights', figureLine(estimate.weightsGib, gib)),
    field('KV cache', `${figureLine(estimate.kvCacheTokens, formatCount)} tokens`),
    field('memory taken', figureLine(estimate.totalVramGib, gib)),
    field('memory needed', figureLine(estimate.requiredVramGib, gib)),
    field('first token', figureLine(estimate.ttftMs, formatMs)),
    field('each token', figureLine(estimate.tpotMs, formatMs)),
    field('output', `${figureLine(estimate.outputTokensPerSecond, formatAmount)} tokens/s`),
    field('1 M output tokens', figureLine(estimate.usdPerMillionOutputTokens, formatUsd)),
    field(
      'machine',
      usdPerHour.instanceType === null
        ? usdPerHour.source
        : `${usdPerHour.instanceType} in ${usdPerHour.region}, ${figureLine(usdPerHour, formatUsd)} an hour`,
    ),
    field('load', `${load.inputTokens} tokens in (${load.imageTokens} of images), ${load.outputTokens} out, ${load.concurrency} at once`),
    ...(load.assumed.length > 0 ? [field('assumed', load.assumed.join(', '))] : []),
    ...(estimate.calibration === null ? [] : [field('calibration', estimate.calibration)]),
    ...estimate.notes.map((note) => field('note', note)),
    ...(estimate.terms.length > 0
      ? [
          '',
          ...estimate.terms.map((term) => `  ${term.pool.padEnd(5)}${formatBytes(term.bytes).padStart(11)}  ${term.name}: ${term.formula}`),
        ]
      : []),
  ];
  return lines.map((line) => printable(line)).join('\n');
}

function field(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}${text}`;
}
