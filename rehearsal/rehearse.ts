import { join } from 'node:path';
import type { CodeTable } from '../core/codes';
import { fromRoot } from '../core/project-root';
import { writeFileAtomically } from '../core/text-file';
import type { RehearsalStage, RehearsalSummary } from '../reports/rehearsal-summary';
import type { NamedCluster } from './cluster/named-cluster';
import { type Column, differences, type Observed } from './column';
import type { ClusterChoice, Stage, StageOutcome, Walk } from './stage';
import { NOT_PROVED, NOT_PROVED_WITHOUT_CLUSTER, STAGES } from './stages';
import { writeReport } from './write-report';

export interface RehearseOptions {
  readonly columns: readonly Column[];
  readonly outDir: string;
  readonly now: () => Date;
  readonly signal: AbortSignal;
  /** Called before (`stage` undefined) and after each stage. */
  readonly onStage: (column: Column, title: string, stage?: RehearsalStage) => void;
  readonly onProgress: (line: string) => void;
  /** Titles of error codes and rules, for the report. */
  readonly codes: CodeTable;
  /** Default: none. */
  readonly cluster?: ClusterChoice;
  /** A cluster of the user's own. */
  readonly namedCluster?: NamedCluster;
  /** Other stages than the shipped ones, for tests of the frame. */
  readonly stages?: readonly Stage[];
}

/**
 * Walks each column through all stages and compares what was seen with what is recorded.
 * Writes plan.json, verdict.json and report.html per column (the first column at the top of the folder) and one rehearsal.json.
 * @throws the abort reason when interrupted; KitError when the folder cannot be written
 */
export async function rehearse(options: RehearseOptions): Promise<RehearsalSummary> {
  const started = Date.now();
  const walked: { readonly walk: Walk; readonly stages: readonly RehearsalStage[] }[] = [];
  for (const [index, column] of options.columns.entries()) {
    const walk: Walk = {
      column,
      outDir: index === 0 ? options.outDir : join(options.outDir, column.id),
      synthDir: index === 0 ? fromRoot('cdktf.out') : join(options.outDir, column.id, 'cdktf.out'),
      now: options.now(),
      signal: options.signal,
      onProgress: options.onProgress,
      cluster: options.cluster ?? 'none',
      ...(options.namedCluster ? { namedCluster: options.namedCluster } : {}),
      seen: {},
    };
    walked.push({ walk, stages: await walkStages(walk, options) });
  }
  const columns = walked.map(({ walk }) => compare(walk));
  const stages = walked.flatMap(({ walk, stages: own }) => own.map((stage) => ({ ...stage, id: `${walk.column.id}/${stage.id}` })));
  const first = options.columns[0];
  const onCluster = columns.some(({ seen }) => seen.cluster === 'proved');
  const summary: RehearsalSummary = {
    kind: 'rehearsal',
    schemaVersion: 1,
    release: first?.release ?? '',
    environment: walked[0]?.walk.loaded?.release.metadata.environment ?? 'unknown',
    stages,
    columns,
    totalMs: Date.now() - started,
    notProved: [
      ...new Set([...NOT_PROVED, ...(onCluster ? [] : NOT_PROVED_WITHOUT_CLUSTER), ...stages.flatMap((stage) => stage.notProved ?? [])]),
    ],
    matchesExpected: columns.every((column) => column.differences.length === 0) && stages.every((stage) => stage.state !== 'failed'),
  };
  for (const { walk } of walked) writeReport(walk, summary, options.codes);
  writeFileAtomically(join(options.outDir, 'rehearsal.json'), `${JSON.stringify(summary, null, 2)}\n`);
  return summary;
}

async function walkStages(walk: Walk, options: RehearseOptions): Promise<RehearsalStage[]> {
  const stages = options.stages ?? STAGES;
  try {
    return await walkInOrder(stages, walk, options);
  } finally {
    for (const { warmUp } of stages) await warmUp?.end(walk);
  }
}

async function walkInOrder(stages: readonly Stage[], walk: Walk, options: RehearseOptions): Promise<RehearsalStage[]> {
  const done: RehearsalStage[] = [];
  for (const stage of stages) {
    options.signal.throwIfAborted();
    if (stage.applies && !stage.applies(walk)) continue;
    options.onStage(walk.column, stage.title);
    const started = Date.now();
    const outcome = await runStage(stage, walk);
    const result: RehearsalStage = {
      id: stage.id,
      title: stage.title,
      state: outcome.state,
      durationMs: Date.now() - started,
      detail: outcome.detail,
      ...(outcome.notProved ? { notProved: [...outcome.notProved] } : {}),
    };
    done.push(result);
    options.onStage(walk.column, stage.title, result);
    if (outcome.state === 'failed') break;
    for (const later of stages) if (later.warmUp?.after === stage.id && (later.applies?.(walk) ?? true)) later.warmUp.begin(walk);
  }
  return done;
}

/** A stage that throws has failed; the other columns are still walked, so that one run shows everything. */
async function runStage(stage: Stage, walk: Walk): Promise<StageOutcome> {
  try {
    return await stage.run(walk);
  } catch (error) {
    if (walk.signal.aborted) throw walk.signal.reason;
    return { state: 'failed', detail: error instanceof Error ? error.message : String(error) };
  }
}

function compare(walk: Walk) {
  const { id, title, release, expected } = walk.column;
  const seen: Partial<Observed> = walk.seen;
  return { id, title, release, expected, seen: { ...seen }, differences: differences(expected, seen) };
}
