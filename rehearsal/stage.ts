import type { Catalog } from '../catalog/schema';
import type { Verdict } from '../compliance/verdict';
import type { Plan } from '../planning/plan';
import type { LoadedRelease } from '../release/load';
import type { RehearsalStage } from '../reports/rehearsal-summary';
import type { NamedCluster } from './cluster/named-cluster';
import type { Column, Observed } from './column';

export type ClusterChoice = 'auto' | 'embedded' | 'none';

/** What the stages of one column hand on to each other. */
export interface Walk {
  readonly column: Column;
  /** Folder for what this column writes. */
  readonly outDir: string;
  /** Folder of the synthesised stacks; for the first column where cdktf puts it. */
  readonly synthDir: string;
  readonly now: Date;
  readonly signal: AbortSignal;
  /** A line about long work inside a stage, e.g. a download. */
  readonly onProgress: (line: string) => void;
  /** auto: a cluster where everything for it is built; embedded: build it first; none: no cluster. */
  readonly cluster: ClusterChoice;
  /** A cluster of the user's own, instead of one that is made for the rehearsal. */
  readonly namedCluster?: NamedCluster;
  readonly seen: Partial<Observed>;
  loaded?: LoadedRelease;
  catalog?: Catalog;
  plan?: Plan;
  verdict?: Verdict;
  /** Folder with a synthesised stack to try the gate on. */
  stacksDir?: string;
}

export interface StageOutcome {
  readonly state: RehearsalStage['state'];
  readonly detail: string;
  readonly notProved?: readonly string[];
}

export interface WarmUp {
  /** Id of the stage after which it may begin. */
  readonly after: string;
  /** Begins and does not wait; a failure is for `run` to say. */
  begin(walk: Walk): void;
  /** Ends what was begun, whether `run` came to use it or not. */
  end(walk: Walk): Promise<void>;
}

/** One step of the way. Later issues add stages to the table in `rehearsal/stages.ts`. */
export interface Stage {
  readonly id: string;
  readonly title: string;
  /** false leaves the stage out for this column; default: always. */
  readonly applies?: (walk: Walk) => boolean;
  /** What takes long and needs only the stages up to one of them: begun right after it, beside the stages between. */
  readonly warmUp?: WarmUp;
  run(walk: Walk): Promise<StageOutcome>;
}

/** What an earlier stage must have left behind. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what} is missing: the stage that makes it did not run`);
  return value;
}
