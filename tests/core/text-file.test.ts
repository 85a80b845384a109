import { mkdirSync, mkdtempSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTextFile, writeFileAtomically } from '../../core/text-file';
import { errorOf } from './error-of';

const folder = (): string => mkdtempSync(join(tmpdir(), 'ovkit-text-'));

describe('readTextFile', () => {
  it('strips the byte order mark and nothing else', () => {
    const file = join(folder(), 'f');
    writeFileSync(file, '\ufeffa\r\n');
    expect(readTextFile(file, 'it', '')).toBe('a\r\n');
  });

  it('tells missing from unreadable', () => {
    const at = folder();
    expect(errorOf(() => readTextFile(join(at, 'none'), 'the file', 'make one.'))).toMatchObject({ code: 'E_FILE_MISSING' });
    writeFileSync(join(at, 'plain'), '');
    expect(errorOf(() => readTextFile(join(at, 'plain', 'below'), 'the file', ''))).toMatchObject({ code: 'E_FILE_MISSING' });
    expect(errorOf(() => readTextFile(at, 'the file', '')).message).toContain('it is a folder');
    expect(errorOf(() => readTextFile('/dev/zero', 'the file', ''))).toMatchObject({ code: 'E_FILE_UNREADABLE' });
    expect(errorOf(() => readTextFile('a\0b', 'the file', ''))).toMatchObject({ code: 'E_FILE_UNREADABLE' });
  });

  it('refuses a file that is far too large without reading it', () => {
    const file = join(folder(), 'large');
    writeFileSync(file, '');
    truncateSync(file, 65 * 2 ** 20);
    expect(errorOf(() => readTextFile(file, 'the file', '')).message).toContain('larger than');
  });
});

describe('writeFileAtomically', () => {
  it('makes the folders it needs and leaves one file', () => {
    const at = folder();
    writeFileAtomically(join(at, 'a', 'b', 'f.json'), '{}');
    expect(readdirSync(join(at, 'a', 'b'))).toEqual(['f.json']);
  });

  it('replaces a file', () => {
    const file = join(folder(), 'f');
    writeFileSync(file, 'old');
    writeFileAtomically(file, 'new');
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  it('leaves nothing half-written behind when it fails', () => {
    const at = folder();
    mkdirSync(join(at, 'taken', 'full'), { recursive: true });
    expect(errorOf(() => writeFileAtomically(join(at, 'taken'), 'x'))).toMatchObject({ code: 'E_OUT_UNWRITABLE' });
    expect(readdirSync(at)).toEqual(['taken']);
    writeFileSync(join(at, 'plain'), '');
    expect(errorOf(() => writeFileAtomically(join(at, 'plain', 'f'), 'x'))).toMatchObject({ code: 'E_OUT_UNWRITABLE' });
  });

  it('gives up where no folder can be made, such as /proc', () => {
    expect(errorOf(() => writeFileAtomically('/proc/none/deeper/f', 'x'))).toMatchObject({ code: 'E_OUT_UNWRITABLE' });
  });
});
