import { readFileSync } from 'node:fs';
import Ajv, { type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import { fromRoot } from '../core/project-root';
import { customResourceSchemas } from './custom-resources';

/** Kubernetes minor versions that the chart is checked against; their origin stands in `kubernetes-schemas/provenance.json`. */
export const KUBERNETES_VERSIONS = ['1.34', '1.35', '1.36'] as const;
export type KubernetesVersion = (typeof KUBERNETES_VERSIONS)[number];

/** The published schema of one Kubernetes version, made strict: a field that it does not list is refused. */
export interface KubernetesSchema {
  /** Full version that the schema was published with, e.g. `v1.35.4`. */
  readonly version: string;
  /** `apiVersion/kind` of every kind that can be checked. */
  readonly kinds: readonly string[];
  /** The validator of a kind, compiled when it is first asked for; undefined for a kind that the schema does not hold. */
  validatorOf(apiVersion: string, kind: string): ValidateFunction | undefined;
}

const loaded = new Map<KubernetesVersion, KubernetesSchema>();

/** The schema of a Kubernetes version, read once. */
export function kubernetesSchema(version: KubernetesVersion): KubernetesSchema {
  const known = loaded.get(version);
  if (known) return known;
  const schema = load(version);
  loaded.set(version, schema);
  return schema;
}

interface SchemaFile {
  readonly kubernetes: string;
  readonly kinds: Readonly<Record<string, string>>;
  readonly definitions: Readonly<Record<string, object>>;
}

function load(version: KubernetesVersion): KubernetesSchema {
  const file = JSON.parse(readFileSync(fromRoot('charts', 'kubernetes-schemas', `v${version}.schema.json`), 'utf8')) as SchemaFile;
  const ajv = new Ajv({ allErrors: true, strict: false });
  addFormats(ajv);
  const id = `kubernetes-${file.kubernetes}`;
  ajv.addSchema({ definitions: file.definitions }, id);
  const custom = customResourceSchemas();
  for (const [key, schema] of custom) ajv.addSchema(schema, key);
  return {
    version: file.kubernetes,
    kinds: [...Object.keys(file.kinds), ...custom.keys()],
    validatorOf: (apiVersion, kind) => {
      const key = `${apiVersion}/${kind}`;
      if (custom.has(key)) return ajv.getSchema(key);
      const definition = Object.hasOwn(file.kinds, key) ? file.kinds[key] : undefined;
      return definition === undefined ? undefined : ajv.getSchema(`${id}#/definitions/${definition}`);
    },
  };
}
