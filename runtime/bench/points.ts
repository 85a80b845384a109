/** What runtimes/bench writes: measured points with their conditions. Only what is shown is typed here. */
export interface BenchPoints {
  readonly kind: 'bench';
  readonly measured: string;
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

/** The measured points for the terminal: start, memory beside the plan, and one line per concurrency. */
export function benchText({ startSeconds, againstPlan, sweep }: BenchPoints): string {
  const memory = againstPlan.map(
    ({ name, measuredBytes, plannedBytes, lowBytes, highBytes, withinRange }) =>
      `${name}: measured ${gib(measuredBytes)}, planned ${gib(plannedBytes)} (${gib(lowBytes)} to ${gib(highBytes)}): ${withinRange ? 'within' : 'OUTSIDE'} the range`,
  );
  const steps = sweep.map(
    (step) =>
      `concurrency ${step.concurrency}: ${figure(step.requestsPerSecond, 2)} requests/s, ${figure(step.outputTokensPerSecond, 1)} output tokens/s, ` +
      `first token ${figure(step.timeToFirstTokenMs.p50, 0)} ms (p95 ${figure(step.timeToFirstTokenMs.p95, 0)}), ` +
      `then ${figure(step.timePerOutputTokenMs.p50, 1)} ms each${step.failed > 0 ? `; ${step.failed} FAILED: ${step.firstError}` : ''}`,
  );
  return [`healthy after ${figure(startSeconds, 1)} s`, ...memory, ...steps].join('\n');
}

function gib(bytes: number): string {
  return `${(bytes / GIB).toFixed(2)} GiB`;
}

function figure(value: number | null, digits: number): string {
  return value === null ? 'unknown' : value.toFixed(digits);
}
