import type { Container, Pod } from './pod-types';

/** Values that a container's environment refers to. */
export interface Sources {
  configMap(name: string): Promise<Readonly<Record<string, string>> | undefined>;
  secret(name: string): Promise<Readonly<Record<string, string>> | undefined>;
}

/** A reason why a container cannot be created; the kubelet's words for it are CreateContainerConfigError. */
export class ConfigProblem extends Error {}

/**
 * The environment of a container as the kubelet makes it: envFrom first, then env in its order, with `$(NAME)` of earlier entries expanded.
 * @throws ConfigProblem for a missing ConfigMap, Secret or key that is not optional
 */
export async function environmentOf(pod: Pod, container: Container, podIp: string, sources: Sources): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const { prefix = '', configMapRef, secretRef } of container.envFrom ?? []) {
    const [kind, reference] = configMapRef ? (['configMap', configMapRef] as const) : (['secret', secretRef] as const);
    if (!reference) continue;
    const data = await sources[kind](reference.name);
    if (!data && !reference.optional) throw new ConfigProblem(`${kind.toLowerCase()} "${reference.name}" not found`);
    for (const [key, value] of Object.entries(data ?? {})) values[prefix + key] = value;
  }
  for (const entry of container.env ?? []) {
    const value = entry.valueFrom ? await referred(pod, entry.valueFrom, podIp, sources) : expand(entry.value ?? '', values);
    if (value !== undefined) values[entry.name] = value;
  }
  return values;
}

/** `$(NAME)` replaced by its value, `$$(NAME)` kept as `$(NAME)`; a name that is not known stays as it is. */
export function expand(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)/g, (whole, name: string | undefined) =>
    name === undefined ? '$' : (values[name] ?? whole),
  );
}

type ValueFrom = NonNullable<NonNullable<Container['env']>[number]['valueFrom']>;

async function referred(pod: Pod, from: ValueFrom, podIp: string, sources: Sources): Promise<string | undefined> {
  if (from.fieldRef) return field(pod, from.fieldRef.fieldPath, podIp);
  const [kind, reference] = from.secretKeyRef ? (['secret', from.secretKeyRef] as const) : (['configMap', from.configMapKeyRef] as const);
  if (!reference) throw new ConfigProblem('the stand-in knows values from fields, ConfigMaps and Secrets only');
  const data = await sources[kind](reference.name);
  const value = data?.[reference.key];
  if (value !== undefined || reference.optional) return value;
  throw new ConfigProblem(
    data ? `couldn't find key ${reference.key} in ${kind} ${reference.name}` : `${kind.toLowerCase()} "${reference.name}" not found`,
  );
}

function field(pod: Pod, path: string, podIp: string): string {
  const known: Readonly<Record<string, string | undefined>> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec.nodeName,
    'status.podIP': podIp,
  };
  const value = known[path];
  if (value === undefined) throw new ConfigProblem(`the stand-in does not know the field ${path}`);
  return value;
}
