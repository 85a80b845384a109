import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expectedTensors, type Shapes, tiedEmbeddings } from './expected-tensors';
import type { DoctorFacts } from './facts';
import { finding, type RuntimeFinding } from './finding';
import { at, isObject } from './json-access';
import type { ModelFiles } from './model-files';
import { readSafetensorsHeader, type TensorEntry } from './safetensors-header';

const INDEX = 'model.safetensors.index.json';
const SINGLE = 'model.safetensors';
/** A wrong checkpoint can differ in thousands of names; this many are told, the rest are counted. */
const NAMES_TOLD = 5;

/** Are the weight files there, whole, and the ones that config.json describes? Reads their headers, never the weights. */
export function checkWeights({ files }: DoctorFacts): readonly RuntimeFinding[] {
  if (!files) return [];
  const wanted = shardsOf(files);
  if ('rule' in wanted) return [wanted];
  const findings: RuntimeFinding[] = [];
  const tensors = new Map<string, TensorEntry>();
  for (const [shard, names] of wanted) {
    const path = join(files.folder, shard);
    if (basename(shard) !== shard || !existsSync(path)) {
      const message = `${INDEX} names ${shard}, which is not in the folder (${names.length} tensors).`;
      findings.push(finding('OVK-RUN-015', 'refused', message, 'download the missing file.', INDEX));
      continue;
    }
    const header = readSafetensorsHeader(path);
    if (!header.ok) {
      findings.push(
        finding('OVK-RUN-014', 'refused', `${shard}: ${header.reason}.`, 'download the file again and compare its hash.', shard),
      );
      continue;
    }
    const absent = names.filter((name) => !header.tensors.has(name));
    if (absent.length > 0) {
      findings.push(
        finding(
          'OVK-RUN-015',
          'refused',
          `${INDEX} says that ${shard} holds ${told(absent)}; it does not.`,
          'take index and files from the same revision.',
          INDEX,
        ),
      );
    }
    for (const [name, entry] of header.tensors) tensors.set(name, entry);
  }
  if (findings.length > 0 || at(files.config, 'quantization_config') !== undefined) return findings;
  const expected = isObject(at(files.config, 'vision_config')) ? expectedTensors(files.config) : undefined;
  if (!expected) return [];
  const optional = tiedEmbeddings(files.config) === undefined ? ['lm_head.weight'] : [];
  return coverage(tensors, expected, optional);
}

/** Weight files with the tensors that the index expects in each; a finding when there are none to look at. */
function shardsOf(files: ModelFiles): ReadonlyMap<string, readonly string[]> | RuntimeFinding {
  if (files.names.includes(INDEX)) {
    const index = files.index;
    const map = index.state === 'read' ? at(index.value, 'weight_map') : undefined;
    if (!isObject(map) || Object.keys(map).length === 0 || !Object.values(map).every((shard) => typeof shard === 'string')) {
      return finding(
        'OVK-RUN-015',
        'refused',
        `${INDEX} has no readable weight_map.`,
        'take the file from the model repository again.',
        INDEX,
      );
    }
    const shards = new Map<string, string[]>();
    for (const [name, shard] of Object.entries(map as Record<string, string>)) shards.set(shard, [...(shards.get(shard) ?? []), name]);
    return shards;
  }
  if (files.names.includes(SINGLE)) return new Map([[SINGLE, []]]);
  const shards = files.names.filter((name) => name.endsWith('.safetensors'));
  if (shards.length > 0) {
    return finding(
      'OVK-RUN-015',
      'refused',
      `${shards.length} weight files and no ${INDEX}: nobody can tell whether all are there.`,
      `take ${INDEX} from the model repository.`,
    );
  }
  return finding(
    'OVK-RUN-019',
    'unknown',
    'the folder holds no weights (*.safetensors), so they were not looked at.',
    'run it again where the weights are.',
  );
}

function coverage(tensors: ReadonlyMap<string, TensorEntry>, expected: Shapes, optional: readonly string[]): readonly RuntimeFinding[] {
  const missing = [...expected.keys()].filter((name) => !tensors.has(name) && !optional.includes(name));
  const surplus = [...tensors.keys()].filter((name) => !expected.has(name));
  const misshapen = [...tensors].flatMap(([name, { shape }]) => {
    const wanted = expected.get(name);
    return wanted && wanted.join() !== shape.join() ? [`${name} ([${shape.join(', ')}] instead of [${wanted.join(', ')}])`] : [];
  });
  const closes = 'take config.json and weights from the same revision.';
  return [
    ...(missing.length > 0 ? [finding('OVK-RUN-016', 'refused', `the weights lack ${told(missing)}.`, closes)] : []),
    ...(surplus.length > 0
      ? [finding('OVK-RUN-016', 'refused', `the weights hold what the model does not have: ${told(surplus)}.`, closes)]
      : []),
    ...(misshapen.length > 0
      ? [finding('OVK-RUN-016', 'refused', `tensors of another shape than config.json says: ${told(misshapen)}.`, closes)]
      : []),
  ];
}

function told(names: readonly string[]): string {
  const rest = names.length - NAMES_TOLD;
  return `${names.slice(0, NAMES_TOLD).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
