import type { Plan } from '../planning/plan';
import { figureLine, formatAmount, plural } from './format';

/** One fact of the scaling of a plan: label, value, where it comes from. */
export type ScalingLine = readonly [label: string, value: string, detail: string];

const WHO = { none: 'nobody', hpa: 'HorizontalPodAutoscaler', keda: 'KEDA' } as const;

/** How the replicas follow the load, for the terminal and the page; just that and the cold start where nothing is scaled. */
export function scalingLines({ scaling }: Pick<Plan, 'scaling'>): readonly ScalingLine[] {
  const { coldStartSeconds } = scaling;
  const coldStart: ScalingLine = [
    'Cold start',
    figureLine(coldStartSeconds, (seconds) => `${formatAmount(seconds)} s`),
    coldStartSeconds.source,
  ];
  if (scaling.mode === 'none') return [['Driven by', WHO.none, scaling.because], coldStart];
  const { scaleUp, scaleDown, fallbackReplicas } = scaling;
  return [
    ['Driven by', `${WHO[scaling.mode]}, ${scaling.minReplicas} to ${scaling.maxReplicas}`, scaling.because],
    ...scaling.signals.map(
      ({ title, role, target }): ScalingLine => [
        role === 'guard' ? 'Guard' : 'Signal',
        `${formatAmount(target.value)} per replica: ${title}`,
        `${target.formula}; ${target.source}`,
      ],
    ),
    coldStart,
    ['Up', step(scaleUp), scaleUp.replicas.source],
    ['Down', step(scaleDown), scaleDown.stabilizationSeconds.source],
    ['Signals lost', `hold what runs, at least ${plural(fallbackReplicas.value, 'replica')}`, fallbackReplicas.source],
  ];
}

function step({ replicas, periodSeconds, stabilizationSeconds }: Plan['scaling']['scaleUp']): string {
  return `${plural(replicas.value, 'replica')} every ${formatAmount(periodSeconds.value)} s, once ${formatAmount(stabilizationSeconds.value)} s agree`;
}
