import { sha256Hex } from '../core/canonical-json';
import type { Release } from '../release/schema';
import type { StackContext } from './kit-stack';

/** Longest names that AWS takes, from the API reference of each service. */
export const NAME_LIMIT = {
  /** EC2 Name tags and most other names. */
  general: 100,
  iamRole: 64,
  eventRule: 64,
  eksNodeGroup: 63,
  sqsQueue: 80,
  /** 63 for a bucket, less a dash and the 12 digits of the account. */
  bucketBeforeAccount: 50,
} as const;

/** Output that a GitOps repository is fed from: `npx cdktf output workloads --outputs-file gitops.json`. */
export const GITOPS_OUTPUT = 'gitops_releases';

const HASH_CHARACTERS = 6;

/** `<release>-<environment>`: the prefix of everything that the release creates, and its cluster's name. */
export function releasePrefix(release: Release): string {
  return `${release.metadata.name}-${release.metadata.environment}`;
}

/**
 * A name of the release that keeps within a service's limit. A name that is too long is cut and ends in a hash of
 * the whole, so that two long names never become one.
 */
export function boundedName(release: Release, suffix: string, limit: number = NAME_LIMIT.general): string {
  const whole = `${releasePrefix(release)}-${suffix}`;
  if (whole.length <= limit) return whole;
  const tail = `-${sha256Hex(whole).slice(0, HASH_CHARACTERS)}-${suffix}`;
  return `${releasePrefix(release).slice(0, limit - tail.length)}${tail}`;
}

/** Repository of the release's images in the account's own registry; the chart pulls `<registry>/<this>@sha256:…`. */
export function imageRepositoryName(release: Release): string {
  return `${releasePrefix(release)}/${release.engine.name.toLowerCase().replace(/[^a-z0-9._-]+/g, '-')}`;
}

/** The cluster that the release runs in: its own, or an existing one of EKS. */
export function clusterNameOf({ release, settings }: Pick<StackContext, 'release' | 'settings'>): string {
  return settings.eksCluster ?? releasePrefix(release);
}

/** Queue of the interruptions that Karpenter reads; SQS takes 80 characters, and rules are named after it. */
export function interruptionQueueName(release: Release): string {
  return boundedName(release, 'interruptions', NAME_LIMIT.sqsQueue);
}

/** Instance profile of the nodes that Karpenter starts. */
export function karpenterProfileName(release: Release): string {
  return boundedName(release, 'karpenter-node', NAME_LIMIT.iamRole);
}

/** Kubernetes namespace that the release lives in. */
export function namespaceOf(release: Release): string {
  return release.placement.cluster?.namespace ?? release.metadata.name;
}

/** Namespace of the job that mirrors the weights: not that of the release, whose admission lets the engine through and nothing else. */
export function weightsNamespaceOf(release: Release): string {
  return `${namespaceOf(release)}-weights`;
}

/** Service account of that job: chart `charts/weights-mirror`. */
export const WEIGHTS_MIRROR_ACCOUNT = 'weights-mirror';

const CHART_NAME = 'onevision';

/** Name of the chart's objects, the service account among them: the rule `onevision.fullname` of the chart. */
export function serviceAccountOf(release: Release): string {
  const { name } = release.metadata;
  return name.includes(CHART_NAME) ? name : `${name}-${CHART_NAME}`;
}
