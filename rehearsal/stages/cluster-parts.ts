import { findHelm } from '../../charts/helm';
import { chartValues } from '../../charts/values';
import { KitError } from '../../core/error';
import { type DebianProgram, type DebianProgramName, findDebianProgram } from '../../runtime/engine/debian-program';
import { ensureLlamaServer, ensureSmolLm2Gguf } from '../../runtime/llama-server';
import type { TrialClusterOptions } from '../cluster/trial-cluster';
import { BUILD_TIME, ensureControlPlane, findControlPlane } from '../control-plane/binary';
import { required, type Walk } from '../stage';

const ENGINE_BUILD_TIME = 'llama-server about 5 minutes';
const CACHE_LOOK_MS = 5_000;
const PROGRAM_LOOK_MS = 60_000;

/**
 * What the trial of a release on a cluster of its own needs; only looked for, or built where it is not there.
 * @returns why not, in words
 */
export async function trialOptions(walk: Walk, building: boolean): Promise<TrialClusterOptions | string> {
  const parts = await findParts(walk, building);
  if (typeof parts === 'string') return parts;
  const release = required(walk.loaded, 'the release').release;
  const plan = required(walk.plan, 'the plan');
  return {
    ...parts,
    values: chartValues(release, plan, required(walk.verdict, 'the verdict')),
    plan,
    namespace: release.placement.cluster?.namespace ?? release.metadata.name,
    shared: release.placement.cluster?.namespace !== undefined,
    signal: walk.signal,
  };
}

/** A program of this machine or of Debian's package; without it the release is tried without what needs it, and that is said. */
async function findProgram(walk: Walk, name: DebianProgramName): Promise<DebianProgram | undefined> {
  try {
    const signal = AbortSignal.any([walk.signal, AbortSignal.timeout(PROGRAM_LOOK_MS)]);
    const found = await findDebianProgram(name, { ...edges(walk), signal });
    return found.found ? found : undefined;
  } catch {
    walk.signal.throwIfAborted();
    return undefined;
  }
}

async function findParts(walk: Walk, building: boolean) {
  const command = `npx ovkit rehearse --only ${walk.column.id} --cluster embedded`;
  try {
    const binary = building ? await ensureControlPlane(edges(walk)) : await findControlPlane({ signal: walk.signal });
    if (binary === undefined) return `the control plane is not built yet: ${command} (${BUILD_TIME}; ${ENGINE_BUILD_TIME})`;
    const engine = building ? await ensureLlamaServer(edges(walk)) : await ifCached(walk, ensureLlamaServer);
    const model = building ? await ensureSmolLm2Gguf(edges(walk)) : await ifCached(walk, ensureSmolLm2Gguf);
    if (engine === undefined || model === undefined) return `the engine is not built yet: ${command} (${ENGINE_BUILD_TIME}, once)`;
    return {
      binary,
      engine,
      model,
      nginx: await findProgram(walk, 'nginx'),
      prometheus: await findProgram(walk, 'prometheus'),
      helm: await findHelm({ signal: walk.signal, onProgress: walk.onProgress }),
    };
  } catch (error) {
    if (error instanceof KitError) return error.message;
    throw error;
  }
}

function edges(walk: Walk) {
  let said = '';
  return {
    signal: walk.signal,
    onProgress: ({ what, fraction }: { readonly what: string; readonly fraction?: number }): void => {
      const line = fraction === undefined ? what : `${what}: ${Math.floor(fraction * 10) * 10} %`;
      if (line !== said) walk.onProgress(line);
      said = line;
    },
  };
}

/** What the cache holds already; nothing is fetched or built. */
async function ifCached(walk: Walk, ensure: typeof ensureLlamaServer): Promise<string | undefined> {
  const signal = AbortSignal.any([walk.signal, AbortSignal.timeout(CACHE_LOOK_MS)]);
  try {
    return await ensure({ signal, run: () => Promise.reject(new Error('only the cache is looked at')) });
  } catch {
    walk.signal.throwIfAborted();
    return undefined;
  }
}
