import type { Plan } from '../planning/plan';
import type { Release } from '../release/schema';
import type { ChartImage, ChartProxy } from './chart-values';

/** What the container of the proxy starts, the engine before it ends, and that of `helm test`; the scripts stand in `charts/onevision/files`. */
export const PROXY_COMMAND: readonly string[] = ['/bin/sh', '/opt/onevision-kit/proxy/proxy.sh'];
export const DRAIN_COMMAND: readonly string[] = ['/bin/sh', '/opt/onevision-kit/proxy/drain.sh'];
export const TEST_COMMAND: readonly string[] = ['/bin/sh', '/opt/onevision-kit/tests/smoke.sh'];

/** What the proxy takes of a pod's share of its node. The chart's default; nginx holds bodies on disk, not in memory. */
export const PROXY_RESOURCES = { milliCpu: 50, memoryMib: 128 } as const;

/**
 * Images of others, which hold no nginx. Source: their Dockerfiles, vllm-project/vllm docker/Dockerfile and ggml-org/llama.cpp
 * .devops/*.Dockerfile, which install none. Everything else is taken for an image of the kit's recipes; one without nginx says so at its start.
 */
const WITHOUT_NGINX = /(^|\/)(vllm\/vllm-openai|ggml-org\/llama\.cpp)$/;

/** A request of 20 MiB holds a photo of a telephone as it is. */
const LEAST_BODY_MIB = 20;
const MIB = 2 ** 20;
const BYTES_PER_PIXEL = 3;
/** Base64 writes three bytes as four letters. */
const BASE64 = 4 / 3;

/**
 * The proxy for a release: in front of every engine whose image holds nginx. The largest request is that of the planned images without any
 * compression, and never less than 20 MiB.
 */
export function chartProxy(release: Release, engine: Plan['engine'], image: ChartImage): ChartProxy {
  const own = release.service?.proxyImage;
  const repository = image.state === 'built' ? image.repository : '';
  if (own === undefined && (engine.name === 'vllm' || WITHOUT_NGINX.test(repository))) {
    return {
      enabled: false,
      reason: `The image of ${engine.name} holds no nginx, and service.proxyImage names no other: the NetworkPolicy alone guards the paths of the engine.`,
    };
  }
  const { imagesPerRequest, imageWidthPx = 0, imageHeightPx = 0 } = release.load;
  const images = imagesPerRequest * imageWidthPx * imageHeightPx * BYTES_PER_PIXEL * BASE64;
  const maxBodyMib = Math.max(LEAST_BODY_MIB, Math.ceil(images / MIB) + 1);
  return { enabled: true, maxBodyMib, ...(own ? { image: { repository: own.repository, digest: own.digest } } : {}) };
}
