import { createColors } from 'picocolors';
import type { FineTuneEnvelope, TrainingMachine } from '../planning/fine-tuning/types';
import { cleanStrings } from './clean';
import { figureLine, formatAmount, formatUsd, UNKNOWN } from './format';

/** Machines shown; all of them are in the JSON. */
const SHOWN_MACHINES = 8;
const GIB = 2 ** 30;

/** The fine-tuning envelope for a terminal. */
export function fineTuneText(input: FineTuneEnvelope, options: { readonly colours: boolean }): string {
  const envelope = cleanStrings(input);
  const paint = createColors(options.colours);
  const { model, options: asked, memory, machines } = envelope;
  const fitting = machines.filter((machine) => machine.fits === true);
  const first = memory[0];
  return [
    paint.bold(`Fine-tuning ${model.title}: ${asked.method}, ${formatAmount(asked.pairs)} pairs x ${asked.epochs} epochs`),
    `${(envelope.trainedParameters / 1e6).toFixed(1)} M parameters are trained; a pair has ${formatAmount(envelope.tokensPerPair)} tokens (image ${asked.imageWidthPx}x${asked.imageHeightPx}, text ${asked.textTokens})`,
    `${figureLine(envelope.a100GpuHours, formatAmount)} hours of one A100, checkpointed`,
    paint.yellow(envelope.note),
    '',
    paint.bold('Memory of one GPU'),
    ...memory.map(
      ({ setup, totalGib }) =>
        `  ${setup.padEnd(42)}${totalGib.value.toFixed(1)} GiB (${totalGib.low.toFixed(1)} to ${totalGib.high.toFixed(1)})`,
    ),
    ...(first?.terms.map((term) => `    ${(term.value / GIB).toFixed(2).padStart(8)} GiB  ${term.name} (${term.formula})`) ?? []),
    '',
    paint.bold(`Machines in ${asked.region} (prices of ${envelope.priceDate})`),
    ...(fitting.length === 0 ? ['  none holds it'] : fitting.slice(0, SHOWN_MACHINES).map(machineLine)),
    ...(fitting.length > SHOWN_MACHINES ? [`  and ${fitting.length - SHOWN_MACHINES} more (all of them with --json)`] : []),
    ...(envelope.crossChecks.length === 0 ? [] : ['', paint.bold('Against what was published')]),
    ...envelope.crossChecks.flatMap((check) => [
      `  ${check.what}: ${check.holds ? 'agrees' : paint.red('does not agree')}`,
      `    published ${check.published}`,
      `    estimated ${check.estimated}`,
      `    source ${check.source}`,
    ]),
  ].join('\n');
}

function machineLine(machine: TrainingMachine): string {
  const way = [machine.sharding === 'zero-3' ? 'ZeRO-3' : '', machine.checkpointing ? 'checkpointing' : '']
    .filter((word) => word !== '')
    .join(', ');
  const capacity = machine.capacityGib === null ? UNKNOWN : `${machine.capacityGib.toFixed(1)}`;
  return `  ${machine.instanceType.padEnd(18)}${machine.gpuCount} x ${machine.gpu}: ${machine.gibPerGpu.high.toFixed(1)} of ${capacity} GiB${way === '' ? '' : ` (${way})`}, ${figureLine(machine.hours, formatAmount)} h, ${figureLine(machine.usd, formatUsd)}`;
}
