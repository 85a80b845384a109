import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { DebianProgram } from '../../runtime/engine/debian-program';

/** A program of a Debian package as the nodes can start it by one path: what it needs in its environment stands in a script before it. */
export function nodeProgram(program: DebianProgram, name: string, folder: string): string {
  const path = absolute(program.commands[name] ?? name);
  const settings = Object.entries(program.env).map(([variable, value]) => `${variable}='${value}'`);
  if (settings.length === 0) return path;
  const script = join(folder, 'programs', name);
  mkdirSync(join(folder, 'programs'), { recursive: true });
  writeFileSync(script, `#!/bin/sh\nexec env ${settings.join(' ')} '${path}' "$@"\n`, { mode: 0o755 });
  return script;
}

/** A bare name is looked up on the PATH of this process: the nodes have one of their own. */
function absolute(command: string): string {
  if (command.includes('/')) return command;
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, command)).find((file) => existsSync(file)) ?? command;
}
