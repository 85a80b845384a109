import { statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/** Suffixes under which a program may lie in a folder of the PATH. */
const SUFFIXES = process.platform === 'win32' ? ['.exe', '.cmd', '.bat', ''] : [''];

/**
 * What to tell a user whose `cdktf deploy` will not find Terraform: cdktf itself then says "execvp(3) failed.: No such file or directory".
 * Undefined when the program is there. A synth needs none, so that this is a warning.
 * @param env  PATH, and TERRAFORM_BINARY_NAME as cdktf reads it
 */
export function missingTerraform(env: NodeJS.ProcessEnv): string | undefined {
  const named = env.TERRAFORM_BINARY_NAME || 'terraform';
  if (isProgram(named, env.PATH ?? '')) return undefined;
  const where = /[\\/]/.test(named) ? 'is no file' : 'is on no folder of the PATH';
  return `\`${named}\` ${where}: cdktf plan, deploy and destroy need Terraform 1.5 or later, or OpenTofu 1.6 or later with TERRAFORM_BINARY_NAME=tofu. Next: install one of them, or name it with TERRAFORM_BINARY_NAME.`;
}

function isProgram(name: string, path: string): boolean {
  if (isAbsolute(name) || /[\\/]/.test(name)) return isFile(name);
  return path.split(delimiter).some((folder) => SUFFIXES.some((suffix) => isFile(join(folder || '.', `${name}${suffix}`))));
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
