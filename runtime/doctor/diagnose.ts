import { findEngine, findGpu, findModel } from '../../catalog/find';
import type { Catalog, Model } from '../../catalog/schema';
import { ExitCode, KitError } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import { PRECISIONS, type Precision } from '../../release/vocabulary';
import { checkCard, checkContext, checkQuantisation } from './check-card';
import { checkDimensions, checkHeadDim } from './check-dimensions';
import { checkEngine, checkTransformers, checkVision } from './check-engine';
import { checkCompanions, checkProcessor } from './check-processor';
import { checkChatTemplate, checkTokens } from './check-tokens';
import { checkWeights } from './check-weights';
import { ENGINE_FACTS } from './engine-facts';
import type { Check, DoctorFacts } from './facts';
import { type FindingLevel, finding, type RuntimeFinding } from './finding';
import { integerAt, textsAt } from './json-access';
import { type ModelFiles, readModelFiles } from './model-files';

export interface DoctorQuestion {
  /** Model folder; null to ask the catalogue only. */
  readonly folder: string | null;
  /** Id or short name of the catalogue; for a folder the model that it is said to hold, null when none was named. */
  readonly modelId: string | null;
  readonly engine: string;
  readonly engineVersion: string | null;
  readonly gpu: string | null;
  readonly maxModelLen: number | null;
  readonly precision: string | null;
}

/** serves: nothing speaks against it; refused: it will not start or answers wrongly; unknown: something could not be looked at. */
export type DoctorState = 'serves' | 'refused' | 'unknown';

export interface Diagnosis {
  readonly kind: 'diagnosis';
  readonly model: string;
  readonly engine: string;
  readonly engineVersion: string;
  readonly gpu: string | null;
  readonly state: DoctorState;
  readonly findings: readonly RuntimeFinding[];
}

const CHECKS: readonly Check[] = [
  checkEngine,
  checkVision,
  checkTransformers,
  checkDimensions,
  checkHeadDim,
  checkCompanions,
  checkProcessor,
  checkTokens,
  checkChatTemplate,
  checkContext,
  checkCard,
  checkQuantisation,
  checkWeights,
  checkLooked,
];

/**
 * Will this engine serve this model? From configuration, tokenizer files and weight headers alone, before anything is deployed.
 * @throws KitError E_MODEL_FOLDER, E_MODEL_UNKNOWN, E_ENGINE_UNKNOWN, E_GPU_UNKNOWN, E_PRECISION_UNKNOWN
 */
export function diagnose(question: DoctorQuestion, catalog: Catalog): Diagnosis {
  const engine = findEngine(catalog, question.engine);
  const files = question.folder === null ? null : readModelFiles(question.folder);
  const model = question.modelId === null ? modelOf(files, catalog) : findModel(catalog, question.modelId).model;
  const facts: DoctorFacts = {
    engine,
    engineVersion: question.engineVersion ?? engine.version,
    engineFacts: ENGINE_FACTS[engine.name] ?? null,
    gpu: question.gpu === null ? null : findGpu(catalog, question.gpu),
    model,
    transformersRange: (model ?? sameArchitecture(files, catalog)[0])?.transformers ?? null,
    files,
    maxModelLen: question.maxModelLen,
    precision: question.precision === null ? null : precisionOf(question.precision),
  };
  const findings = CHECKS.flatMap((check) => check(facts)).sort(byLevel);
  return {
    kind: 'diagnosis',
    model: question.folder ?? facts.model?.id ?? '',
    engine: engine.name,
    engineVersion: facts.engineVersion,
    gpu: facts.gpu?.key ?? null,
    state: stateOf(findings),
    findings,
  };
}

/** 0 it serves, 1 it is refused, 2 something is unknown. */
export function exitCodeOfDiagnosis({ state }: Diagnosis): ExitCode {
  return state === 'serves' ? ExitCode.pass : state === 'refused' ? ExitCode.violations : ExitCode.unknown;
}

/** The model of the catalogue that has the architecture and the size of a folder, when there is exactly one. */
function modelOf(files: ModelFiles | null, catalog: Catalog): Model | null {
  const alike = sameArchitecture(files, catalog).filter(
    ({ text }) =>
      text.hiddenSize === integerAt(files?.config, 'text_config', 'hidden_size') &&
      text.layers === integerAt(files?.config, 'text_config', 'num_hidden_layers'),
  );
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

function sameArchitecture(files: ModelFiles | null, catalog: Catalog): readonly Model[] {
  const architectures = textsAt(files?.config, 'architectures');
  return catalog.models.filter(({ architecture }) => architectures.includes(architecture));
}

function checkLooked({ files, model, engineFacts, engine }: DoctorFacts): readonly RuntimeFinding[] {
  return [
    ...(files === null
      ? [
          finding(
            'OVK-RUN-019',
            'unknown',
            `only the catalogue was asked about ${model?.id}: its processor, tokenizer, template and weight files were not seen.`,
            'name the folder of the downloaded model.',
          ),
        ]
      : []),
    ...(engineFacts === null
      ? [
          finding(
            'OVK-RUN-019',
            'unknown',
            `the doctor knows ${engine.name} by its list of architectures only.`,
            'use vllm-onevision, or start the engine on the model.',
          ),
        ]
      : []),
  ];
}

const LEVELS: readonly FindingLevel[] = ['refused', 'unknown', 'warning', 'note'];

function byLevel(a: RuntimeFinding, b: RuntimeFinding): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : 0);
}

function stateOf(findings: readonly RuntimeFinding[]): DoctorState {
  if (findings.some(({ level }) => level === 'refused')) return 'refused';
  return findings.some(({ level }) => level === 'unknown') ? 'unknown' : 'serves';
}

function precisionOf(given: string): Precision {
  const found = PRECISIONS.find((precision) => precision === given);
  if (found) return found;
  throw new KitError({
    code: 'E_PRECISION_UNKNOWN',
    message: `there is no precision "${given}".${didYouMean(given, PRECISIONS)}`,
    allowed: `${PRECISIONS.join(', ')}.`,
    next: 'see `npx ovkit runtime --help`.',
  });
}
