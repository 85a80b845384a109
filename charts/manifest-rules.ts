import { DIGEST_REFERENCE } from './image-reference';

/** A rendered object before its schema was checked: any field may be missing or of the wrong type. */
export interface ManifestObject {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  readonly spec?: unknown;
}

export interface RuleProblem {
  readonly code: string;
  readonly path: string;
  readonly message: string;
}

/** What the published schemas cannot say, and the kit insists on, of one object. Objects without pods pass. */
export function manifestRuleProblems(object: ManifestObject): RuleProblem[] {
  const pod = podSpecOf(object);
  return pod ? [...podProblems(pod), ...deploymentProblems(object)] : [];
}

/** Kinds whose pods live on and answer requests; a Job's pod needs no probes. */
const LONG_RUNNING = new Set(['Deployment', 'DaemonSet', 'StatefulSet']);
const PROBES = ['startupProbe', 'readinessProbe', 'livenessProbe'] as const;
const CONTAINER_LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const;

interface PodPlace {
  readonly kind: string;
  readonly path: string;
  readonly spec: Json;
}
type Json = Readonly<Record<string, unknown>>;

function podSpecOf(object: ManifestObject): PodPlace | undefined {
  const kind = String(object.kind);
  const spec = record(object.spec);
  if (kind === 'Pod') return { kind, path: '/spec', spec };
  const template = record(record(spec.template).spec);
  return 'template' in spec ? { kind, path: '/spec/template/spec', spec: template } : undefined;
}

function podProblems(pod: PodPlace): RuleProblem[] {
  const volumes = new Set(list(pod.spec.volumes).map((volume) => volume.name));
  const containers = CONTAINER_LISTS.flatMap((key) =>
    list(pod.spec[key]).flatMap((container, index) => {
      const path = `${pod.path}/${key}/${index}`;
      return [
        ...imageProblems(container.image, `${path}/image`),
        ...extendedResourceProblems(record(container.resources), `${path}/resources`),
        ...mountProblems(container, volumes, path),
        ...(key === 'containers' && LONG_RUNNING.has(pod.kind) ? probeProblems(container, path) : []),
      ];
    }),
  );
  const images = list(pod.spec.volumes).flatMap((volume, index) =>
    'image' in volume ? imageProblems(record(volume.image).reference, `${pod.path}/volumes/${index}/image/reference`) : [],
  );
  return [...containers, ...images];
}

function imageProblems(image: unknown, path: string): RuleProblem[] {
  const reference = String(image ?? '');
  const found: RuleProblem[] = [];
  if (!DIGEST_REFERENCE.test(reference)) {
    found.push({
      code: 'E_MANIFEST_IMAGE_DIGEST',
      path,
      message: `the image "${reference}" is not named by digest (repository@sha256:<64 hex digits>).`,
    });
  }
  if (/:latest(@|$)/.test(reference)) {
    found.push({ code: 'E_MANIFEST_IMAGE_LATEST', path, message: `the image "${reference}" carries the tag "latest".` });
  }
  return found;
}

/** The API server refuses extended resources (nvidia.com/gpu) whose request differs from the limit, but only at apply. */
function extendedResourceProblems(resources: Json, path: string): RuleProblem[] {
  const requests = record(resources.requests);
  const limits = record(resources.limits);
  const names = [...new Set([...Object.keys(requests), ...Object.keys(limits)])].filter((name) => name.includes('/'));
  return names
    .filter((name) => limits[name] === undefined || (requests[name] !== undefined && String(requests[name]) !== String(limits[name])))
    .map((name) => ({
      code: 'E_MANIFEST_GPU',
      path,
      message: `${name}: the request (${requests[name] ?? 'none'}) and the limit (${limits[name] ?? 'none'}) must be equal.`,
    }));
}

function mountProblems(container: Json, volumes: ReadonlySet<unknown>, path: string): RuleProblem[] {
  return list(container.volumeMounts).flatMap((mount, index) =>
    volumes.has(mount.name)
      ? []
      : [{ code: 'E_MANIFEST_VOLUME', path: `${path}/volumeMounts/${index}`, message: `there is no volume "${mount.name}".` }],
  );
}

function probeProblems(container: Json, path: string): RuleProblem[] {
  return PROBES.filter((probe) => container[probe] === undefined).map((probe) => ({
    code: 'E_MANIFEST_PROBE',
    path,
    message: `the container "${container.name}" has no ${probe}.`,
  }));
}

function deploymentProblems(object: ManifestObject): RuleProblem[] {
  const spec = record(object.spec);
  const found: RuleProblem[] = [];
  const selected = record(record(spec.selector).matchLabels);
  const labels = record(record(record(spec.template).metadata).labels);
  if (LONG_RUNNING.has(String(object.kind))) {
    for (const [label, value] of Object.entries(selected)) {
      if (labels[label] !== value) {
        found.push({ code: 'E_MANIFEST_SELECTOR', path: '/spec/selector', message: `the pods do not carry the label ${label}=${value}.` });
      }
    }
  }
  const rolling = record(record(spec.strategy).rollingUpdate);
  if (isZero(rolling.maxSurge) && isZero(rolling.maxUnavailable)) {
    const message = 'maxSurge and maxUnavailable are both zero: no update could ever begin.';
    found.push({ code: 'E_MANIFEST_ROLLOUT', path: '/spec/strategy/rollingUpdate', message });
  }
  return found;
}

function isZero(value: unknown): boolean {
  return value !== undefined && /^0+%?$/.test(String(value));
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}
