import type { HubFile } from './hub-api';

/** Files of a model repository that a part of it stands for, by the word after `#` in its id. */
const PARTS: Readonly<Record<string, RegExp>> = {
  tokenizer: /^(?:tokenizer[^/]*|vocab\.(?:json|txt)|merges\.txt|special_tokens_map\.json|added_tokens\.json|chat_template\.[^/]+)$/,
  'remote-code': /^[^/]+\.py$/,
  configs: /^(?:config|generation_config|preprocessor_config|video_preprocessor_config|processor_config)\.json$/,
  tensorboard: /(?:^|\/)(?:tensorboard|runs?|logs?)\/|(?:^|\/)events\.out\.tfevents\./,
};

export const WEIGHT_FILE = /\.(?:safetensors|gguf|bin|pt|pth)$/;
const DATA_FILE = /\.(?:parquet|tar|tar\.gz|tgz|zip|jsonl?|arrow|csv|tsv|lance|zst)$/;

/** Files of a part; undefined when the kit does not know what the part is. */
export function filesOfPart(part: string, files: readonly HubFile[]): readonly HubFile[] | undefined {
  const pattern = Object.hasOwn(PARTS, part) ? PARTS[part] : undefined;
  return pattern && files.filter((file) => pattern.test(file.path) && file.size > 0);
}

/** Files without which the repository is of no use: its weights, or its data. */
export function essentialFiles(kind: 'model' | 'dataset', files: readonly HubFile[]): readonly HubFile[] {
  return files.filter((file) => (kind === 'model' ? WEIGHT_FILE : DATA_FILE).test(file.path));
}

/** Shards that the index names and the repository lacks. */
export function missingShards(index: unknown, files: readonly HubFile[]): readonly string[] | undefined {
  const map = (index as { readonly weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null) return undefined;
  const there = new Set(files.filter((file) => file.size > 0).map((file) => file.path));
  return [...new Set(Object.values(map).map(String))].filter((shard) => !there.has(shard)).sort();
}
