import { z } from 'zod';
import { KitError } from '../../core/error';
import { parseYamlDocument } from '../../core/yaml-document';
import type { Release } from '../../release/schema';
import addons from './cluster-addons.json';
import { type Subject, subject } from './subject';

/** The kit's own chart, as an artifact of the kit. */
export const CHART_ID = 'kit:charts/onevision';
export const CHART_FILE = 'charts/onevision/Chart.yaml';
/** Charts in it are installed with the kit's own, whether Chart.yaml names them or not. */
export const SUBCHARTS_FOLDER = 'charts/onevision/charts';

type Placement = Pick<Release['placement'], 'target' | 'nodes' | 'capacity' | 'minReplicas' | 'maxReplicas' | 'autoscaling'>;

const chartSchema = z.looseObject({
  name: z.string(),
  version: z.string(),
  dependencies: z.array(z.looseObject({ name: z.string(), version: z.string(), repository: z.string().optional() })).default([]),
});

/**
 * The charts that are installed: the kit's own with what its Chart.yaml depends on, and on AWS the add-ons of the release (NVIDIA's device plugin,
 * what starts nodes, KEDA and its Prometheus), each with the image that it runs.
 * @param subcharts  names of what lies in SUBCHARTS_FOLDER
 * @throws KitError E_CHART_UNREADABLE
 */
export function chartSubjects(text: string, placement: Placement, subcharts: readonly string[] = []): readonly Subject[] {
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
    ...subcharts.map(subchartSubject),
    ...addonSubjects(placement),
  ];
}

function subchartSubject(name: string): Subject {
  const file = `${SUBCHARTS_FOLDER}/${name}`;
  return subject({
    id: `chart:${file}`.replaceAll(/\s/g, '%20'),
    title: `chart in ${file}`,
    role: 'runtime',
    kind: 'chart',
    partOf: CHART_ID,
    lockIds: [],
    location: { file, line: null, column: null },
    obstacle: {
      rule: 'OVK-EVD-006',
      state: 'unknown',
      message: `Helm installs ${file} with the chart, and nothing pins its bytes.`,
      closes: 'take it out of the folder, and install it as a release of its own.',
    },
  });
}

/** Where the stacks pin them; a test compares both. */
const ADDONS_FOLDER = 'stacks/workloads/addons';
type AddonName = 'device-plugin' | 'cluster-autoscaler' | 'karpenter' | 'keda' | 'prometheus';

/**
 * Add-ons that a release may install on AWS, told from what it says alone: which of them the plan needs in the end depends on the machine, and
 * one too many that is judged does no harm.
 */
function addonsOf({ target, nodes, capacity, minReplicas, maxReplicas, autoscaling }: Placement): ReadonlySet<AddonName> {
  if (target !== 'aws') return new Set();
  const varies = minReplicas !== maxReplicas;
  const asks = (autoscaling ?? (varies ? 'keda' : 'none')) === 'keda';
  const names: (AddonName | false)[] = [
    'device-plugin',
    nodes === 'karpenter' ? 'karpenter' : (varies || capacity.length > 1) && 'cluster-autoscaler',
    asks && 'keda',
    asks && 'prometheus',
  ];
  return new Set(names.filter((name) => name !== false));
}

function addonSubjects(placement: Placement): readonly Subject[] {
  const wanted = addonsOf(placement);
  return addons
    .filter(({ addon }) => wanted.has(addon as AddonName))
    .map(({ addon, id, title, partOf = null }) => {
      const chart = id.startsWith('chart:');
      const location = { file: `${ADDONS_FOLDER}/${addon}.ts`, line: null, column: null };
      const pinned = chart ? id.slice(id.lastIndexOf('@') + 1) : null;
      return subject({ id, title, role: 'runtime', kind: chart ? 'chart' : 'image', pinned, partOf, location });
    });
}
