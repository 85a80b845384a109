import { readFileSync } from 'node:fs';
import { loadCatalog } from '../../catalog/load';
import type { Catalog, Model } from '../../catalog/schema';
import { fromRoot } from '../../core/project-root';
import { nodeOfInstance } from '../../planning/choose/node';
import { findReference, loadReferences } from '../../planning/estimate/reference';
import type { Plan } from '../../planning/plan';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import type { Release } from '../../release/schema';
import { runCli } from '../../scripts/ovkit';

export const CATALOG: Catalog = loadCatalog();
export const TODAY = new Date('2026-11-23T12:00:00Z');
const PUPPET_SHOW: Release = loadRelease(fromRoot('release.yaml')).release;
export const GIB = 2 ** 30;

export interface Change {
  readonly model?: Partial<Release['model']>;
  readonly engine?: Partial<Release['engine']>;
  readonly load?: Partial<Release['load']>;
  readonly targets?: Partial<Release['targets']>;
  readonly placement?: Partial<Release['placement']>;
  readonly budget?: Partial<Release['budget']>;
}

/** The puppet show with some values changed. */
export function release(change: Change = {}, base: Release = PUPPET_SHOW): Release {
  return {
    ...base,
    model: { ...base.model, ...change.model },
    engine: { ...base.engine, ...change.engine },
    load: { ...base.load, ...change.load },
    targets: { ...base.targets, ...change.targets },
    placement: { ...base.placement, ...change.placement },
    budget: { ...base.budget, ...change.budget },
  };
}

export const EIGHT_B: Change = {
  model: { id: 'lmms-lab/LLaVA-OneVision-1.5-8B-Instruct', revision: 'e137910552d616eb0f7305147ca054311a90c542' },
};

export function plan(change: Change = {}, catalog: Catalog = CATALOG, base: Release = PUPPET_SHOW): Plan {
  return planRelease(release(change, base), catalog, { file: 'release.yaml', today: TODAY });
}

export function model(id: string): Model {
  const found = CATALOG.models.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no model ${id}`);
  return found;
}

export function node(type: string) {
  const found = CATALOG.instances.find((candidate) => candidate.type === type);
  if (!found) throw new Error(`no type ${type}`);
  return nodeOfInstance(found, CATALOG);
}

/** Numbers of a measured point; which ones it has depends on its kind. */
export interface Point {
  readonly id: string;
  readonly kind: string;
  readonly model: string;
  readonly value: number;
  readonly source: string;
  readonly [key: string]: string | number | undefined;
}

interface Points {
  readonly points: readonly Point[];
}

const FILE = JSON.parse(readFileSync(fromRoot('tests/planning/points.json'), 'utf8')) as Points;
export const POINTS = FILE.points;

export function point(id: string): Point {
  const found = POINTS.find((candidate) => candidate.id === id);
  if (!found) throw new Error(`no point ${id}`);
  return found;
}

/** Qwen3-8B as vLLM measured it: the language model of the 8B, without a vision tower. */
export const QWEN3_8B: Model = {
  ...model('lmms-lab/LLaVA-OneVision-1.5-8B-Instruct'),
  id: 'Qwen/Qwen3-8B',
  kind: 'text',
  architecture: 'Qwen3ForCausalLM',
  parameters: { language: 8190735360, vision: 0, merger: 0, total: 8190735360 },
  vision: null,
};

export const REFERENCES = loadReferences(fromRoot('catalog/reference'));

/** A reference model by its Hub name. */
export function reference(name: string): Model {
  const found = findReference(REFERENCES, name)?.model;
  if (!found) throw new Error(`no reference model ${name}`);
  return found;
}

export const LLAMA_8B: Model = reference('Llama-3.1-8B');

/** Runs a command with --json as the command line does. */
export async function runJson(command: string, args: readonly string[]): Promise<{ readonly exitCode: number; readonly json: unknown }> {
  let out = '';
  const exitCode = await runCli([command, ...args, '--json'], {
    stdout: (text) => {
      out += text;
    },
    stderr: () => undefined,
    now: () => TODAY,
    signal: new AbortController().signal,
    colours: false,
    interactive: false,
  });
  return { exitCode, json: JSON.parse(out) };
}
