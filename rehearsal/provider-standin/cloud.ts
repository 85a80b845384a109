import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { sha256Hex } from '../../core/canonical-json';
import { writeFileAtomically } from '../../core/text-file';
import type { ValueMap } from './protocol/value';

/** Something that exists in the stand-in's cloud. */
export interface CloudObject {
  readonly type: string;
  readonly id: string;
  readonly value: ValueMap;
}

const NAME_HEX = 24;

/**
 * What the stand-in has made, one file an object in a folder, so that several provider processes, one after the other, see the same
 * cloud, and a crash loses nothing that was written. A journal keeps every create and delete in order.
 */
export class Cloud {
  private readonly objects: string;
  private readonly journal: string;

  constructor(folder: string) {
    this.objects = join(folder, 'objects');
    this.journal = join(folder, 'journal.jsonl');
    mkdirSync(this.objects, { recursive: true });
  }

  all(): CloudObject[] {
    return readdirSync(this.objects)
      .filter((name) => name.endsWith('.json'))
      .sort()
      .map((name) => JSON.parse(readFileSync(join(this.objects, name), 'utf8')));
  }

  ofType(type: string): CloudObject[] {
    return this.all().filter((object) => object.type === type);
  }

  get(type: string, id: string): CloudObject | undefined {
    const file = this.file(type, id);
    return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  }

  put(object: CloudObject): void {
    const isNew = !existsSync(this.file(object.type, object.id));
    writeFileAtomically(this.file(object.type, object.id), `${JSON.stringify(object, null, 1)}\n`);
    this.note(isNew ? 'create' : 'update', object.type, object.id);
  }

  delete(type: string, id: string): void {
    rmSync(this.file(type, id), { force: true });
    this.note('delete', type, id);
  }

  /** How often something happened, over all processes: what faults are counted by. */
  count(event: string): number {
    if (!existsSync(this.journal)) return 0;
    return readFileSync(this.journal, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith(`{"event":"${event}"`)).length;
  }

  note(event: string, type: string, id: string): void {
    appendFileSync(this.journal, `${JSON.stringify({ event, type, id })}\n`);
  }

  private file(type: string, id: string): string {
    return join(this.objects, `${type}.${sha256Hex(id).slice(0, NAME_HEX)}.json`);
  }
}
