#!/usr/bin/env node
// Makes charts/kubernetes-schemas/ from the OpenAPI documents that Kubernetes publishes in its Go module.
// Needs Go and a module proxy. Run it with: node scripts/dev/trim-kubernetes-schemas.mjs
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The last patch of each minor version that the chart supports, as of 2026-11-23. */
const VERSIONS = ['v1.34.4', 'v1.35.4', 'v1.36.3'];

/** Kinds that the chart renders, those that the platform puts beside it, and those that issue E's tests apply. */
const KINDS = [
  'v1/ConfigMap',
  'v1/LimitRange',
  'v1/Namespace',
  'v1/PersistentVolumeClaim',
  'v1/Pod',
  'v1/ResourceQuota',
  'v1/Secret',
  'v1/Service',
  'v1/ServiceAccount',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/v1/ValidatingAdmissionPolicyBinding',
  'apps/v1/DaemonSet',
  'apps/v1/Deployment',
  'autoscaling/v2/HorizontalPodAutoscaler',
  'batch/v1/Job',
  'networking.k8s.io/v1/Ingress',
  'networking.k8s.io/v1/NetworkPolicy',
  'policy/v1/PodDisruptionBudget',
  'rbac.authorization.k8s.io/v1/ClusterRole',
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding',
  'rbac.authorization.k8s.io/v1/Role',
  'rbac.authorization.k8s.io/v1/RoleBinding',
  'scheduling.k8s.io/v1/PriorityClass',
];

const REF = '#/definitions/';
/** Quantity grammar of apimachinery's resource.Quantity; the API also takes a bare number. */
const QUANTITY = {
  oneOf: [{ type: 'string', pattern: '^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?$' }, { type: 'number' }],
};
const INT_OR_STRING = { oneOf: [{ type: 'integer' }, { type: 'string' }] };

const folder = join(import.meta.dirname, '../../charts/kubernetes-schemas');
const provenance = [];
for (const version of VERSIONS) {
  const module = JSON.parse(
    execFileSync('go', ['mod', 'download', '-json', `k8s.io/kubernetes@${version}`], { encoding: 'utf8', cwd: '/' }),
  );
  const published = JSON.parse(readFileSync(join(module.Dir, 'api/openapi-spec/swagger.json'), 'utf8'));
  const trimmed = trim(published.definitions, version);
  const file = `${version.replace(/\.\d+$/, '')}.schema.json`;
  const text = `${JSON.stringify(trimmed)}\n`;
  writeFileSync(join(folder, file), text);
  const sha256 = createHash('sha256').update(text).digest('hex');
  const source = { module: 'k8s.io/kubernetes', version, sum: module.Sum, path: 'api/openapi-spec/swagger.json', licence: 'Apache-2.0' };
  provenance.push({ file, sha256, ...source });
}
const note =
  'Trimmed to the kinds that are validated here, without descriptions, unknown fields refused. Made by scripts/dev/trim-kubernetes-schemas.mjs.';
writeFileSync(join(folder, 'provenance.json'), `${JSON.stringify({ note, schemas: provenance }, null, 2)}\n`);

/** One JSON Schema (draft 7): `kinds` names the definition of each kind, `definitions` holds what they reach. */
function trim(definitions, version) {
  const kinds = {};
  const kept = {};
  const queue = [];
  for (const [name, definition] of Object.entries(definitions)) {
    for (const { group, version: apiVersion, kind } of definition['x-kubernetes-group-version-kind'] ?? []) {
      const key = [group, apiVersion, kind].filter(Boolean).join('/');
      if (!KINDS.includes(key) || !definition.properties?.metadata) continue;
      kinds[key] = name;
      kept[name] = topLevel(strict(definition, queue), [group, apiVersion].filter(Boolean).join('/'), kind);
    }
  }
  const missing = KINDS.filter((kind) => !(kind in kinds));
  if (missing.length > 0) throw new Error(`${version} does not define ${missing.join(', ')}`);
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    kept[name] ??= strict(definitions[name], queue);
  }
  return { kubernetes: version, kinds: sorted(kinds), definitions: sorted(kept) };
}

/** The server knows the kind from the URL; a manifest has to say it, and to carry a spec where the kind has one. */
function topLevel(schema, apiVersion, kind) {
  const properties = { ...schema.properties, apiVersion: { const: apiVersion }, kind: { const: kind } };
  const required = new Set([...(schema.required ?? []), 'apiVersion', 'kind', 'metadata']);
  if ('spec' in properties && kind !== 'Namespace') required.add('spec');
  return { ...schema, properties, required: [...required] };
}

/** Drops what only documents; refuses fields that are not listed; writes the two types that Swagger 2 cannot say. */
function strict(node, queue) {
  if (node.format === 'int-or-string') return INT_OR_STRING;
  if (node.description?.startsWith('Quantity is a fixed-point representation')) return QUANTITY;
  if (node.$ref) {
    queue.push(node.$ref.slice(REF.length));
    return { $ref: node.$ref };
  }
  const out = {};
  for (const key of ['type', 'format', 'enum', 'required']) if (key in node) out[key] = node[key];
  if (node.items) out.items = strict(node.items, queue);
  if (node.additionalProperties) out.additionalProperties = strict(node.additionalProperties, queue);
  if (node.properties) {
    out.properties = Object.fromEntries(Object.entries(node.properties).map(([name, property]) => [name, strict(property, queue)]));
    out.additionalProperties ??= false;
  }
  return out;
}

function sorted(record) {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
