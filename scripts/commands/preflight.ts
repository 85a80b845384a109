import { readIdentity, registryAccount } from '../../aws/account';
import { CHECKS, type CheckId } from '../../aws/check';
import { type ImageReference, readImage } from '../../aws/image';
import { readNetworks } from '../../aws/networks';
import { readOfferings } from '../../aws/offerings';
import { type Needs, preflight } from '../../aws/preflight';
import { readQuotas } from '../../aws/quotas';
import { readWeights, type WeightsPlace } from '../../aws/weights';
import { loadCatalog } from '../../catalog/load';
import type { Catalog } from '../../catalog/schema';
import { weightsFiles } from '../../charts/weights-files';
import { checkRelease } from '../../compliance/check-release';
import type { Verdict } from '../../compliance/verdict';
import { ExitCode, KitError } from '../../core/error';
import { didYouMean } from '../../core/nearest';
import type { Plan } from '../../planning/plan';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import type { Release } from '../../release/schema';
import { preflightText } from '../../reports/preflight-text';
import { boundedName, imageRepositoryName, NAME_LIMIT } from '../../stacks/names';
import { SYSTEM_NODES } from '../../stacks/platform/system-node-type';
import { readSettings, type StackSettings } from '../../stacks/settings';
import { costTags } from '../../stacks/tags';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

interface PreflightOptions extends CommonOptions {
  readonly only?: readonly string[];
  readonly account?: string;
  readonly weights?: string;
}

const EXIT_CODES = { ok: ExitCode.pass, 'not-ok': ExitCode.violations, unknown: ExitCode.unknown } as const;

/** `ovkit preflight`: does the account hold what the release will ask of it? Reads only; asks AWS with the credentials of the user. */
export async function run(options: PreflightOptions, _args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const only = checksOf(options.only);
  const mirror = options.weights === undefined ? undefined : weightsPlace(options.weights);
  const loaded = loadRelease(options.release, { environment: options.environment });
  const catalog = loadCatalog();
  const plan = planRelease(loaded.release, catalog, { file: loaded.file, today: context.now() });
  const verdict = checkRelease(loaded, catalog, context.now());
  const region = loaded.release.placement.region;
  if (plan.placement.target !== 'aws' || region === undefined || plan.placement.instanceType === null) {
    throw new KitError({
      code: 'E_PREFLIGHT_TARGET',
      message:
        plan.placement.target === 'aws' ? 'the plan names no instance type.' : 'the release goes to an existing cluster, not to AWS.',
      next: 'see `npx ovkit plan`.',
    });
  }
  const { settings } = readSettings(process.env);
  const needs = needsOf({ options, settings, mirror, release: loaded.release, plan, verdict, catalog, region });
  const result = await preflight({ region, signal: context.signal }, needs, only, {
    identity: readIdentity,
    quotas: readQuotas,
    offerings: readOfferings,
    networks: readNetworks,
    image: (place, image) => readImage(place, image, globalThis.fetch),
    weights: readWeights,
  });
  return { exitCode: EXIT_CODES[result.state], json: result, text: preflightText(result, { colours: context.colours }) };
}

interface Asked {
  readonly options: PreflightOptions;
  readonly settings: StackSettings;
  readonly mirror: WeightsPlace | undefined;
  readonly release: Release;
  readonly plan: Plan;
  readonly verdict: Verdict;
  readonly catalog: Catalog;
  readonly region: string;
}

function needsOf({ options, settings, mirror, release, plan, verdict, catalog, region }: Asked): Needs {
  const instanceType = plan.placement.instanceType ?? '';
  const image = release.engine.image;
  const repository = 'digest' in image ? image.repository : undefined;
  return {
    expected: {
      account: accountOf(options.account) ?? settings.accountId ?? registryAccount(repository),
      environment: release.metadata.environment,
    },
    quotas: plan.placement.quota ? [plan.placement.quota] : [],
    instanceTypes: [instanceType, SYSTEM_NODES.instanceType],
    network: settings.vpcId === null ? { cidr: settings.vpcCidr, tags: ownTags(release) } : `no network is made: ${settings.vpcId} is used`,
    image:
      'digest' in image
        ? imageReference(image.digest, repository, release, region)
        : 'the image is not built yet; `npx ovkit image build --push`',
    platform: catalog.instances.find(({ type }) => type === instanceType)?.arch === 'arm64' ? 'linux/arm64' : 'linux/amd64',
    weights: ({ account }) => {
      const place = mirror ?? {
        bucket: `${boundedName(release, 'weights', NAME_LIMIT.bucketBeforeAccount)}-${account}`,
        // as charts/values.ts names the folder
        prefix: `${release.model.id}/${release.model.revision}`.replace(/[^A-Za-z0-9._/-]/g, '-'),
      };
      return {
        place,
        files: weightsFiles(plan, verdict).map((file) => ({ ...file, bytes: null })),
        mirror: `upload the files again: aws s3 cp --recursive --checksum-algorithm SHA256 FOLDER s3://${place.bucket}/${place.prefix}/`,
      };
    },
  };
}

/** What tells the VPC of a release from all others. */
function ownTags(release: Release): Readonly<Record<string, string>> {
  const { Project, Release, Environment } = costTags(release);
  return { Project, Release, Environment };
}

/** The image as ECR knows it; a sentence for a registry that is not ECR. */
function imageReference(digest: string, repository: string | undefined, release: Release, region: string): ImageReference | string {
  if (repository === undefined) return { account: undefined, region, repository: imageRepositoryName(release), digest };
  const [, account, itsRegion, name] = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/(.+)$/.exec(repository) ?? [];
  if (account === undefined || itsRegion === undefined || name === undefined) return `${repository} is not in ECR, so it was not looked up`;
  return { account, region: itsRegion, repository: name, digest };
}

function checksOf(names: readonly string[] | undefined): readonly CheckId[] {
  if (names === undefined) return CHECKS;
  const words = names.flatMap((name) => name.split(','));
  const wrong = words.find((word) => !(CHECKS as readonly string[]).includes(word));
  if (wrong === undefined) return words as CheckId[];
  throw new KitError({
    code: 'E_PREFLIGHT_OPTION',
    message: `--only names "${wrong}".${didYouMean(wrong, CHECKS)}`,
    allowed: `${CHECKS.join(', ')}.`,
    next: 'correct --only.',
  });
}

function accountOf(text: string | undefined): string | undefined {
  if (text === undefined || /^\d{12}$/.test(text)) return text;
  throw new KitError({
    code: 'E_PREFLIGHT_OPTION',
    message: `--account is "${text}".`,
    allowed: 'twelve digits.',
    next: 'correct --account.',
  });
}

function weightsPlace(text: string): WeightsPlace {
  const [, bucket, prefix = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? [];
  if (bucket !== undefined) return { bucket, prefix: prefix.replace(/\/+$/, '') };
  throw new KitError({
    code: 'E_PREFLIGHT_OPTION',
    message: `--weights is "${text}".`,
    allowed: 's3://bucket or s3://bucket/prefix.',
    next: 'correct --weights.',
  });
}
