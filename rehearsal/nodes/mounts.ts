import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigProblem, type Sources } from './environment';
import type { Container, KeyToPath, Pod, Volume, VolumeSource } from './pod-types';

/** Where the volumes of a pod lie on this machine. */
export type VolumeFolders = ReadonlyMap<string, string>;

/**
 * Lays the volumes of a pod out in its folder. A hostPath or a claim is a folder below `nodeRoot`, never one of this machine itself.
 * @throws ConfigProblem for what is not there, in the kubelet's words
 */
export async function layOutVolumes(pod: Pod, folder: string, nodeRoot: string, sources: Sources): Promise<VolumeFolders> {
  const folders = new Map<string, string>();
  for (const volume of pod.spec.volumes ?? []) folders.set(volume.name, await layOut(volume, pod, folder, nodeRoot, sources));
  return folders;
}

async function layOut(volume: Volume, pod: Pod, folder: string, nodeRoot: string, sources: Sources): Promise<string> {
  if (volume.hostPath) return hostFolder(join(nodeRoot, volume.hostPath.path), volume);
  if (volume.persistentVolumeClaim) {
    const claim = join(nodeRoot, 'claims', pod.metadata.namespace ?? '', volume.persistentVolumeClaim.claimName);
    mkdirSync(claim, { recursive: true });
    return claim;
  }
  const own = join(folder, 'volumes', volume.name);
  mkdirSync(own, { recursive: true });
  if (volume.configMap) {
    const { name, items } = volume.configMap;
    writeFiles(own, chosen(await found(sources.configMap(name), 'configmap', volume.configMap), items, name));
  } else if (volume.secret) {
    const { secretName: name, optional, items } = volume.secret;
    writeFiles(own, chosen(await found(sources.secret(name), 'secret', { name, optional }), items, name));
  } else if (volume.projected) await layOutSources(own, volume.projected.sources ?? [], sources);
  else if (!volume.emptyDir) throw new ConfigProblem(`the stand-in does not know the kind of volume "${volume.name}"`);
  return own;
}

/** Just the named keys, each under its path; without a list all of them. */
function chosen(
  files: Readonly<Record<string, string>>,
  items: readonly KeyToPath[] | undefined,
  from: string,
): Readonly<Record<string, string>> {
  if (items === undefined) return files;
  const entries = items.map(({ key, path }) => {
    const text = files[key];
    if (text === undefined) throw new ConfigProblem(`MountVolume.SetUp failed : "${from}" has no key ${key}`);
    return [path, text] as const;
  });
  return Object.fromEntries(entries);
}

/** ConfigMaps and Secrets are laid out; a token of a service account is left out, since nothing here may talk to the API server. */
async function layOutSources(folder: string, projected: readonly VolumeSource[], sources: Sources): Promise<void> {
  for (const { configMap, secret } of projected) {
    if (configMap) writeFiles(folder, await found(sources.configMap(configMap.name), 'configmap', configMap));
    if (secret) writeFiles(folder, await found(sources.secret(secret.name), 'secret', secret));
  }
}

function hostFolder(path: string, volume: Volume): string {
  const type = volume.hostPath?.type ?? '';
  if (type === 'DirectoryOrCreate') mkdirSync(path, { recursive: true });
  if (type.startsWith('Directory') && !(existsSync(path) && statSync(path).isDirectory())) {
    throw new ConfigProblem(
      `MountVolume.SetUp failed for volume "${volume.name}" : hostPath type check failed: ${volume.hostPath?.path} is not a directory`,
    );
  }
  return path;
}

async function found(
  data: Promise<Readonly<Record<string, string>> | undefined>,
  kind: string,
  reference: { readonly name: string; readonly optional?: boolean },
): Promise<Readonly<Record<string, string>>> {
  const values = await data;
  if (values || reference.optional) return values ?? {};
  throw new ConfigProblem(`MountVolume.SetUp failed : ${kind} "${reference.name}" not found`);
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

/**
 * Translates the paths that a container sees into those of this machine, in arguments and in the environment: there is no mount namespace,
 * so a text that is a path below a mount (or an option with one, `--model=/models/x`) is rewritten.
 */
export function pathTranslator(container: Container, volumes: VolumeFolders): (text: string) => string {
  const mounts = (container.volumeMounts ?? [])
    .map(({ name, mountPath, subPath }) => ({ mountPath, folder: join(volumes.get(name) ?? '', subPath ?? '') }))
    .sort((a, b) => b.mountPath.length - a.mountPath.length);
  return (text) => {
    const [, option = '', path = text] = /^(--?[A-Za-z0-9-]+=)(.*)$/s.exec(text) ?? [];
    const mount = mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`));
    return mount ? option + mount.folder + path.slice(mount.mountPath.length) : text;
  };
}
