import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { loadCatalog } from '../../catalog/load';
import { fromRoot } from '../../core/project-root';
import { type Diagnosis, type DoctorQuestion, diagnose } from '../../runtime/doctor/diagnose';
import type { FindingLevel } from '../../runtime/doctor/finding';

/** The tiny checkpoint that the runtime is proven on. */
export const GOLDEN_CHECKPOINT = fromRoot('runtimes/vllm-onevision/golden/tiny-checkpoint');

// biome-ignore lint/suspicious/noExplicitAny: mutations reach into JSON of any shape
export type Json = any;

const made: string[] = [];
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
});

/** An empty folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-runtime-'));
  made.push(folder);
  return folder;
}

/** A copy of the golden checkpoint, changed. */
export function checkpoint(change: (folder: string) => void = () => undefined): string {
  const folder = temporaryFolder();
  cpSync(GOLDEN_CHECKPOINT, folder, { recursive: true });
  change(folder);
  return folder;
}

/** Rewrites one JSON file of a folder. */
export function editJson(folder: string, file: string, change: (value: Json) => void): void {
  const path = join(folder, file);
  const value = JSON.parse(readFileSync(path, 'utf8'));
  change(value);
  writeFileSync(path, JSON.stringify(value));
}

export function ask(folder: string | null, question: Partial<DoctorQuestion> = {}): Diagnosis {
  return diagnose(
    { folder, modelId: null, engine: 'vllm-onevision', engineVersion: null, gpu: null, maxModelLen: null, precision: null, ...question },
    loadCatalog(),
  );
}

/** Rules of a diagnosis at one level, each once. */
export function rulesAt(diagnosis: Diagnosis, level: FindingLevel): readonly string[] {
  return [...new Set(diagnosis.findings.filter((each) => each.level === level).map((each) => each.rule))];
}

/** A safetensors file with these tensors, filled with zeros. */
export function safetensors(tensors: Readonly<Record<string, { dtype: string; shape: readonly number[] }>>, bytesPerValue = 4): Buffer {
  let offset = 0;
  const header: Record<string, unknown> = {};
  for (const [name, { dtype, shape }] of Object.entries(tensors)) {
    const size = shape.reduce((product, side) => product * side, 1) * bytesPerValue;
    header[name] = { dtype, shape, data_offsets: [offset, offset + size] };
    offset += size;
  }
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(offset)]);
}
