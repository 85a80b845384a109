import type { Plan } from '../planning/plan';

/** Scaling of a plan for tests that are about something else: two replicas by KEDA, on one signal. */
export function sampleScaling(over: Partial<Plan['scaling']> = {}): Plan['scaling'] {
  const chosen = (value: number) => ({ value, formula: String(value), source: 'test' });
  return {
    mode: 'keda',
    because: 'test.',
    minReplicas: 1,
    maxReplicas: 2,
    fallbackReplicas: chosen(1),
    arrivalSeconds: { value: 110, low: 60, high: 280, basis: 'extrapolated', source: 'test' },
    engineSeconds: { value: 90, low: 40, high: 120, basis: 'extrapolated', source: 'test' },
    coldStartSeconds: { value: 200, low: 100, high: 400, basis: 'extrapolated', source: 'test' },
    signals: [{ id: 'waiting', title: 'requests that wait', role: 'driver', query: 'sum(waiting{$PODS})', target: chosen(2) }],
    scaleUp: { stabilizationSeconds: chosen(50), replicas: chosen(1), periodSeconds: chosen(200) },
    scaleDown: { stabilizationSeconds: chosen(800), replicas: chosen(1), periodSeconds: chosen(60) },
    ...over,
  };
}
