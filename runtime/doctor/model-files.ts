import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KitError } from '../../core/error';
import { readTextFile } from '../../core/text-file';
import { isObject, type JsonObject, textAt } from './json-access';

/** A JSON file beside the weights: absent, broken, or what it says. */
export type Companion =
  | { readonly state: 'read'; readonly file: string; readonly value: JsonObject }
  | { readonly state: 'missing'; readonly file: string }
  | { readonly state: 'broken'; readonly file: string; readonly reason: string };

/** What the doctor reads of a model folder: never the weights themselves. */
export interface ModelFiles {
  readonly folder: string;
  readonly config: JsonObject;
  /** preprocessor_config.json, or the image processor inside processor_config.json. */
  readonly preprocessor: Companion;
  readonly tokenizerConfig: Companion;
  readonly tokenizer: Companion;
  readonly generation: Companion;
  /** model.safetensors.index.json. */
  readonly index: Companion;
  readonly chatTemplate: { readonly file: string; readonly text: string } | null;
  /** Names of all files of the folder. */
  readonly names: readonly string[];
}

/**
 * Reads the configuration and tokenizer files of a model folder.
 * @throws KitError E_MODEL_FOLDER when there is no such folder, or its config.json is missing or no JSON object
 */
export function readModelFiles(folder: string): ModelFiles {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw notAModel(folder, 'it is not a folder');
  const names = readdirSync(folder).sort();
  const config = companion(folder, 'config.json');
  if (config.state === 'missing') throw notAModel(folder, 'it holds no config.json');
  if (config.state === 'broken') throw notAModel(folder, `its config.json ${config.reason}`);
  const tokenizerConfig = companion(folder, 'tokenizer_config.json');
  return {
    folder,
    config: config.value,
    preprocessor: preprocessorOf(folder),
    tokenizerConfig,
    tokenizer: companion(folder, 'tokenizer.json'),
    generation: companion(folder, 'generation_config.json'),
    index: companion(folder, 'model.safetensors.index.json'),
    chatTemplate: chatTemplateOf(folder, tokenizerConfig),
    names,
  };
}

function companion(folder: string, file: string): Companion {
  const path = join(folder, file);
  if (!existsSync(path)) return { state: 'missing', file };
  try {
    const value: unknown = JSON.parse(readTextFile(path, file, 'take the file from the model repository again.'));
    return isObject(value) ? { state: 'read', file, value } : { state: 'broken', file, reason: 'is not a JSON object' };
  } catch (error) {
    const reason = error instanceof KitError ? 'cannot be read' : 'is not JSON; the download may have been cut off';
    return { state: 'broken', file, reason };
  }
}

/** transformers 5 saves the image processor inside processor_config.json, version 4 in a file of its own. */
function preprocessorOf(folder: string): Companion {
  const own = companion(folder, 'preprocessor_config.json');
  if (own.state !== 'missing') return own;
  const whole = companion(folder, 'processor_config.json');
  if (whole.state !== 'read') return whole.state === 'missing' ? own : whole;
  const inner = whole.value.image_processor;
  return isObject(inner) ? { state: 'read', file: whole.file, value: inner } : own;
}

/** In a file of its own, or inside tokenizer_config.json or chat_template.json. */
function chatTemplateOf(folder: string, tokenizerConfig: Companion): ModelFiles['chatTemplate'] {
  const file = 'chat_template.jinja';
  if (existsSync(join(folder, file)))
    return { file, text: readTextFile(join(folder, file), file, 'take the file from the model repository again.') };
  for (const holder of [companion(folder, 'chat_template.json'), tokenizerConfig]) {
    const text = holder.state === 'read' ? textAt(holder.value, 'chat_template') : undefined;
    if (text !== undefined) return { file: holder.file, text };
  }
  return null;
}

function notAModel(folder: string, reason: string): KitError {
  return new KitError({
    code: 'E_MODEL_FOLDER',
    message: `${folder} is not a model folder: ${reason}.`,
    allowed: 'a folder with config.json in it, or a model of the catalogue.',
    next: 'name the snapshot folder of the model, or see `npx ovkit catalog list models`.',
  });
}
