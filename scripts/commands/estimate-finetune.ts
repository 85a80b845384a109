import { findModel, findRegion } from '../../catalog/find';
import { loadCatalog } from '../../catalog/load';
import { ExitCode, KitError } from '../../core/error';
import { FINE_TUNE_DEFAULTS, FINE_TUNE_METHODS, type FineTuneOptions, fineTuneEnvelope } from '../../planning/fine-tuning';
import { fineTuneText } from '../../reports/fine-tune-text';
import type { CommandContext, CommandResult } from '../command';

/** Model that is meant when none is named. */
const DEFAULT_MODEL = 'lmms-lab/LLaVA-OneVision-1.5-4B-Instruct';
const DEFAULT_REGION = 'us-east-1';
const IMAGE_SIZE = /^(\d{1,5})x(\d{1,5})$/;

/**
 * The branch `--finetune lora|full|adapter` of `ovkit estimate`: memory, GPU hours and price of a fine-tuning.
 * Other options: --model, --pairs, --epochs, --image-size WxH, --text-tokens, --lora-rank, --micro-batch, --region.
 * @throws KitError E_ESTIMATE_OPTION, E_MODEL_UNKNOWN, E_REGION_UNKNOWN
 */
export function runFineTune(options: Readonly<Record<string, unknown>>, context: Pick<CommandContext, 'colours'>): CommandResult {
  const catalog = loadCatalog();
  const named = text(options.model) ?? DEFAULT_MODEL;
  // Hub names are often written without their organisation.
  const id = catalog.models.find((candidate) => candidate.id.endsWith(`/${named}`))?.id ?? named;
  const { model } = findModel(catalog, id);
  const method = FINE_TUNE_METHODS.find((candidate) => candidate === options.finetune);
  if (!method) throw wrong('--finetune', options.finetune, FINE_TUNE_METHODS.join(', '));
  const image = IMAGE_SIZE.exec(text(options.imageSize) ?? `${FINE_TUNE_DEFAULTS.imageWidthPx}x${FINE_TUNE_DEFAULTS.imageHeightPx}`);
  if (!image) throw wrong('--image-size', options.imageSize, 'WIDTHxHEIGHT in pixels, e.g. 1280x960');
  const asked: FineTuneOptions = {
    method,
    pairs: count('--pairs', options.pairs, FINE_TUNE_DEFAULTS.pairs),
    epochs: count('--epochs', options.epochs, FINE_TUNE_DEFAULTS.epochs),
    imageWidthPx: count('--image-size', image[1], 1),
    imageHeightPx: count('--image-size', image[2], 1),
    textTokens: count('--text-tokens', options.textTokens, FINE_TUNE_DEFAULTS.textTokens),
    loraRank: count('--lora-rank', options.loraRank, FINE_TUNE_DEFAULTS.loraRank),
    microBatch: count('--micro-batch', options.microBatch, FINE_TUNE_DEFAULTS.microBatch),
    region: findRegion(catalog, text(options.region) ?? DEFAULT_REGION),
  };
  const envelope = envelopeOf();
  return { exitCode: ExitCode.pass, json: envelope, text: fineTuneText(envelope, { colours: context.colours }) };

  function envelopeOf() {
    try {
      return fineTuneEnvelope(model, asked, catalog);
    } catch (error) {
      // The processor refuses sides that differ too much.
      if (error instanceof RangeError) throw wrong('--image-size', options.imageSize, error.message);
      throw error;
    }
  }
}

/** Most of anything that is counted. */
const MOST = 1e9;

function count(flag: string, given: unknown, fallback: number): number {
  if (given === undefined) return fallback;
  const value = Number(given);
  if (typeof given === 'boolean' || !Number.isInteger(value) || value < 1 || value > MOST)
    throw wrong(flag, given, 'a whole number from 1 on');
  return value;
}

function text(given: unknown): string | undefined {
  return typeof given === 'string' ? given : undefined;
}

function wrong(flag: string, given: unknown, allowed: string): KitError {
  return new KitError({
    code: 'E_ESTIMATE_OPTION',
    message: `${flag} is ${JSON.stringify(given ?? null)}.`,
    allowed: `${allowed}.`,
    next: 'see `npx ovkit estimate --help`.',
  });
}
