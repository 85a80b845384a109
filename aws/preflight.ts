import { KitError } from '../core/error';
import { type AccountExpectation, type Identity, judgeAccount } from './account';
import { CHECKS, type Check, type CheckId, notApplicable, unknown } from './check';
import type { AwsPlace } from './client';
import type { ImageFound, ImageReference } from './image';
import { judgeImage } from './image';
import { type FoundNetwork, judgeNetwork, type NeededNetwork } from './networks';
import { judgeOfferings, type Offerings } from './offerings';
import { judgeQuotas, type NeededQuota, type QuotaFound } from './quotas';
import { judgeWeights, type WantedFile, type WeightsFound, type WeightsPlace } from './weights';

/** What a release will ask of the account. */
export interface Needs {
  readonly expected: AccountExpectation;
  readonly quotas: readonly NeededQuota[];
  readonly instanceTypes: readonly string[];
  /** A sentence instead: why no network is made. */
  readonly network: NeededNetwork | string;
  /** A sentence instead of a reference: why there is no image to look up. */
  readonly image: ImageReference | string;
  /** Platform of the nodes, e.g. linux/amd64. */
  readonly platform: string;
  readonly weights: (identity: Identity) => {
    readonly place: WeightsPlace;
    readonly files: readonly WantedFile[];
    readonly mirror: string;
  };
}

/** The questions to AWS; tests pass their own. */
export interface Ask {
  identity(place: AwsPlace): Promise<Identity>;
  quotas(place: AwsPlace, needed: readonly NeededQuota[]): Promise<readonly QuotaFound[]>;
  offerings(place: AwsPlace, types: readonly string[]): Promise<Offerings>;
  networks(place: AwsPlace): Promise<readonly FoundNetwork[]>;
  image(place: AwsPlace, image: ImageReference): Promise<ImageFound>;
  weights(place: AwsPlace, where: WeightsPlace, files: readonly WantedFile[]): Promise<WeightsFound>;
}

export interface Preflight {
  readonly kind: 'preflight';
  readonly schemaVersion: 1;
  readonly region: string;
  readonly account: string;
  readonly state: 'ok' | 'not-ok' | 'unknown';
  readonly checks: readonly Check[];
}

/**
 * Looks at the account before anything is created. One check that AWS refuses to answer is unknown and does not keep the others from being made;
 * credentials and region are asked first, since without them nothing can be said.
 * @throws KitError when the account cannot be asked at all (E_AWS_CREDENTIALS, E_AWS_REGION, E_AWS_UNREACHABLE)
 */
export async function preflight(place: AwsPlace, needs: Needs, only: readonly CheckId[], ask: Ask): Promise<Preflight> {
  const identity = await ask.identity(place);
  const looks: Readonly<Record<CheckId, () => Promise<Check> | Check>> = {
    account: () => judgeAccount(identity, needs.expected),
    quotas: async () => judgeQuotas(await ask.quotas(place, needs.quotas), place.region),
    offerings: async () => judgeOfferings(await ask.offerings(place, needs.instanceTypes), place.region),
    network: async () => judgeNetwork(needs.network, typeof needs.network === 'string' ? [] : await ask.networks(place)),
    image: async () =>
      typeof needs.image === 'string'
        ? notApplicable('image', needs.image)
        : judgeImage(needs.image, await ask.image(place, needs.image), needs.platform),
    weights: async () => {
      const { place: where, files, mirror } = needs.weights(identity);
      if (files.length === 0) return judgeWeights(where, { bucketMissing: false, files: [] }, mirror);
      return judgeWeights(where, await ask.weights(place, where, files), mirror);
    },
  };
  const checks = await Promise.all(CHECKS.filter((id) => only.includes(id)).map((id) => orUnknown(id, looks[id], place)));
  return { kind: 'preflight', schemaVersion: 1, region: place.region, account: identity.account, state: stateOf(checks), checks };
}

async function orUnknown(id: CheckId, look: () => Promise<Check> | Check, place: AwsPlace): Promise<Check> {
  try {
    return await look();
  } catch (error) {
    place.signal?.throwIfAborted();
    if (!(error instanceof KitError)) throw error;
    const [problem] = error.problems;
    return unknown(
      id,
      `${error.code}: ${(problem?.message ?? '').replace(/\.$/, '')}`,
      (problem?.next ?? 'run it again').replace(/\.$/, ''),
    );
  }
}

function stateOf(checks: readonly Check[]): Preflight['state'] {
  if (checks.some(({ state }) => state === 'not-ok')) return 'not-ok';
  return checks.some(({ state }) => state === 'unknown') ? 'unknown' : 'ok';
}
