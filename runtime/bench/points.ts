/** What runtimes/bench writes: measured points with their conditions. Only what is read is typed here. */
export interface BenchPoints extends MeasuredModel {
  readonly kind: 'bench';
  readonly measured: string;
  /** Stock models measured in the same run; one that did not start says why. */
  readonly beside: readonly (MeasuredModel | FailedModel)[];
}

interface FailedModel {
  readonly conditions: { readonly model: { readonly id: string } };
  readonly error: string;
}

/** One model as it was measured. */
export interface MeasuredModel {
  readonly conditions: {
    readonly weights: string;
    readonly model: { readonly id: string; readonly precision: string; readonly tiny: boolean };
    readonly engine: {
      readonly name: string;
      readonly kind: 'vllm' | 'llama.cpp';
      readonly version: string;
      readonly args: readonly string[];
    };
    readonly shape: Readonly<Record<'images' | 'prompt_tokens' | 'output_tokens' | 'image_width' | 'image_height', number>>;
    readonly device: { readonly gpus: readonly string[]; readonly cpu?: string };
  };
  readonly startSeconds: number;
  readonly engineTerms: Readonly<Record<string, number>>;
  readonly againstPlan: readonly {
    readonly name: string;
    readonly plannedBytes: number;
    readonly lowBytes: number;
    readonly highBytes: number;
    readonly measuredBytes: number;
    readonly withinRange: boolean;
  }[];
  readonly sweep: readonly BenchStep[];
}

interface BenchStep {
  readonly concurrency: number;
  readonly requests: number;
  readonly failed: number;
  readonly firstError: string | null;
  readonly inputTokensMean: number | null;
  readonly requestsPerSecond: number | null;
  readonly outputTokensPerSecond: number | null;
  readonly timeToFirstTokenMs: Percentiles;
  readonly timePerOutputTokenMs: Percentiles;
}

interface Percentiles {
  readonly p50: number | null;
  readonly p95: number | null;
}

const GIB = 2 ** 30;

/** The measured points for the terminal: of each model its start, its memory beside the plan, and one line per concurrency. */
export function benchText({ beside, ...model }: BenchPoints): string {
  const others = beside.flatMap((each) => [
    '',
    `beside it, ${each.conditions.model.id}:`,
    'error' in each ? `NOT MEASURED: ${each.error.trim().split('\n').at(-1)}` : modelText(each),
  ]);
  return [modelText(model), ...others].join('\n');
}

function modelText({ startSeconds, engineTerms, againstPlan, sweep }: MeasuredModel): string {
  const memory = againstPlan.map(
    ({ name, measuredBytes, plannedBytes, lowBytes, highBytes, withinRange }) =>
      `${name}: measured ${gib(measuredBytes)}, planned ${gib(plannedBytes)} (${gib(lowBytes)} to ${gib(highBytes)}): ${withinRange ? 'within' : 'OUTSIDE'} the range`,
  );
  const unplanned = againstPlan.length === 0 && engineTerms.weightsBytes !== undefined ? [`weights: ${gib(engineTerms.weightsBytes)}`] : [];
  const steps = sweep.map(
    (step) =>
      `concurrency ${step.concurrency}: ${figure(step.requestsPerSecond, 2)} requests/s, ${figure(step.outputTokensPerSecond, 1)} output tokens/s, ` +
      `first token ${figure(step.timeToFirstTokenMs.p50, 0)} ms (p95 ${figure(step.timeToFirstTokenMs.p95, 0)}), ` +
      `then ${figure(step.timePerOutputTokenMs.p50, 1)} ms each${step.failed > 0 ? `; ${step.failed} FAILED: ${step.firstError}` : ''}`,
  );
  return [`healthy after ${figure(startSeconds, 1)} s`, ...memory, ...unplanned, ...steps].join('\n');
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}

function figure(value: number | null, digits: number): string {
  return value === null ? 'unknown' : value.toFixed(digits);
}
