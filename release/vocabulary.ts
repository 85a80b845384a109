/** The fixed words of release.yaml. Kept apart from the schema so that the help can list them without loading zod. */

export const ENVIRONMENTS = ['production', 'staging', 'development', 'rehearsal'] as const;
/** Numeric formats of the weights: vLLM precisions and GGUF quantisation types. */
export const PRECISIONS = [
  'bf16',
  'fp16',
  'fp8',
  'awq-int4',
  'gptq-int4',
  'int8',
  'F16',
  'BF16',
  'Q8_0',
  'Q6_K',
  'Q5_K_M',
  'Q4_K_M',
  'Q4_0',
  'Q4_1',
] as const;
export const CAPACITIES = ['on-demand', 'spot', 'reserved'] as const;
/** Who owns the number of replicas: nobody, a HorizontalPodAutoscaler on external metrics, or KEDA. */
export const AUTOSCALING_MODES = ['none', 'hpa', 'keda'] as const;
/** Who starts nodes for the model: EKS managed node groups of fixed bounds, or Karpenter, which starts and removes them with the pods. */
export const NODE_KINDS = ['managed', 'karpenter'] as const;
/** What must be open, after the Model Openness Framework: weights only; also code; also data, recipes and logs. */
export const OPENNESS_LEVELS = ['open-weights', 'open-model', 'open-science'] as const;

export type Environment = (typeof ENVIRONMENTS)[number];
export type Precision = (typeof PRECISIONS)[number];
export type AutoscalingMode = (typeof AUTOSCALING_MODES)[number];
export type Capacity = (typeof CAPACITIES)[number];
