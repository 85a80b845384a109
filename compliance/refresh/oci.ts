import { z } from 'zod';
import { sha256Hex } from '../../core/canonical-json';
import type { Claim } from '../lock-schema';
import type { HttpAnswer, HttpRequest, Transport } from '../transport/http';
import { CannotRead, isTransientStatus, jsonOf, type ReadContext, type Reading, reading } from './reading';

const ACCEPT = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');
const DEFAULT_REGISTRY_HOST: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };
/** What the nodes of the kit run. */
const PLATFORM = { os: 'linux', architecture: 'amd64' };
const LICENCES_LABEL = 'org.opencontainers.image.licenses';
const NOTED_LABELS = [
  'org.opencontainers.image.source',
  'org.opencontainers.image.revision',
  'org.opencontainers.image.base.name',
  'org.opencontainers.image.base.digest',
];

const descriptor = z.looseObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.number().int().nonnegative() });
const indexSchema = z.looseObject({
  manifests: z.array(descriptor.extend({ platform: z.looseObject({ os: z.string(), architecture: z.string() }).optional() })),
});
const manifestSchema = z.looseObject({ config: descriptor, layers: z.array(descriptor) });
const configSchema = z.looseObject({ config: z.looseObject({ Labels: z.record(z.string(), z.string()).nullish() }).nullish() });

/** An image in a registry: `docker.io/vllm/vllm-openai`, and the tag or digest that is read. */
export interface ImagePlace {
  readonly registry: string;
  readonly name: string;
  readonly reference: string;
}

/**
 * Reads an image by its manifest and configuration; layers are not downloaded. All digests are computed from the bodies, since the header
 * Docker-Content-Digest is optional and may lie. Labels may come from the base image, so the claim says where it was read.
 */
export function readImage(id: string, place: ImagePlace, context: ReadContext): Promise<Reading> {
  const repository = `${place.registry}/${place.name}`;
  return reading([id], `${repository}:${place.reference}`, context.now, async () => {
    const ask = await registry(context.transport, place);
    const top = await manifest(ask, place.reference);
    const index = indexSchema.safeParse(top.json);
    const platform = index.success
      ? index.data.manifests.find((entry) => entry.platform?.os === PLATFORM.os && entry.platform.architecture === PLATFORM.architecture)
      : undefined;
    if (index.success && !platform)
      throw new CannotRead(200, `${repository} has no image for ${PLATFORM.os}/${PLATFORM.architecture}`, false);
    const image = platform ? await manifest(ask, platform.digest) : top;
    const parsed = manifestSchema.safeParse(image.json);
    if (!parsed.success) throw new CannotRead(200, 'the registry answered in a form that the kit does not know', true);
    const config = await blob(ask, parsed.data.config.digest);
    const labels = configSchema.safeParse(jsonOf(config)).data?.config?.Labels ?? {};
    const where = `config ${parsed.data.config.digest} of ${repository}@${image.digest}`;
    const layers = parsed.data.layers.reduce((sum, layer) => sum + layer.size, 0);
    return {
      subjects: [
        {
          id,
          source: `${repository}@${top.digest}`,
          requested: id,
          resolved: id,
          revision: top.digest,
          publishers: [place.name.split('/')[0] ?? place.name],
          retrieved: context.now,
          retrieval: { status: 'retrieved', http: 200, reason: null },
          addressing: 'live',
          gated: false,
          private: false,
          disabled: false,
          presence: {
            present: true,
            because: `${parsed.data.layers.length} layers, ${layers} bytes for ${PLATFORM.os}/${PLATFORM.architecture}`,
          },
          claims: [labelClaim(labels, where, context.now, sha256Hex(config.body))],
          files: [
            ...(platform ? [fileOf('index', top)] : []),
            fileOf(`manifest ${PLATFORM.os}/${PLATFORM.architecture}`, image),
            { path: 'config', bytes: config.body.byteLength, sha256: sha256Hex(config.body) },
          ],
        },
      ],
      texts: [],
      transient: null,
    };
  });
}

