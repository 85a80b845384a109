import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fromRoot } from '../core/project-root';

interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly oneOf?: readonly SchemaNode[];
}

/** Words between which the table stands in the README of the chart. */
const BEGIN = '<!-- values: written by npm run docs -->';
const END = '<!-- end of values -->';

/** The README of the chart with its table of values as schema and defaults say it now. @throws Error when the marks are missing */
export function chartReadme(text: string): string {
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) throw new Error(`charts/onevision/README.md has no place for the table: ${BEGIN} … ${END}`);
  return `${text.slice(0, from + BEGIN.length)}\n\n${valuesTable()}\n\n${text.slice(to)}`;
}

/** Every value of the chart with its type, default and meaning, in the order of the schema. */
export function valuesTable(): string {
  const schema = JSON.parse(readFileSync(fromRoot('charts', 'onevision', 'values.schema.json'), 'utf8')) as SchemaNode;
  const defaults = parse(readFileSync(fromRoot('charts', 'onevision', 'values.yaml'), 'utf8')) as Readonly<Record<string, unknown>>;
  const rows = Object.entries(schema.properties ?? {})
    .filter(([name]) => name !== 'global')
    .flatMap(([name, node]) => rowsOf(name, node, defaults[name]));
  return ['| value | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(path: string, node: SchemaNode, value: unknown): string[] {
  if (node.properties !== undefined) {
    return Object.entries(node.properties).flatMap(([name, child]) => {
      const inside = typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
      return rowsOf(`${path}.${name}`, child, inside);
    });
  }
  const shown = value === undefined ? '' : `\`${JSON.stringify(value)}\``;
  return [`| \`${path}\` | ${typeOf(node)} | ${cell(shown)} | ${cell(node.description ?? '')} |`];
}

function typeOf(node: SchemaNode): string {
  if (node.enum !== undefined) return node.enum.join(', ');
  const types = node.type ?? (node.oneOf ?? []).flatMap(({ type = [] }) => type);
  return [types].flat().join(' or ');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
