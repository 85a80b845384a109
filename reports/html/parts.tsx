import type { ComponentChildren } from 'preact';
import type { Figure } from '../../core/figure';
import { describeFigure } from '../format';

/** A section of the report: a card with a heading and one sentence on what it answers. */
export function Section(props: { id: string; title: string; lead?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="card" id={props.id} aria-labelledby={`${props.id}-title`}>
      <h2 id={`${props.id}-title`}>{props.title}</h2>
      {props.lead ? <p class="lead">{props.lead}</p> : null}
      {props.children}
    </section>
  );
}

/**
 * A table in its own scroll area, which the keyboard can reach; the page itself never scrolls sideways.
 * With `stack` its rows become small grids on a phone.
 */
export function ScrollTable(props: { label: string; dense?: boolean; stack?: boolean; children: ComponentChildren }) {
  const look = [props.dense ? 'dense' : '', props.stack ? 'stack' : ''].filter((name) => name !== '').join(' ');
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scroll area must be reachable by keyboard (axe scrollable-region-focusable)
    <section class="scroll" aria-label={`Table: ${props.label}`} tabIndex={0}>
      <table {...ROLES.table} aria-label={props.label} class={look || undefined}>
        {props.children}
      </table>
    </section>
  );
}

/** Browsers forget that a row is a row once it is laid out as a grid; stated roles keep it one for screen readers. */
export const ROLES = {
  table: { role: 'table' },
  group: { role: 'rowgroup' },
  row: { role: 'row' },
  columnHeader: { role: 'columnheader', scope: 'col' },
  rowHeader: { role: 'rowheader', scope: 'row' },
  cell: { role: 'cell' },
} as const;

/** The head of a table; a leading "#" marks a column of numbers. */
export function TableHead(props: { columns: readonly string[] }) {
  return (
    <thead {...ROLES.group}>
      <tr {...ROLES.row}>
        {props.columns.map((column) => (
          <th key={column} {...ROLES.columnHeader} class={column.startsWith('#') ? 'num' : undefined}>
            {column.replace(/^#/, '')}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** A figure in a table cell: value first, range below it, and its basis unless a column of its own says it. */
export function FigureCell(props: { figure: Figure; format: (value: number) => string; basis?: boolean }) {
  const text = describeFigure(props.figure, props.format);
  return (
    <>
      {text.value}
      {text.range ? <span class="fine">{text.range}</span> : null}
      {props.basis === false ? null : <span class="fine">{text.basis}</span>}
    </>
  );
}

/** A number that an administrator looks for first. */
export function FigureTile(props: { title: string; figure: Figure; format: (value: number) => string; note?: string | null }) {
  const text = describeFigure(props.figure, props.format);
  return (
    <div class="tile">
      <dt>{props.title}</dt>
      <dd>
        <span class="big">{text.value}</span>
        {text.range ? <span class="fine">{text.range}</span> : null}
        <span class="fine">{props.figure.value === null ? `${text.basis}: ${props.figure.source}` : text.basis}</span>
        {props.note ? <span class="fine">{props.note}</span> : null}
      </dd>
    </div>
  );
}

/** A definition list of name and value; entries without a value are left out. */
export function Facts(props: { entries: readonly (readonly [name: string, value: ComponentChildren, fine?: ComponentChildren])[] }) {
  return (
    <dl class="facts">
      {props.entries
        .filter(([, value]) => value !== null && value !== undefined && value !== '')
        .map(([name, value, fine]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              {value}
              {fine ? <span class="fine">{fine}</span> : null}
            </dd>
          </div>
        ))}
    </dl>
  );
}

/** Text that becomes a link when it is a plain https address, and stays text otherwise. */
export function SourceText(props: { text: string }) {
  if (!isWebAddress(props.text)) return <>{props.text}</>;
  return (
    <a href={props.text} rel="noreferrer noopener">
      {props.text}
    </a>
  );
}

function isWebAddress(text: string): boolean {
  if (!/^https:\/\/[^\s<>"'`\\]+$/.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.username === '' && url.password === '' && url.protocol === 'https:';
}
