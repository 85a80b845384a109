import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fromRoot } from '../core/project-root';

/** A CustomResourceDefinition as its project publishes it; where each comes from stands in `custom-resources/provenance.json`. */
export interface CustomResourceDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

type Schema = { readonly [key: string]: unknown };

let definitions: readonly CustomResourceDefinition[] | undefined;

/** The definitions of all kinds that the chart may render and Kubernetes itself does not know, read once. */
export function customResourceDefinitions(): readonly CustomResourceDefinition[] {
  const folder = fromRoot('charts', 'custom-resources');
  definitions ??= readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => parse(readFileSync(`${folder}/${file}`, 'utf8')) as CustomResourceDefinition);
  return definitions;
}

/** JSON Schema per `apiVersion/kind`, made strict: the API server drops a field that it does not know, here it is refused. */
export function customResourceSchemas(): ReadonlyMap<string, Schema> {
  return new Map(
    customResourceDefinitions().flatMap(({ spec }) =>
      spec.versions.map(({ name, schema }) => {
        const root = strict(schema.openAPIV3Schema);
        return [
          `${spec.group}/${name}/${spec.names.kind}`,
          { ...root, properties: { ...(root.properties as Schema), metadata: {} } },
        ] as const;
      }),
    ),
  );
}

/** Flags inside a pattern are Go's; JavaScript has none such, so that these few are left to the API server. */
const GO_FLAGS = '(?i)';

function strict(schema: Schema): Schema {
  const entries = Object.entries(schema)
    .filter(([key, value]) => !(key === 'pattern' && typeof value === 'string' && value.includes(GO_FLAGS)))
    .map(([key, value]) => [key, key === 'properties' ? eachStrict(value as Schema) : deeper(value)]);
  const known = schema.type === 'object' && 'properties' in schema && schema['x-kubernetes-preserve-unknown-fields'] !== true;
  return { ...Object.fromEntries(entries), ...(known && !('additionalProperties' in schema) ? { additionalProperties: false } : {}) };
}

function eachStrict(properties: Schema): Schema {
  return Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, strict(schema as Schema)]));
}

function deeper(value: unknown): unknown {
  if (Array.isArray(value)) return value;
  return typeof value === 'object' && value !== null ? strict(value as Schema) : value;
}
