import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DebianProgram } from '../../runtime/engine/debian-program';

/** A program of a Debian package as the nodes can start it by one path: what it needs in its environment stands in a script before it. */
export function nodeProgram(program: DebianProgram, name: string, folder: string): string {
  const path = program.commands[name] ?? name;
  const settings = Object.entries(program.env).map(([variable, value]) => `${variable}='${value}'`);
  if (settings.length === 0) return path;
  const script = join(folder, 'programs', name);
  mkdirSync(join(folder, 'programs'), { recursive: true });
  writeFileSync(script, `#!/bin/sh\nexec env ${settings.join(' ')} '${path}' "$@"\n`, { mode: 0o755 });
  return script;
}
