import type { Engine, Gpu, Model } from '../../catalog/schema';
import type { Precision } from '../../release/vocabulary';
import type { EngineFacts } from './engine-facts';
import type { RuntimeFinding } from './finding';
import type { ModelFiles } from './model-files';

/** Everything that a check may look at; plain data, so that a check is a pure function. */
export interface DoctorFacts {
  readonly engine: Engine;
  /** Version asked about; the catalogue's by default. */
  readonly engineVersion: string;
  /** null for an engine that the doctor knows by the catalogue only. */
  readonly engineFacts: EngineFacts | null;
  /** null when no card was named. */
  readonly gpu: Gpu | null;
  /** Entry of the catalogue, when the model is one of its. */
  readonly model: Model | null;
  /** Versions of transformers with which models of this architecture answer rightly; null when the catalogue has none of them. */
  readonly transformersRange: string | null;
  /** null when only the catalogue was asked. */
  readonly files: ModelFiles | null;
  /** Longest request that is to be served, in tokens; null when none was named. */
  readonly maxModelLen: number | null;
  readonly precision: Precision | null;
}

export type Check = (facts: DoctorFacts) => readonly RuntimeFinding[];
