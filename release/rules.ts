import { KitError, type Problem } from '../core/error';
import type { ValuePath, YamlDocument } from '../core/yaml-document';
import type { Release } from './schema';

interface Rule {
  readonly at: ValuePath;
  /** The message when the rule is broken, else undefined. */
  readonly broken: (release: Release) => string | undefined;
  readonly next: string;
}

/** Rules over more than one value of the file; those over one value stand in its schema. */
const RULES: readonly Rule[] = [
  {
    at: ['placement', 'region'],
    broken: ({ placement }) =>
      placement.target === 'aws' && !placement.region ? 'placement.region is missing; target aws needs it.' : undefined,
    next: 'add a region, e.g. "region: us-east-1".',
  },
  {
    at: ['placement', 'instanceFamilies'],
    broken: ({ placement }) =>
      placement.target === 'aws' && !placement.instanceFamilies ? 'placement.instanceFamilies is missing; target aws needs it.' : undefined,
    next: 'list families such as g6 or types such as g6.xlarge, see `npx ovkit catalog list instances`.',
  },
  {
    at: ['startup'],
    broken: ({ startup }) =>
      startup && startup.arrivalSeconds === undefined && startup.engineSeconds === undefined
        ? 'startup is given, but neither arrivalSeconds nor engineSeconds.'
        : undefined,
    next: 'add what you measured, or remove startup.',
  },
  {
    at: ['placement', 'cluster'],
    broken: ({ placement }) =>
      placement.target === 'cluster' && !placement.cluster ? 'placement.cluster is missing; target cluster needs it.' : undefined,
    next: 'add "cluster:" with context, nodeVcpu and nodeMemoryGib.',
  },
  {
    at: ['placement', 'cluster'],
    broken: ({ placement }) =>
      placement.target === 'aws' && placement.cluster ? 'placement.cluster is given, but the target is aws.' : undefined,
    next: 'remove it, or set "target: cluster".',
  },
  {
    at: ['placement', 'cluster', 'nodeGpuCount'],
    broken: ({ placement }) =>
      placement.cluster?.nodeGpuCount !== undefined && placement.cluster.nodeGpu === undefined
        ? 'placement.cluster.nodeGpuCount is given, but nodeGpu is missing.'
        : undefined,
    next: 'add "nodeGpu:" with a GPU of the catalog, see `npx ovkit catalog list gpus`, or remove nodeGpuCount.',
  },
  {
    at: ['placement', 'nodes'],
    broken: ({ placement }) =>
      placement.target === 'cluster' && placement.nodes !== 'managed'
        ? `placement.nodes is "${placement.nodes}", but the target is an existing cluster, whose nodes are its own.`
        : undefined,
    next: 'remove it, or set "target: aws".',
  },
  {
    at: ['placement', 'offHours'],
    broken: ({ placement }) =>
      placement.offHours !== undefined && placement.target === 'cluster'
        ? 'placement.offHours is given, but the target is an existing cluster, whose nodes are its own.'
        : undefined,
    next: 'remove it, or set "target: aws".',
  },
  {
    at: ['placement', 'offHours'],
    broken: ({ placement }) =>
      placement.offHours !== undefined && placement.target === 'aws' && placement.nodes === 'karpenter'
        ? 'placement.offHours moves the size of node groups, and Karpenter has none: it removes a node when the last pod has gone.'
        : undefined,
    next: 'remove offHours, or set "nodes: managed".',
  },
  {
    at: ['placement', 'maxReplicas'],
    broken: ({ placement }) =>
      placement.maxReplicas < placement.minReplicas
        ? `placement.maxReplicas is ${placement.maxReplicas}, less than minReplicas (${placement.minReplicas}).`
        : undefined,
    next: 'raise maxReplicas or lower minReplicas.',
  },
  {
    at: ['placement', 'minReplicas'],
    broken: ({ placement: { autoscaling, minReplicas } }) =>
      minReplicas === 0 && autoscaling !== undefined && autoscaling !== 'none'
        ? `placement.minReplicas is 0 with autoscaling "${autoscaling}": nothing holds a request until the first replica is up, so callers would get errors, and the signal that should wake the service would never come.`
        : undefined,
    next: 'set minReplicas to 1; nodes can be stopped out of hours with placement.offHours.',
  },
  {
    at: ['placement', 'autoscaling'],
    broken: ({ placement: { autoscaling, minReplicas, maxReplicas } }) =>
      minReplicas === maxReplicas && autoscaling !== undefined && autoscaling !== 'none'
        ? `placement.autoscaling is "${autoscaling}", but minReplicas and maxReplicas are both ${minReplicas}: there is nothing to scale.`
        : undefined,
    next: 'raise maxReplicas, or set "autoscaling: none".',
  },
  {
    at: ['engine', 'image'],
    broken: ({ placement, engine }) =>
      placement.target === 'aws' && 'state' in engine.image && engine.image.state === 'host'
        ? 'engine.image.state is "host", which AWS targets refuse: the nodes that the kit makes carry no such binary.'
        : undefined,
    next: 'give an image digest, or "state: unbuilt" with a recipe.',
  },
  {
    // waivers of a rehearsal must not carry a real image to a real cluster: there, no account tells the stand-in from the real thing
    at: ['engine', 'image'],
    broken: ({ metadata, placement, engine }) =>
      metadata.environment === 'rehearsal' && placement.target === 'cluster' && 'digest' in engine.image
        ? 'engine.image has a digest, but a rehearsal on an existing cluster runs placeholders only: its waivers hold nowhere else.'
        : undefined,
    next: 'use "state: unbuilt" or "state: host", or another environment.',
  },
  {
    at: ['load', 'imageWidthPx'],
    broken: ({ load }) =>
      load.imagesPerRequest > 0 && (load.imageWidthPx === undefined || load.imageHeightPx === undefined)
        ? `load.imagesPerRequest is ${load.imagesPerRequest}, but imageWidthPx or imageHeightPx is missing.`
        : undefined,
    next: 'add both, in pixels.',
  },
  {
    at: ['load', 'averageRequestsPerSecond'],
    broken: ({ load }) =>
      (load.averageRequestsPerSecond ?? 0) > load.peakRequestsPerSecond
        ? `load.averageRequestsPerSecond is ${load.averageRequestsPerSecond}, more than the peak (${load.peakRequestsPerSecond}).`
        : undefined,
    next: 'lower it, or raise peakRequestsPerSecond.',
  },
];

/** @throws KitError E_RELEASE_INVALID with every broken rule */
export function checkReleaseRules(release: Release, document: YamlDocument): void {
  const problems = RULES.flatMap((rule): Problem[] => {
    const message = rule.broken(release);
    return message === undefined ? [] : [{ code: 'E_RELEASE_INVALID', message, location: document.locate(rule.at), next: rule.next }];
  });
  problems.sort((a, b) => (a.location?.line ?? 0) - (b.location?.line ?? 0));
  if (problems.length > 0) throw new KitError(problems);
}
