import type { Verdict } from '../compliance/verdict';
import { KitError } from '../core/error';
import type { Plan } from '../planning/plan';
import type { Release } from '../release/schema';
import { chartAutoscaling } from './autoscaling';
import type { ChartImage, ChartValues, ChartWeights } from './chart-values';
import { ENGINE_PROFILES } from './engine-profile';
import { plannedSharedMemoryBytes, weightsBytes } from './plan-weights';
import { podResources, podsPerNode } from './pod-resources';
import { chartProxy, PROXY_RESOURCES } from './proxy';
import { rolloutStrategy } from './rollout-strategy';
import { shutdownTimes } from './shutdown-times';
import { startupBudget } from './startup-budget';
import { weightsFiles } from './weights-files';

/** What the release and its plan do not know. */
export interface ChartContext {
  /** Bucket that holds the weights in a folder of model and revision, and its addresses; may be references of Terraform. */
  readonly weightsBucket?: { readonly name: string; readonly region: string; readonly egress: unknown };
  /** Registry and repository of the release's own image, when `engine.image.repository` is not given; may be a Terraform reference. */
  readonly imageRepository?: string;
  /** Prometheus that KEDA asks for the signals. Default: the Service of prometheus-operator in the namespace monitoring. */
  readonly prometheusUrl?: string;
}

/**
 * The values of the chart for a release: a pure function of what was planned and judged, so that the same release renders the same pods.
 * @throws KitError E_CHART_REPOSITORY, E_CHART_BINARY, E_CHART_ARGS
 */
export function chartValues(release: Release, plan: Plan, verdict: Verdict, context: ChartContext = {}): ChartValues {
  const { placement, engine } = plan;
  const profile = ENGINE_PROFILES[engine.kind];
  const image = chartImage(release, context);
  const proxy = chartProxy(release, engine, image);
  refuseOwnedArgs(engine.args, profile.ownedArgs, engine.kind);
  const { name, environment, owner, costCentre } = release.metadata;
  return {
    rehearsal: environment === 'rehearsal' || image.state === 'host',
    release: { name, environment, owner, costCentre },
    verdict: { state: verdict.state, digest: verdict.digest, expires: verdict.expires },
    model: { id: plan.model.id, revision: plan.model.revision, precision: plan.model.precision },
    engine: {
      name: engine.name,
      kind: engine.kind,
      version: engine.version,
      port: engine.port,
      command: image.state === 'host' ? [image.binary] : profile.command,
      args: engine.args,
    },
    image,
    proxy,
    ...(release.service?.apiKey ? { apiKey: { existingSecret: release.service.apiKey.secret, key: release.service.apiKey.key } } : {}),
    ...weightsParts(chartWeights(plan, image), weightsFiles(plan, verdict), context.weightsBucket),
    replicas: placement.replicas,
    autoscaling: chartAutoscaling(plan, context.prometheusUrl),
    rollout: rolloutStrategy(placement.replicas, spareReplicas(plan), plan.scaling.mode === 'none' ? undefined : placement.maxReplicas),
    gpu: { count: placement.device === 'gpu' ? placement.tensorParallel : 0 },
    resources: podResources(placement, proxy.enabled ? PROXY_RESOURCES : undefined),
    // the plan's own figure where it has one, so that the sum of the host's memory stays true
    sharedMemoryMib: Math.ceil((plannedSharedMemoryBytes(plan) ?? profile.sharedMemoryMib * MIB) / MIB),
    // nvidia-cdi-hook writes into the root file system of a GPU container (KServe, aaac4e2)
    readOnlyRootFilesystem: placement.device !== 'gpu',
    startup: startupBudget(plan),
    shutdown: shutdownTimes(plan),
    monitoring: {
      ownScrape: plan.scaling.mode !== 'none',
      ...prometheusPlace(context.prometheusUrl),
      rules: { timeToFirstTokenSeconds: (release.targets?.timeToFirstTokenMs ?? 0) / 1000 },
    },
    doNotDisrupt: mayMeetKarpenter(release),
    nodeSelector: placement.instanceType === null ? {} : { 'node.kubernetes.io/instance-type': placement.instanceType },
  };
}

/**
 * Whether Karpenter may see the pods: on nodes that it makes, and in a cluster of somebody else, of which nobody knows. A drifted or unused node
 * would else be drained under an engine that loads for minutes and answers for longer than its grace; the NodePool's terminationGracePeriod
 * still bounds the wait. Managed groups are none of Karpenter's.
 */
function mayMeetKarpenter({ placement }: Release): boolean {
  return placement.target !== 'aws' || placement.nodes === 'karpenter';
}

/** SERVICE.NAMESPACE.svc; another address may be a gateway to anywhere. */
const IN_CLUSTER = /^https?:\/\/[a-z0-9-]+\.([a-z0-9-]+)\.svc(?:\.|:|\/|$)/;

