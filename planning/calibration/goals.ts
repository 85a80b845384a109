import { isGgufType } from '../fit/gguf';
import type { AccuracyRow } from './accuracy';
import type { Measured } from './points';

/** What an estimate must keep, and on which measurements. */
interface Goal {
  readonly goal: string;
  /** Largest error of one measurement that keeps it. */
  readonly limit: number;
  readonly kinds: readonly Measured[];
  readonly counts?: (row: AccuracyRow) => boolean;
}

/** Largest concurrency that the knees of the speed constants go to. */
const KNEE = 128;
const gguf = (row: AccuracyRow): boolean => isGgufType(row.precision);
const alone = (row: AccuracyRow): boolean => row.concurrency === 1;

const GOALS: readonly Goal[] = [
  { goal: 'weights of text models within 1 %', limit: 0.01, kinds: ['weightsGib'], counts: (row) => !gguf(row) && !row.vision },
  { goal: 'weights of vision models within 3 %', limit: 0.03, kinds: ['weightsGib'], counts: (row) => !gguf(row) && row.vision },
  { goal: 'weights of GGUF files within 1 %', limit: 0.01, kinds: ['weightsGib', 'deviceWeightsMib'], counts: gguf },
  { goal: 'KV tokens within 5 %', limit: 0.05, kinds: ['kvTokens'] },
  { goal: 'total VRAM within 7 %', limit: 0.07, kinds: ['totalGib'] },
  { goal: 'time per token of one request within 15 %', limit: 0.15, kinds: ['tpotMs', 'decodeTokensPerSecond'], counts: alone },
  { goal: 'time per token of several within 20 %', limit: 0.2, kinds: ['tpotMs'], counts: (row) => !alone(row) },
  {
    goal: 'throughput to the knee within 20 % on average, 35 % at worst',
    limit: 0.35,
    kinds: ['tokensPerSecond'],
    counts: (row) => row.concurrency <= KNEE,
  },
  { goal: 'first token of one request within 30 %', limit: 0.3, kinds: ['ttftMs', 'prefillTokensPerSecond'], counts: alone },
  { goal: 'first token of several within 30 %', limit: 0.3, kinds: ['ttftMs'], counts: (row) => !alone(row) },
];

/** How far the measurements of one goal keep it. */
export interface GoalResult {
  readonly goal: string;
  readonly role: 'fit' | 'check';
  readonly count: number;
  readonly mean: number;
  readonly worst: number;
  /** Share of the measurements that are within the goal. */
  readonly within: number;
  /** Share of the measurements that lie in the range that the estimate states. */
  readonly inRange: number;
}

/** Every goal on the points that constants were fitted to, and on those that they were not; what is set apart counts in neither. */
export function goalResults(rows: readonly AccuracyRow[]): readonly GoalResult[] {
  return GOALS.flatMap(({ goal, limit, kinds, counts = () => true }) =>
    (['fit', 'check'] as const).flatMap((role) => {
      const own = rows.filter((row) => row.role === role && row.residual !== null && kinds.includes(row.kind) && counts(row));
      if (own.length === 0) return [];
      const errors = own.map((row) => Math.abs(row.residual ?? 0));
      const share = (holds: readonly boolean[]): number => holds.filter(Boolean).length / own.length;
      return [
        {
          goal,
          role,
          count: own.length,
          mean: errors.reduce((sum, error) => sum + error, 0) / own.length,
          worst: Math.max(...errors),
          within: share(errors.map((error) => error <= limit)),
          inRange: share(own.map(holds)),
        },
      ];
    }),
  );
}

/** Logs print so many digits that the last one is rounding. */
const ROUNDING = 0.001;

function holds({ range, measured }: AccuracyRow): boolean {
  return range !== null && range.low * (1 - ROUNDING) <= measured && measured <= range.high * (1 + ROUNDING);
}
