import { z } from 'zod';
import { KitError } from '../../core/error';
import { parseYamlDocument } from '../../core/yaml-document';
import { type Subject, subject } from './subject';

/** The kit's own chart, as an artifact of the kit. */
export const CHART_ID = 'kit:charts/onevision';
export const CHART_FILE = 'charts/onevision/Chart.yaml';

const chartSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  dependencies: z.array(z.looseObject({ name: z.string(), version: z.string(), repository: z.string().optional() })).default([]),
});

/**
 * The charts that are installed: the kit's own with what its Chart.yaml depends on, and on AWS NVIDIA's device plugin with the image that it runs
 * on every GPU node.
 * @throws KitError E_CHART_UNREADABLE
 */
export function chartSubjects(text: string, target: string): readonly Subject[] {
  const parsed = chartSchema.safeParse(parseYamlDocument(text, CHART_FILE).value);
  if (!parsed.success) {
    throw new KitError({
      code: 'E_CHART_UNREADABLE',
      message: 'it has no name, version or list of dependencies that can be read.',
      location: { file: CHART_FILE },
      next: 'restore it from git.',
    });
  }
  const { name, version, dependencies } = parsed.data;
  const location = { file: CHART_FILE, line: null, column: null };
  const common = { role: 'runtime', kind: 'chart', location } as const;
  const depends = dependencies.length === 0 ? 'depends on no other chart' : `depends on ${dependencies.length} charts`;
  return [
    subject({ ...common, id: CHART_ID, title: `chart ${name} ${version} of the kit, ${depends}` }),
    ...dependencies.map((dependency) =>
      subject({
        ...common,
        id: `chart:${dependency.name}@${dependency.version}`.replaceAll(/\s/g, '%20'),
        title: `chart ${dependency.name} ${dependency.version} from ${dependency.repository ?? 'no repository'}`,
        pinned: dependency.version,
        partOf: CHART_ID,
      }),
    ),
    ...(target === 'aws'
      ? DEVICE_PLUGIN.map((part) => subject({ ...part, location: { file: DEVICE_PLUGIN_FILE, line: null, column: null } }))
      : []),
  ];
}

/** Where the stacks pin it; a test compares the two. */
const DEVICE_PLUGIN_FILE = 'stacks/workloads/device-plugin.ts';
const DEVICE_PLUGIN = [
  { id: 'chart:nvidia-device-plugin@0.17.1', title: 'chart nvidia-device-plugin 0.17.1', role: 'runtime', kind: 'chart', pinned: '0.17.1' },
  {
    id: 'oci:nvcr.io/nvidia/k8s-device-plugin',
    title: "image that NVIDIA's device plugin runs on every GPU node, by tag v0.17.1 of its chart",
    role: 'runtime',
    kind: 'image',
    partOf: 'chart:nvidia-device-plugin@0.17.1',
  },
] as const;