function prometheusPlace(url = ''): { readonly prometheus?: { readonly namespace: string } } {
  const namespace = IN_CLUSTER.exec(url)?.[1];
  return namespace === undefined ? {} : { prometheus: { namespace } };
}

/** Folder of the nodes on which a release with a binary on the host keeps its weights. */
export const HOST_WEIGHTS_PATH = '/var/lib/onevision-kit/models';
const MOUNT_PATH = '/models';
const MIB = 2 ** 20;
const GIB = 2 ** 30;
/** Room beside the weights for tokenizer, configuration and a file that is being fetched again. */
const WEIGHTS_ROOM = 1.25;

/** Binary names as the chart's schema takes them; they become part of a placeholder image. */
const BINARY_NAME = /^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$/;

function chartImage(release: Release, context: ChartContext): ChartImage {
  const { image } = release.engine;
  if ('digest' in image) {
    const repository = image.repository ?? context.imageRepository;
    if (repository === undefined) {
      throw new KitError({
        code: 'E_CHART_REPOSITORY',
        message: `engine.image has a digest (${image.digest}) and no repository, and none is known from the bootstrap stack.`,
        next: 'add engine.image.repository, or deploy through `cdktf deploy`, which knows the registry.',
      });
    }
    return { state: 'built', repository, digest: image.digest };
  }
  if (image.state === 'unbuilt') return { state: 'unbuilt', recipe: image.recipe };
  if (!BINARY_NAME.test(image.binary)) {
    throw new KitError({
      code: 'E_CHART_BINARY',
      message: `engine.image.binary is "${image.binary}".`,
      allowed: 'the plain name of a program on the nodes, such as llama-server, without a path.',
      next: 'put the program on the PATH of the nodes and name it.',
    });
  }
  return { state: 'host', binary: image.binary };
}

/** Weights stand in a folder of their model and revision, so that the path itself says what is served. */
function chartWeights(plan: Plan, image: ChartImage): Omit<ChartWeights, 'files'> {
  const profile = ENGINE_PROFILES[plan.engine.kind];
  const folder = `${plan.model.id}/${plan.model.revision}`.replace(/[^A-Za-z0-9._/-]/g, '-');
  const file = profile.weightsFile;
  const projectorFile = plan.request.imageTokens > 0 ? profile.projectorFile : '';
  if (image.state === 'host') {
    // a process on the host sees no mount: the path inside and outside must be the same
    return { volume: { type: 'hostPath', path: HOST_WEIGHTS_PATH }, mountPath: HOST_WEIGHTS_PATH, folder, file, projectorFile };
  }
  const sizeGib = Math.ceil((weightsBytes(plan) * WEIGHTS_ROOM) / GIB) + 1;
  return { volume: { type: 'emptyDir', sizeGib }, mountPath: MOUNT_PATH, folder, file, projectorFile };
}

/** The weights with where they come from: the bucket, as far as their hashes are known; without hashes nothing is fetched. */
function weightsParts(
  weights: Omit<ChartWeights, 'files'>,
  files: ChartWeights['files'],
  bucket: ChartContext['weightsBucket'],
): Pick<ChartValues, 'weights' | 'networkPolicy'> {
  if (bucket === undefined || files.length === 0 || weights.volume.type !== 'emptyDir') return { weights: { ...weights, files } };
  const source = { url: `s3://${bucket.name}/${weights.folder}`, region: bucket.region };
  return { weights: { ...weights, files, source }, networkPolicy: { egress: bucket.egress } };
}

/** Replicas for which there is a place beside those that run: nodes up to maxReplicas, and GPUs left over on them. */
function spareReplicas({ placement, scaling }: Plan): number {
  const pods = podsPerNode(placement);
  const places = placement.target === 'aws' ? Math.ceil(placement.maxReplicas / pods) * pods : placement.maxReplicas;
  // where an autoscaler may have taken them all, only what is left beyond its maximum is spare
  return Math.max(0, places - (scaling.mode === 'none' ? placement.replicas : placement.maxReplicas));
}

/** An argument that both the plan and the chart write would be given twice, and the engine would take either. */
function refuseOwnedArgs(args: readonly string[], owned: readonly string[], kind: string): void {
  const twice = args.filter((arg) => owned.includes(arg.split('=')[0] ?? arg));
  if (twice.length === 0) return;
  throw new KitError({
    code: 'E_CHART_ARGS',
    message: `the plan's engine arguments hold ${twice.join(', ')}, which the chart writes itself for ${kind}.`,
    allowed: `anything but ${owned.join(', ')}.`,
    next: 'this is a fault of the kit: report it with your release.yaml.',
  });
}
