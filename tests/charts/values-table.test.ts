import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { chartReadme, valuesTable } from '../../charts/values-table';
import { fromRoot } from '../../core/project-root';

const read = (file: string): string => readFileSync(fromRoot('charts', 'onevision', file), 'utf8');

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly additionalProperties?: unknown;
}

/** Every schema below one, with its path. */
function* nodesOf(node: Node, path: string): Generator<readonly [string, Node]> {
  yield [path, node];
  for (const [name, child] of Object.entries(node.properties ?? {})) yield* nodesOf(child, `${path}.${name}`);
  if (node.items?.properties !== undefined) yield* nodesOf(node.items, `${path}[]`);
}

describe('the values of the chart', () => {
  const schema = JSON.parse(read('values.schema.json')) as Node;

  it('stand in its README as schema and defaults say (npm run docs)', () => {
    expect(read('README.md')).toBe(chartReadme(read('README.md')));
    expect(() => chartReadme('no place')).toThrow('no place for the table');
  });

  it('are described, each of them, and refuse keys that are not known', () => {
    for (const [path, node] of nodesOf(schema, 'values')) {
      expect([path, node.description]).toEqual([path, expect.stringMatching(/\S.*\.$/)]);
      if (node.properties !== undefined) expect([path, node.additionalProperties]).toEqual([path, false]);
    }
  });

  it('have a default for every key of the schema, and no default without one', () => {
    const defaults = parse(read('values.yaml')) as unknown;
    for (const [path, node] of nodesOf(schema, 'values')) {
      if (node.properties === undefined || path.includes('[]') || path === 'values.global') continue;
      const at = path
        .split('.')
        .slice(1)
        .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], defaults);
      const known = Object.keys(node.properties).filter((name) => name !== 'global');
      expect([path, Object.keys((at ?? {}) as object).sort()]).toEqual([path, known.sort()]);
    }
  });

  it('are listed with type and default', () => {
    expect(valuesTable()).toContain('| `proxy.maxBodyMib` | integer | `20` | Largest request, MiB. |');
    expect(valuesTable()).toContain('| `release.environment` | production, staging, development, rehearsal |');
  });
});
