import { printable } from '../core/printable';
import { plural } from './format';

/** What a refresh of prices did, as its command prints it. */
export interface PriceChanges {
  readonly publicationDate: string;
  readonly version: string;
  readonly provenance: { readonly from: string; readonly sha256: string; readonly etag: string | null; readonly bytes: number };
  readonly regions: readonly string[];
  readonly compared: number;
  readonly changes: readonly {
    readonly what: string;
    readonly region: string;
    readonly kind: 'changed' | 'new' | 'gone' | 'confirmed';
    readonly from: number | null;
    readonly to: number | null;
    readonly percent: number | null;
  }[];
  readonly written: readonly string[];
}

const MB = 1e6;
const TITLES = {
  changed: 'Changed',
  new: 'New price',
  gone: 'No longer offered, or without a price',
  confirmed: 'Same price, now sourced',
} as const;

/** The semantic difference of two price snapshots for a terminal: what changed by how much, what came and what went. */
export function priceChangesText(result: PriceChanges): string {
  const { provenance, changes } = result;
  const groups = (['changed', 'new', 'gone', 'confirmed'] as const).flatMap((kind) => {
    const rows = changes.filter((change) => change.kind === kind);
    if (rows.length === 0) return [];
    if (kind === 'confirmed') return [`${TITLES[kind]}: ${rows.length}`];
    return [`${TITLES[kind]} (${rows.length})`, ...rows.map((row) => `  ${row.region}  ${row.what.padEnd(18)} ${amounts(row)}`)];
  });
  const lines = [
    `AWS Price List published ${result.publicationDate}, version ${result.version}`,
    `from ${provenance.from}, ${(provenance.bytes / MB).toFixed(1)} MB, sha256 ${provenance.sha256.slice(0, 16)}…${provenance.etag === null ? '' : `, ETag ${provenance.etag}`}`,
    `${plural(result.compared, 'price')} compared in ${result.regions.join(', ')}; ${plural(changes.length, 'difference')}`,
    ...groups,
    ...(result.written.length > 0 ? result.written.map((file) => `wrote ${file}`) : ['nothing written (--dry-run)']),
  ];
  return lines.map((line) => printable(line)).join('\n');
}

function amounts({ from, to, percent }: PriceChanges['changes'][number]): string {
  const change = percent === null ? '' : ` (${percent > 0 ? '+' : ''}${percent.toFixed(2)} %)`;
  return `${usd(from)} -> ${usd(to)}${change}`;
}

function usd(value: number | null): string {
  return value === null ? 'none' : `$${value.toFixed(4)}`;
}
