import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fromRoot } from '../core/project-root';
import type { ChartValues } from './chart-values';
import { workloadName } from './expected-pods';
import { weightsManifest } from './weights-files';

/** A ConfigMap that pods of the release run by, and every byte that may stand in it. */
export interface JudgedConfigMap {
  readonly name: string;
  /** Texts as they are. */
  readonly files: Readonly<Record<string, string>>;
  /** Templates of the chart, which Helm renders with `JudgedFiles.service`. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface JudgedFiles {
  readonly configMaps: readonly JudgedConfigMap[];
  /** The values of chart onevision that its templates read. */
  readonly service: Readonly<Record<string, unknown>>;
}

/** Values of chart onevision that the proxy's configuration is made from. */
const READ = ['proxy', 'shutdown', 'readiness', 'liveness'] as const;

/**
 * The ConfigMaps of the release with their content: scripts that containers start, the list of weights, the proxy's configuration. The last is the
 * chart's own template with the values that the chart will see, so that Helm makes the same text of both.
 */
export function judgedFiles(values: ChartValues): JudgedFiles {
  const workload = workloadName(values.release.name);
  const { files } = values.weights;
  const proxy: JudgedConfigMap = {
    name: `${workload}-proxy`,
    files: { 'proxy.sh': chartFile('files/proxy/proxy.sh'), 'drain.sh': chartFile('files/proxy/drain.sh') },
    templates: { 'nginx.conf': `${chartFile('templates/_proxy.tpl')}${chartFile('files/proxy/nginx.conf')}` },
  };
  const weights: JudgedConfigMap = {
    name: `${workload}-weights`,
    files: { 'weights.sh': chartFile('files/weights.sh'), 'weights.sha256': weightsManifest(files) },
    templates: {},
  };
  const tests: JudgedConfigMap = { name: `${workload}-tests`, files: { 'smoke.sh': chartFile('files/tests/smoke.sh') }, templates: {} };
  const defaults = parse(chartFile('values.yaml')) as Tree;
  return {
    configMaps: [...(values.proxy.enabled ? [proxy] : []), ...(files.length > 0 ? [weights] : []), tests],
    service: Object.fromEntries(READ.map((key) => [key, merged(defaults[key], (values as unknown as Tree)[key])])),
  };
}

interface Tree {
  readonly [key: string]: unknown;
}

function chartFile(path: string): string {
  return readFileSync(fromRoot('charts', 'onevision', path), 'utf8');
}

/** As Helm lays values over those of a chart: objects key by key, anything else whole. */
function merged(below: unknown, above: unknown): unknown {
  if (above === undefined) return below;
  if (!isTree(below) || !isTree(above)) return above;
  return { ...below, ...Object.fromEntries(Object.entries(above).map(([key, value]) => [key, merged(below[key], value)])) };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
