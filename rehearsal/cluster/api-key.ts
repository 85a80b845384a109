import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChartValues } from '../../charts/chart-values';
import type { ApiClient } from '../control-plane/api-client';

/** An API key of one rehearsal, of a form that no other file holds by chance. */
export function makeApiKey(): string {
  return `ovkit-rehearsal-${randomBytes(24).toString('base64url')}`;
}

/** Puts the key into the Secret that the values name, as the people who run a service do. */
export async function storeApiKey(
  api: ApiClient,
  namespace: string,
  where: NonNullable<ChartValues['apiKey']>,
  value: string,
): Promise<void> {
  const metadata = { name: where.existingSecret };
  await api.create(`/api/v1/namespaces/${namespace}/secrets`, { metadata, stringData: { [where.key]: `${value}\n` } });
}

/** Logs of a cluster's own folder (control plane, containers) in which the key stands. */
export function logsWith(folder: string, value: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.log') && !file.startsWith('etcd/'))
    .filter((file) => {
      try {
        return readFileSync(join(folder, file), 'utf8').includes(value);
      } catch {
        // a pod that went meanwhile
        return false;
      }
    });
}
