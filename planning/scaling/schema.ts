import { z } from 'zod';
import { FigureSchema } from '../../core/figure';
import { AUTOSCALING_MODES } from '../../release/vocabulary';

/** A chosen number, its formula filled in, and where the formula or the bound comes from. */
const chosen = z.strictObject({ value: z.number().nonnegative(), formula: z.string().min(1), source: z.string().min(1) });
export type Chosen = Readonly<z.infer<typeof chosen>>;

/** One series of the engine that decides on replicas. */
const SignalSchema = z.strictObject({
  id: z.enum(['waiting', 'in-flight', 'kv-cache']),
  title: z.string().min(1),
  /** driver: follows the load; guard: only keeps a full cache from being made fuller. */
  role: z.enum(['driver', 'guard']),
  /** PromQL that gives one number for all replicas together; `$PODS` stands for the labels of the release's pods. */
  query: z.string().min(1),
  /** What one replica may have of it; more replicas start above, the HPA's tolerance of 10 % aside. */
  target: chosen,
});
export type Signal = Readonly<z.infer<typeof SignalSchema>>;

const window = z.strictObject({
  /** Seconds for which the autoscaler takes the calmest of its recent answers. */
  stabilizationSeconds: chosen,
  /** Replicas that one step may add or take away. */
  replicas: chosen,
  /** Seconds until the next step. */
  periodSeconds: chosen,
});
export type Window = Readonly<z.infer<typeof window>>;

/** How the number of replicas follows the load. */
export const ScalingSchema = z.strictObject({
  mode: z.enum(AUTOSCALING_MODES),
  /** One sentence: why this mode. */
  because: z.string().min(1),
  minReplicas: z.int().nonnegative(),
  maxReplicas: z.int().nonnegative(),
  /** Replicas to have at least while nobody can read the signals. */
  fallbackReplicas: chosen,
  /** From the decision for a replica until its engine starts; basis sourced when the release measured it. */
  arrivalSeconds: FigureSchema,
  /** From the start of the engine until it is healthy; likewise. */
  engineSeconds: FigureSchema,
  /** From the decision for a replica until it answers. */
  coldStartSeconds: FigureSchema,
  signals: z.array(SignalSchema),
  scaleUp: window,
  scaleDown: window,
});
export type Scaling = Readonly<z.infer<typeof ScalingSchema>>;
