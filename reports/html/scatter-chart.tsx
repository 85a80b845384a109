import { type ScaleLinear, type ScaleLogarithmic, scaleLinear, scaleLog } from 'd3-scale';
import { formatAmount } from '../format';
import { placeLabels } from './place-labels';
import type { ScatterPoint } from './scatter-points';

interface Frame {
  readonly variant: 'wide' | 'narrow';
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly ticks: number;
}
const WIDE: Frame = { variant: 'wide', width: 900, height: 430, left: 64, ticks: 7 };
const NARROW: Frame = { variant: 'narrow', width: 360, height: 340, left: 46, ticks: 4 };
const TOP = 30;
const BOTTOM = 48;
const RIGHT = 14;
/** From this ratio of the largest to the smallest value on, an axis is logarithmic. */
const LOG_RATIO = 5;

interface ChartProps {
  readonly title: string;
  readonly description: string;
  readonly points: readonly ScatterPoint[];
  /** Requests per second that the load asks for at its peak. */
  readonly neededPerSecond: number;
}

/** Price per hour against requests per second, one point per candidate; the chosen one is filled and ringed. */
export function ScatterChart(props: ChartProps) {
  return (
    <>
      <Drawing {...props} frame={WIDE} />
      <Drawing {...props} frame={NARROW} />
    </>
  );
}

function Drawing(props: ChartProps & { frame: Frame }) {
  const { frame, points, neededPerSecond } = props;
  const bottom = frame.height - BOTTOM;
  const right = frame.width - RIGHT;
  const x = axis(points.flatMap((point) => [point.lowRequestsPerSecond, point.highRequestsPerSecond]).concat(neededPerSecond), [
    frame.left,
    right,
  ]);
  const y = axis(
    points.map((point) => point.usdPerHour),
    [bottom, TOP],
  );
  const spots = points.map((point) => ({ x: x(point.requestsPerSecond), y: y(point.usdPerHour), text: point.label }));
  const labels = placeLabels(spots, { left: frame.left + 2, right, top: TOP - 4, bottom });
  const id = `choice-${frame.variant}`;
  const need = round(x(neededPerSecond));
  return (
    <svg class={frame.variant} viewBox={`0 0 ${frame.width} ${frame.height}`} role="img" aria-labelledby={`${id}-title ${id}-text`}>
      <title id={`${id}-title`}>{props.title}</title>
      <desc id={`${id}-text`}>{props.description}</desc>
      {ticksOf(y, frame.ticks).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={frame.left} x2={right} y1={round(y(tick))} y2={round(y(tick))} />
          <text class="muted" x={frame.left - 8} y={round(y(tick)) + 4} text-anchor="end">
            {`$${formatAmount(tick)}`}
          </text>
        </g>
      ))}
      {ticksOf(x, frame.ticks).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={round(x(tick))} x2={round(x(tick))} y1={TOP} y2={bottom} />
          <text class="muted" x={round(x(tick))} y={bottom + 18} text-anchor="middle">
            {formatAmount(tick)}
          </text>
        </g>
      ))}
      <line class="axis" x1={frame.left} x2={right} y1={bottom} y2={bottom} />
      <text class="muted" x={right} y={frame.height - 8} text-anchor="end">
        requests per second, all replicas
      </text>
      <text class="muted" x={4} y={14}>
        US dollars per hour
      </text>
      <line class="need" x1={need} x2={need} y1={TOP - 8} y2={bottom} />
      <text class="muted" x={need} y={bottom + 34} text-anchor={need > (frame.left + right) / 2 ? 'end' : 'middle'}>
        {`peak ${formatAmount(neededPerSecond)}`}
      </text>
      {points.map((point, index) => {
        const spot = spots[index] ?? { x: 0, y: 0 };
        const mark = point.chosen ? ' chosen' : '';
        const low = round(x(point.lowRequestsPerSecond));
        const high = round(x(point.highRequestsPerSecond));
        return (
          <g key={point.label}>
            {low === high ? null : <line class={`spread${mark}`} x1={low} x2={high} y1={round(spot.y)} y2={round(spot.y)} />}
            <circle class={`dot${mark}`} cx={round(spot.x)} cy={round(spot.y)} r="5" />
            {point.chosen ? <circle class="ring" cx={round(spot.x)} cy={round(spot.y)} r="9" /> : null}
          </g>
        );
      })}
      {labels.map((label, index) => {
        const point = points[index];
        if (!label || !point) return null;
        return (
          <text
            key={point.label}
            class={point.chosen ? 'strong' : 'muted'}
            x={round(label.x)}
            y={round(label.y)}
            text-anchor={label.anchor}
          >
            {point.label}
          </text>
        );
      })}
    </svg>
  );
}

type Scale = ScaleLinear<number, number> | ScaleLogarithmic<number, number>;

/** An axis with a little air; from zero when linear, logarithmic when the values would crowd at one end. */
function axis(values: readonly number[], range: readonly [number, number]): Scale {
  const positive = values.filter((value) => Number.isFinite(value) && value > 0);
  const low = Math.min(...positive);
  const high = Math.max(...positive);
  if (positive.length === 0) return scaleLinear([0, 1], range);
  if (high / low >= LOG_RATIO) return scaleLog([low / 1.25, high * 1.25], range);
  return scaleLinear([0, high * 1.12], range);
}

/** Ticks 1, 2, 5 of each decade on a logarithmic axis, d3's own on a linear one. */
function ticksOf(scale: Scale, count: number): readonly number[] {
  if (!('base' in scale)) return scale.ticks(count);
  const [low = 1, high = 10] = scale.domain();
  const decades = Math.log10(high / low);
  const steps = decades * 3 <= count + 1 ? [1, 2, 5] : decades * 2 <= count + 1 ? [1, 3] : [1];
  return scale.ticks(10).filter((tick) => steps.includes(Math.round(tick / 10 ** Math.floor(Math.log10(tick) + 1e-9))));
}

/** Two decimals are below a pixel and keep the page small and the same everywhere. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
