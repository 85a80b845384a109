import { scaleLinear } from 'd3-scale';
import { formatBytes } from '../format';
import { type MemoryRow, memoryTotal } from './memory-rows';

const BYTES_PER_GIB = 2 ** 30;

/** Sizes of a drawing in its own units; a narrow one puts the names above the bars. */
interface Frame {
  readonly variant: 'wide' | 'narrow';
  readonly width: number;
  readonly left: number;
  readonly right: number;
  readonly rowHeight: number;
  readonly namesAbove: boolean;
  readonly ticks: number;
}
const WIDE: Frame = { variant: 'wide', width: 900, left: 200, right: 110, rowHeight: 34, namesAbove: false, ticks: 8 };
const NARROW: Frame = { variant: 'narrow', width: 360, left: 4, right: 6, rowHeight: 48, namesAbove: true, ticks: 4 };
const TOP = 50;
const BAR = 18;
const COLOURS = 6;
/** Longest name that a row has room for; the table below has it in full. */
const NAME_CHARACTERS = 32;

interface ChartProps {
  readonly title: string;
  readonly description: string;
  readonly rows: readonly MemoryRow[];
  readonly capacityBytes: number | null;
  readonly budgetBytes: number | null;
}

/** Memory terms as a staircase against what the card has and what the engine may use of it. */
export function MemoryChart(props: ChartProps) {
  return (
    <>
      <Drawing {...props} frame={WIDE} />
      <Drawing {...props} frame={NARROW} />
    </>
  );
}

function Drawing(props: ChartProps & { frame: Frame }) {
  const { frame, rows, capacityBytes, budgetBytes } = props;
  const total = memoryTotal(rows);
  const most = Math.max(capacityBytes ?? 0, budgetBytes ?? 0, total.highBytes, 1);
  const x = scaleLinear([0, (most / BYTES_PER_GIB) * 1.02], [frame.left, frame.width - frame.right]);
  const at = (bytes: number) => x(bytes / BYTES_PER_GIB);
  const bottom = TOP + (rows.length + 1) * frame.rowHeight + 4;
  const id = `memory-${frame.variant}`;
  return (
    <svg class={frame.variant} viewBox={`0 0 ${frame.width} ${bottom + 40}`} role="img" aria-labelledby={`${id}-title ${id}-text`}>
      <title id={`${id}-title`}>{props.title}</title>
      <desc id={`${id}-text`}>{props.description}</desc>
      {capacityBytes === null ? null : (
        <rect class="card-area" x={at(0)} y={TOP - 4} width={round(at(capacityBytes) - at(0))} height={bottom - TOP + 4} />
      )}
      {x.ticks(frame.ticks).map((tick) => (
        <g key={tick}>
          <line class="grid" x1={round(x(tick))} x2={round(x(tick))} y1={TOP - 4} y2={bottom} />
          <text class="muted" x={round(x(tick))} y={bottom + 18} text-anchor={tick === 0 && frame.namesAbove ? 'start' : 'middle'}>
            {tick}
          </text>
        </g>
      ))}
      <text class="muted" x={frame.width - frame.right} y={bottom + 35} text-anchor="end">
        GiB
      </text>
      {rows.map((row, index) => (
        <Bar
          key={row.name}
          row={row}
          top={TOP + index * frame.rowHeight}
          frame={frame}
          at={at}
          colour={`t${(index % COLOURS) + 1}`}
          linked={index > 0}
        />
      ))}
      <Bar row={total} top={TOP + rows.length * frame.rowHeight} frame={frame} at={at} colour="total" linked={false} />
      <Limit bytes={capacityBytes} at={at} y={15} bottom={bottom} text="all of it" kind="axis" label="muted" />
      <Limit bytes={budgetBytes} at={at} y={34} bottom={bottom} text="engine may use" kind="limit" label="on-budget" />
    </svg>
  );
}

function Bar(props: { row: MemoryRow; top: number; frame: Frame; at: (bytes: number) => number; colour: string; linked: boolean }) {
  const { row, frame, at } = props;
  const barTop = props.top + (frame.namesAbove ? 21 : (frame.rowHeight - BAR) / 2);
  const middle = barTop + BAR / 2;
  const low = round(at(row.startBytes + row.lowBytes));
  const high = round(at(row.startBytes + row.highBytes));
  const weight = props.colour === 'total' ? 'strong' : undefined;
  const name = row.name.length > NAME_CHARACTERS ? `${row.name.slice(0, NAME_CHARACTERS - 1)}…` : row.name;
  return (
    <g>
      {props.linked ? (
        <line class="link" x1={round(at(row.startBytes))} x2={round(at(row.startBytes))} y1={barTop - frame.rowHeight + BAR} y2={barTop} />
      ) : null}
      <rect
        class={props.colour}
        x={round(at(row.startBytes))}
        y={barTop}
        width={Math.max(1, round(at(row.startBytes + row.bytes) - at(row.startBytes)))}
        height={BAR}
        rx="3"
      />
      {low === high ? null : <path class="whisker" d={`M${low} ${middle}H${high}M${low} ${middle - 5}v10M${high} ${middle - 5}v10`} />}
      {frame.namesAbove ? (
        <text class={weight} x={frame.left} y={barTop - 6}>
          {`${name}: ${formatBytes(row.bytes)}`}
        </text>
      ) : (
        <>
          <text class={weight} x={frame.left - 12} y={middle + 4.5} text-anchor="end">
            {name}
          </text>
          <text class={weight} x={frame.width - frame.right + 14} y={middle + 4.5}>
            {formatBytes(row.bytes)}
          </text>
        </>
      )}
    </g>
  );
}

function Limit(props: {
  bytes: number | null;
  at: (bytes: number) => number;
  y: number;
  bottom: number;
  text: string;
  kind: string;
  label: string;
}) {
  if (props.bytes === null) return null;
  const x = round(props.at(props.bytes));
  return (
    <g>
      <line class={props.kind} x1={x} x2={x} y1={props.y + 4} y2={props.bottom} />
      <text class={props.label} x={x + 4} y={props.y} text-anchor="end">
        {`${props.text} ${formatBytes(props.bytes)}`}
      </text>
    </g>
  );
}

/** Two decimals are below a pixel and keep the page small and the same everywhere. */
function round(value: number): number {
  return Math.round(value * 100) / 100;
}
