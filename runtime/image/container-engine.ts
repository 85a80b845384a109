import { KitError } from '../../core/error';
import type { ToolEdges } from '../engine/run-tool';

export const CONTAINER_ENGINES = ['docker', 'podman', 'buildah'] as const;
export type ContainerEngine = (typeof CONTAINER_ENGINES)[number];

/** A call that only answers when the engine can really build: docker asks its daemon, the others have none. */
const PROBES: Readonly<Record<ContainerEngine, readonly string[]>> = {
  docker: ['version', '--format', '{{.Server.Version}}'],
  podman: ['info', '--format', '{{.Host.Arch}}'],
  buildah: ['info'],
};
const PROBE_TIMEOUT_MS = 20_000;

/**
 * The first container engine that is on the PATH and answers.
 * @param wanted  one of them by name, or null for any
 * @throws KitError E_IMAGE_ENGINE_MISSING with what was tried and why it does not do; the signal's reason on abort
 */
export async function findContainerEngine(wanted: string | null, edges: ToolEdges): Promise<ContainerEngine> {
  const candidates = CONTAINER_ENGINES.filter((name) => wanted === null || name === wanted);
  if (candidates.length === 0) throw missing(`there is no container engine "${wanted}" that the kit knows`);
  const tried: string[] = [];
  for (const name of candidates) {
    const reason = await whyNot(name, edges);
    if (reason === undefined) return name;
    tried.push(`${name}: ${reason}`);
  }
  throw missing(`no container engine answers (${tried.join('; ')})`);
}

async function whyNot(name: ContainerEngine, { run, env, signal }: ToolEdges): Promise<string | undefined> {
  try {
    const result = await run(name, PROBES[name], { env, signal, timeoutMs: PROBE_TIMEOUT_MS });
    if (result.exitCode === 0) return undefined;
    return result.stderr.trim().split('\n').at(-1) || `exit code ${result.exitCode}`;
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'not on the PATH';
    return error instanceof Error ? error.message : String(error);
  }
}

function missing(message: string): KitError {
  return new KitError({
    code: 'E_IMAGE_ENGINE_MISSING',
    message: `${message}.`,
    allowed: `${CONTAINER_ENGINES.join(', ')}, on the PATH and answering.`,
    next: 'start or install one of them, or run the command on a machine that has one.',
  });
}