/** Digest that a tag or digest has in its registry now. @throws CannotRead, TransportError */
export async function imageDigest(transport: Transport, place: ImagePlace): Promise<string> {
  return (await manifest(await registry(transport, place), place.reference)).digest;
}

function labelClaim(labels: Readonly<Record<string, string>>, source: string, now: string, sha256: string): Claim {
  const noted = NOTED_LABELS.flatMap((label) => (labels[label] === undefined ? [] : [`${label}=${labels[label]}`])).join(', ');
  return { channel: 'label', says: labels[LICENCES_LABEL] ?? null, source, retrieved: now, sha256, ...(noted ? { note: noted } : {}) };
}

type Ask = (path: string, accept: string) => Promise<HttpAnswer>;

/** A way to ask a repository of a registry, with the anonymous token that it hands out. Source: distribution-spec, token authentication. */
async function registry(transport: Transport, place: ImagePlace): Promise<Ask> {
  const base = `https://${DEFAULT_REGISTRY_HOST[place.registry] ?? place.registry}/v2/${place.name}`;
  let token: string | undefined;
  const send = (path: string, accept: string): Promise<HttpAnswer> => {
    const headers: HttpRequest['headers'] = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    return transport({ method: 'GET', url: `${base}${path}`, headers });
  };
  return async (path, accept) => {
    let answer = await send(path, accept);
    if (answer.status === 401 && token === undefined) {
      token = await anonymousToken(transport, answer);
      answer = await send(path, accept);
    }
    if (answer.status === 200) return answer;
    const what = `${place.registry}/${place.name}${path}`;
    if (isTransientStatus(answer)) throw new CannotRead(answer.status, `the registry answered ${answer.status} for ${what}`, true);
    const ambiguous = answer.status === 401 ? ': 401 to an anonymous token means private or missing, and does not say which' : '';
    throw new CannotRead(answer.status, `the registry answered ${answer.status} for ${what}${ambiguous}`, false);
  };
}

async function anonymousToken(transport: Transport, answer: HttpAnswer): Promise<string> {
  const challenge = answer.headers['www-authenticate'] ?? '';
  const field = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(challenge)?.[1];
  const realm = field('realm');
  if (!/^bearer /i.test(challenge) || realm === undefined)
    throw new CannotRead(401, 'the registry asks for a login of a kind that is not anonymous', false);
  const url = new URL(realm);
  for (const name of ['service', 'scope']) if (field(name)) url.searchParams.set(name, field(name) ?? '');
  const granted = await transport({ method: 'GET', url: url.href, secret: true });
  if (granted.status !== 200)
    throw new CannotRead(granted.status, `the registry gave no anonymous token (${granted.status})`, isTransientStatus(granted));
  const { token, access_token: access } = jsonOf(granted) as { readonly token?: unknown; readonly access_token?: unknown };
  const given = token ?? access;
  if (typeof given !== 'string') throw new CannotRead(granted.status, 'the registry gave no anonymous token', true);
  return given;
}

interface Manifest {
  readonly json: unknown;
  readonly digest: string;
  readonly bytes: number;
}

async function manifest(ask: Ask, reference: string): Promise<Manifest> {
  const answer = await ask(`/manifests/${reference}`, ACCEPT);
  const digest = `sha256:${sha256Hex(answer.body)}`;
  if (reference.startsWith('sha256:') && digest !== reference)
    throw new CannotRead(200, `asked for ${reference}, the body has ${digest}`, true);
  const stated = answer.headers['docker-content-digest'];
  if (stated !== undefined && stated !== digest) throw new CannotRead(200, `the registry states ${stated}, the body has ${digest}`, true);
  return { json: jsonOf(answer), digest, bytes: answer.body.byteLength };
}

async function blob(ask: Ask, digest: string): Promise<HttpAnswer> {
  const answer = await ask(`/blobs/${digest}`, '*/*');
  if (`sha256:${sha256Hex(answer.body)}` !== digest) throw new CannotRead(200, `the configuration is not the one of ${digest}`, true);
  return answer;
}

function fileOf(path: string, part: Manifest): { readonly path: string; readonly bytes: number; readonly sha256: string } {
  return { path, bytes: part.bytes, sha256: part.digest.slice('sha256:'.length) };
}
