import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../../../core/project-root';
import optionalComputed from '../aws/optional-computed.json';
import { readBinding } from './read-binding';
import type { Block, ProviderSchema } from './schema';

/** Types that the stand-in is to know. */
export interface WantedTypes {
  readonly resources: readonly string[];
  readonly dataSources: readonly string[];
}

export type ProviderName = 'aws' | 'helm';

const FILLED_IN: Readonly<Record<string, readonly string[]>> = optionalComputed.types;
const HELM_FILLED_IN = ['namespace', 'version', 'values', 'id', 'set_wo_revision', 'description'];

/**
 * The schema of the pinned provider, of the wanted types alone: the whole of AWS has over 1,500, a release needs some fifty.
 * @throws Error for a type that the bindings do not have
 */
export function providerSchema(provider: ProviderName, wanted: WantedTypes): ProviderSchema {
  const nestedAttributes = provider === 'helm';
  const read = (module: string, type: string): Block => {
    const folder = fromRoot('node_modules', '@cdktf', `provider-${provider}`, 'lib', module);
    if (!existsSync(join(folder, 'index.js'))) throw new Error(`@cdktf/provider-${provider} has no ${module}, for type ${type}`);
    return readBinding(folder, { nestedAttributes, optionalComputed: nestedAttributes ? HELM_FILLED_IN : (FILLED_IN[type] ?? []) });
  };
  const moduleOf = (type: string): string => type.slice(provider.length + 1).replaceAll('_', '-');
  const table = (types: readonly string[], prefix: string) =>
    Object.fromEntries([...new Set(types)].sort().map((type) => [type, read(`${prefix}${moduleOf(type)}`, type)]));
  return {
    provider: read('provider', provider),
    resources: table(wanted.resources, ''),
    dataSources: table(wanted.dataSources, `data-${provider}-`),
  };
}
