import { existsSync } from 'node:fs';
import { loadCatalog } from '../../catalog/load';
import { KitError } from '../../core/error';
import { diagnose, exitCodeOfDiagnosis } from '../../runtime/doctor/diagnose';
import { diagnosisText } from '../../runtime/doctor/doctor-text';
import type { CommandModule } from '../command';

/** `ovkit runtime doctor MODEL`: will this engine serve this model? The exit code is the diagnosis'. */
export const run: CommandModule['run'] = async (options, args) => {
  const [verb, target] = args;
  if (verb !== 'doctor' || target === undefined) {
    throw new KitError({
      code: 'E_RUNTIME_VERB',
      message: verb === 'doctor' ? '"ovkit runtime doctor" needs a model.' : `there is no "ovkit runtime ${verb ?? ''}".`,
      allowed: 'doctor MODEL, with a model folder or a model of the catalogue.',
      next: 'see `npx ovkit runtime --help`.',
    });
  }
  const isFolder = existsSync(target) || /^[./~]/.test(target);
  const diagnosis = diagnose(
    {
      folder: isFolder ? target : null,
      modelId: isFolder ? textOption(options.model) : target,
      engine: textOption(options.engine) ?? 'vllm-onevision',
      engineVersion: textOption(options.engineVersion),
      gpu: textOption(options.gpu),
      maxModelLen: tokensOption(options.maxModelLen),
      precision: textOption(options.precision),
    },
    loadCatalog(),
  );
  return { exitCode: exitCodeOfDiagnosis(diagnosis), json: diagnosis, text: diagnosisText(diagnosis) };
};

function textOption(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function tokensOption(value: unknown): number | null {
  if (typeof value !== 'string') return null;
  const tokens = Number(value);
  if (Number.isSafeInteger(tokens) && tokens > 0) return tokens;
  throw new KitError({
    code: 'E_RUNTIME_VERB',
    message: `--max-model-len is "${value}".`,
    allowed: 'a whole number of tokens, at least 1.',
    next: 'see `npx ovkit runtime --help`.',
  });
}
