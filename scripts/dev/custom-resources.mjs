#!/usr/bin/env node
// Makes charts/custom-resources/ from the definitions that projects publish in their Go modules.
// Needs Go and a module proxy. Run it with: node scripts/dev/custom-resources.mjs
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parse, stringify } from 'yaml';

/** Newest released versions that the module proxy has, 2026-11-25; KEDA's and Karpenter's are those of the add-ons that the stacks install. */
const SOURCES = [
  { module: 'github.com/kedacore/keda/v2', version: 'v2.20.2', paths: ['config/crd/bases/keda.sh_scaledobjects.yaml'] },
  {
    module: 'github.com/prometheus-operator/prometheus-operator',
    version: 'v0.85.0',
    paths: ['podmonitors', 'prometheusrules', 'servicemonitors'].map(
      (name) => `example/prometheus-operator-crd/monitoring.coreos.com_${name}.yaml`,
    ),
  },
  {
    module: 'sigs.k8s.io/gateway-api',
    version: 'v1.4.0',
    paths: ['config/crd/standard/gateway.networking.k8s.io_httproutes.yaml'],
    // 345 KB, nine tenths of them descriptions
    bare: true,
  },
  {
    module: 'github.com/aws/karpenter-provider-aws',
    version: 'v1.14.1',
    paths: ['karpenter.k8s.aws_ec2nodeclasses', 'karpenter.sh_nodepools'].map((name) => `pkg/apis/crds/${name}.yaml`),
  },
];

const folder = join(import.meta.dirname, '../../charts/custom-resources');
const definitions = [];
for (const { module, version, paths, bare = false } of SOURCES) {
  const { Dir, Sum } = JSON.parse(execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], { encoding: 'utf8', cwd: '/' }));
  for (const path of paths) {
    const published = readFileSync(join(Dir, path), 'utf8');
    const text = bare ? stringify(withoutDescriptions(parse(published)), { lineWidth: 0 }) : published;
    const file = basename(path);
    writeFileSync(join(folder, file), text);
    const sha256 = createHash('sha256').update(text).digest('hex');
    definitions.push({
      file,
      sha256,
      module,
      version,
      sum: Sum,
      path,
      licence: 'Apache-2.0',
      ...(bare ? { changed: 'descriptions taken out' } : {}),
    });
  }
}
const note =
  'Definitions of kinds that the charts render and Kubernetes itself does not know, as their projects publish them, unchanged unless it says so. ' +
  'Objects are validated against them, and the embedded control plane installs them. Made by scripts/dev/custom-resources.mjs.';
writeFileSync(join(folder, 'provenance.json'), `${JSON.stringify({ note, definitions }, null, 2)}\n`);

/** A description is a text; a property of that name is a schema, and stays. */
function withoutDescriptions(node) {
  if (Array.isArray(node)) return node.map(withoutDescriptions);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([key, value]) => !(key === 'description' && typeof value === 'string'));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutDescriptions(value)]));
}
