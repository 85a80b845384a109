import { readdirSync, readFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fromRoot } from '../../core/project-root';
import { RELEASE_JSON_SCHEMA_FILE, releaseJsonSchema, releaseJsonSchemaText } from '../../release/json-schema';
import { edited } from './support';

const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(releaseJsonSchema());
const examples = readdirSync(fromRoot('examples')).filter((name) => name.endsWith('.yaml'));

it('the committed schema is the one of the code (else: node dist/scripts/dev/write-json-schema.js)', () => {
  expect(readFileSync(fromRoot(RELEASE_JSON_SCHEMA_FILE), 'utf8')).toBe(releaseJsonSchemaText());
});

it('every value that is written has a sentence for the editor', () => {
  expect(undescribed(releaseJsonSchema())).toEqual([]);
});

describe('accepts', () => {
  it.each(['release.yaml', 'release/template.yaml', ...examples.map((name) => `examples/${name}`)])('%s', (file) => {
    validate(parse(readFileSync(fromRoot(file), 'utf8')));
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe('refuses what loading refuses', () => {
  it.each([
    ['an unknown key', edited('monthlyUsd: 500', 'monthlyUsd: 500\n  monthlyEur: 1')],
    ['a branch', edited(/revision: .*/, 'revision: main')],
    ['a budget of 0', edited('monthlyUsd: 500', 'monthlyUsd: 0')],
    ['a tag', edited(/ {2}image:\n(?: {4}.*\n)+/, '  image: {digest: latest}\n')],
    ['a missing section', edited(/budget:\n(?: {2}.*\n)+/, '')],
  ])('%s', (_name, text) => {
    expect(validate(parse(text))).toBe(false);
  });
});

type Node = { readonly [key: string]: unknown };

/** Dotted names of the values (not blocks) without a description. */
function undescribed(node: Node, path = ''): string[] {
  const branches = (node.anyOf ?? []) as Node[];
  const children = Object.entries((node.properties ?? {}) as Record<string, Node>);
  const isValue = path !== '' && children.length === 0 && branches.length === 0 && node.description === undefined;
  return [
    ...(isValue ? [path] : []),
    ...branches.flatMap((branch) => undescribed(branch, path)),
    ...children.flatMap(([key, child]) => undescribed(child, `${path}.${key}`)),
  ];
}
