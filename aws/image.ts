import { createHash } from 'node:crypto';
import { KitError } from '../core/error';
import { type Check, notOk, ok, unknown } from './check';
import { type AwsPlace, withClient } from './client';
import { isMissing } from './failure';

/** An image by digest in a registry of ECR. */
export interface ImageReference {
  /** Account of the registry; undefined for that of the credentials. */
  readonly account: string | undefined;
  readonly region: string;
  readonly repository: string;
  readonly digest: string;
}

export interface ImageFound {
  /** repository: there is none of that name; image: it holds no such digest. */
  readonly missing: 'repository' | 'image' | null;
  /** Platforms that the digest serves, as linux/amd64; empty when the image does not say. */
  readonly platforms: readonly string[];
  /** Whether the bytes of the manifest have the digest that was asked for. */
  readonly digestMatches: boolean;
  readonly pushedAt: string | null;
}

/** Manifest and configuration formats of images. Source: OCI image specification 1.1, Docker image manifest version 2 schema 2. */
const MANIFESTS = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
];
const CONFIG_BYTES = 4 * 2 ** 20;

/**
 * Looks an image up by its digest (ECR BatchGetImage, DescribeImages; the platform of a single image stands in its configuration, which ECR hands out by
 * GetDownloadUrlForLayer).
 * @param fetch  fetches the configuration from the address that ECR gives
 * @throws KitError, see `withClient`; E_AWS_ANSWER
 */
export async function readImage(place: AwsPlace, image: ImageReference, fetch: typeof globalThis.fetch): Promise<ImageFound> {
  const sdk = await import('@aws-sdk/client-ecr');
  const key = { registryId: image.account, repositoryName: image.repository };
  const none = { platforms: [], digestMatches: false, pushedAt: null };
  return withClient(
    { ...place, region: image.region },
    'ECR',
    (options) => new sdk.ECRClient(options),
    async (client, request) => {
      try {
        const imageIds = [{ imageDigest: image.digest }];
        const { images = [] } = await client.send(
          new sdk.BatchGetImageCommand({ ...key, imageIds, acceptedMediaTypes: MANIFESTS }),
          request,
        );
        const manifest = images[0]?.imageManifest;
        if (manifest === undefined) return { ...none, missing: 'image' };
        const described = await client.send(new sdk.DescribeImagesCommand({ ...key, imageIds }), request);
        const parsed = parseAnswer<Manifest>(manifest, 'manifest');
        const platforms = parsed.manifests
          ? indexPlatforms(parsed)
          : await configPlatform(parsed.config?.digest, async (layerDigest) => {
              const { downloadUrl } = await client.send(new sdk.GetDownloadUrlForLayerCommand({ ...key, layerDigest }), request);
              return downloadUrl === undefined ? undefined : fetch(downloadUrl, { signal: place.signal });
            });
        return {
          missing: null,
          platforms,
          digestMatches: `sha256:${createHash('sha256').update(manifest).digest('hex')}` === image.digest,
          pushedAt: described.imageDetails?.[0]?.imagePushedAt?.toISOString() ?? null,
        };
      } catch (error) {
        if (isMissing(error, 'RepositoryNotFoundException')) return { ...none, missing: 'repository' };
        if (isMissing(error, 'ImageNotFoundException')) return { ...none, missing: 'image' };
        throw error;
      }
    },
  );
}

function parseAnswer<T>(text: string, what: string): T {
  try {
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new KitError(
      { code: 'E_AWS_ANSWER', message: `ECR gave a ${what} of the image that is no JSON.`, next: 'push the image again.' },
      { cause },
    );
  }
}

interface Platform {
  readonly os?: string;
  readonly architecture?: string;
}
interface Manifest {
  readonly manifests?: readonly { readonly platform?: Platform }[];
  readonly config?: { readonly digest?: string };
}

/** Attestations stand in an index as unknown/unknown. */
function indexPlatforms({ manifests = [] }: Manifest): string[] {
  return manifests.flatMap(({ platform }) => name(platform)).filter((platform) => platform !== 'unknown/unknown');
}

async function configPlatform(digest: string | undefined, get: (digest: string) => Promise<Response | undefined>): Promise<string[]> {
  if (digest === undefined) return [];
  const answer = await get(digest);
  if (!answer?.ok || Number(answer.headers.get('content-length') ?? 0) > CONFIG_BYTES) return [];
  const text = await answer.text();
  if (`sha256:${createHash('sha256').update(text).digest('hex')}` !== digest) return [];
  return name(parseAnswer<Platform>(text, 'configuration'));
}

function name(platform: Platform | undefined): string[] {
  return platform?.os && platform.architecture ? [`${platform.os}/${platform.architecture}`] : [];
}

/** Whether the release's image is there, is what its digest says, and runs on the nodes. @param platform  of the nodes, e.g. linux/amd64 */
export function judgeImage(image: ImageReference, seen: ImageFound, platform: string): Check {
  const where = `${image.account ? `${image.account}/` : ''}${image.repository} in ${image.region}`;
  const found = { ...image, ...seen, needed: platform };
  if (seen.missing === 'repository')
    return notOk('image', `ECR has no repository ${where}`, 'make it with `npm run bootstrap`, then `npx ovkit image build --push`', found);
  if (seen.missing === 'image')
    return notOk(
      'image',
      `${where} holds no image ${image.digest}`,
      '`npx ovkit image build --push`, or correct engine.image.digest',
      found,
    );
  if (!seen.digestMatches)
    return notOk(
      'image',
      `the manifest that ECR gave for ${image.digest} has another digest`,
      'do not deploy; push the image again',
      found,
    );
  if (seen.platforms.length === 0)
    return unknown(
      'image',
      `${image.digest} is in ${where}; it does not say for which platform`,
      `docker buildx imagetools inspect ${image.repository}@${image.digest}`,
      found,
    );
  if (!seen.platforms.includes(platform))
    return notOk(
      'image',
      `${image.digest} is for ${seen.platforms.join(', ')}; the nodes are ${platform}`,
      'build it for the platform of the nodes',
      found,
    );
  return ok('image', `${image.digest} is in ${where}, for ${platform}${seen.pushedAt ? `, pushed ${seen.pushedAt}` : ''}`, found);
}
