import { type Check, notApplicable, notOk, ok, unknown } from './check';
import { type AwsPlace, withClient } from './client';
import { isMissing } from './failure';

/** A file of the weights with the hash that the evidence lock holds. */
export interface WantedFile {
  readonly path: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** null when nothing states the size. */
  readonly bytes: number | null;
}

export interface WeightsPlace {
  readonly bucket: string;
  /** Without a slash at the end; empty for the whole bucket. */
  readonly prefix: string;
}

export interface FileFound extends WantedFile {
  /** null when the object is not there. */
  readonly foundBytes: number | null;
  /** Lower-case hex; null when S3 keeps none for the whole object. */
  readonly foundSha256: string | null;
  /** checksum: computed by S3 from the bytes; metadata: what the uploader wrote beside them. */
  readonly basis: 'checksum' | 'metadata' | null;
}

export type WeightsFound = { readonly bucketMissing: true } | { readonly bucketMissing: false; readonly files: readonly FileFound[] };

/** Key under which an upload may state the hash of a file that went up in parts. */
const HASH_METADATA = 'sha256';

/**
 * Looks at the mirrored weights (S3 HeadObject with checksums). S3 keeps a SHA-256 of the whole object only for what was uploaded in one part; for the rest the
 * metadata `sha256` is read, which the uploader wrote.
 * @throws KitError, see `withClient`
 */
export async function readWeights(place: AwsPlace, { bucket, prefix }: WeightsPlace, files: readonly WantedFile[]): Promise<WeightsFound> {
  const sdk = await import('@aws-sdk/client-s3');
  const pathStyle = process.env.AWS_ENDPOINT_URL !== undefined || process.env.AWS_ENDPOINT_URL_S3 !== undefined;
  return withClient(
    place,
    'S3',
    (options) => new sdk.S3Client({ ...options, forcePathStyle: pathStyle }),
    async (client, request) => {
      try {
        await client.send(new sdk.HeadBucketCommand({ Bucket: bucket }), request);
      } catch (error) {
        if (isMissing(error, 'NotFound', 'NoSuchBucket')) return { bucketMissing: true };
        throw error;
      }
      const found: FileFound[] = [];
      for (const file of files) {
        const Key = prefix === '' ? file.path : `${prefix}/${file.path}`;
        try {
          const head = await client.send(new sdk.HeadObjectCommand({ Bucket: bucket, Key, ChecksumMode: 'ENABLED' }), request);
          found.push({ ...file, foundBytes: head.ContentLength ?? null, ...hashOf(head) });
        } catch (error) {
          if (!isMissing(error, 'NotFound', 'NoSuchKey')) throw error;
          found.push({ ...file, foundBytes: null, foundSha256: null, basis: null });
        }
      }
      return { bucketMissing: false, files: found };
    },
  );
}

interface Head {
  readonly ChecksumSHA256?: string;
  readonly ChecksumType?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

function hashOf({ ChecksumSHA256, ChecksumType, Metadata }: Head): Pick<FileFound, 'foundSha256' | 'basis'> {
  // the checksum of an upload in parts is one of checksums, written with "-N" at its end
  if (ChecksumSHA256 !== undefined && ChecksumType !== 'COMPOSITE' && !ChecksumSHA256.includes('-'))
    return { foundSha256: Buffer.from(ChecksumSHA256, 'base64').toString('hex'), basis: 'checksum' };
  const stated = Metadata?.[HASH_METADATA]?.toLowerCase();
  return stated !== undefined && /^[0-9a-f]{64}$/.test(stated)
    ? { foundSha256: stated, basis: 'metadata' }
    : { foundSha256: null, basis: null };
}

/** Whether the mirror holds every file of the lock, with its size and hash. */
export function judgeWeights({ bucket, prefix }: WeightsPlace, seen: WeightsFound, mirror: string): Check {
  const where = `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`;
  if (seen.bucketMissing) return notOk('weights', `there is no bucket ${bucket}`, 'make it with `npm run bootstrap`', { where });
  const { files } = seen;
  const found = { where, files };
  if (files.length === 0)
    return notApplicable('weights', 'the evidence lock holds no hashes of the weights, so that there is nothing to compare');
  const lost = files.filter((file) => file.foundBytes === null);
  const other = files.filter((file) => file.foundSha256 !== null && file.foundSha256 !== file.sha256);
  const size = files.filter((file) => file.foundBytes !== null && file.bytes !== null && file.foundBytes !== file.bytes);
  const wrong = [
    ...lost.map(({ path }) => `${path} is missing`),
    ...other.map(({ path, foundSha256, sha256 }) => `${path} has sha256 ${foundSha256}, the lock ${sha256}`),
    ...size.map(({ path, foundBytes, bytes }) => `${path} has ${foundBytes} bytes, not ${bytes}`),
  ];
  if (wrong.length > 0) return notOk('weights', `${where}: ${listed(wrong)}`, mirror, found);
  const unproved = files.filter((file) => file.foundSha256 === null);
  if (unproved.length > 0)
    return unknown(
      'weights',
      `${where}: S3 keeps no SHA-256 of ${listed(unproved.map(({ path }) => path))}; the pods compare every hash before the engine starts`,
      'upload with --checksum-algorithm SHA256, and files in parts with --metadata sha256=HASH',
      found,
    );
  const stated = files.filter((file) => file.basis === 'metadata').length;
  return ok(
    'weights',
    `${where}: ${files.length} files, size and sha256 as in the lock${stated > 0 ? ` (${stated} by what the uploader stated)` : ''}`,
    found,
  );
}

const SHOWN = 3;

function listed(words: readonly string[]): string {
  return words.length > SHOWN ? `${words.slice(0, SHOWN).join('; ')} and ${words.length - SHOWN} more` : words.join('; ');
}
