import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fromRoot } from '../../core/project-root';
import { type ProcessResult, runProcess } from '../../core/run-process';

/** The two entries of package.json that put CDK Terrain in the place of cdktf, as the README gives them. */
export function forkSwitch(readme: string): { readonly alias: string; readonly override: string } {
  const [, alias] = /`"cdktf": "(npm:cdktn@[\d.]+)"`/.exec(readme) ?? [];
  const [, override] = /`"overrides": \{ "cdktf": "([^"]+)" \}`/.exec(readme) ?? [];
  if (!alias || !override) throw new Error('the README does not say how to switch to CDK Terrain');
  return { alias, override };
}

/** A copy of what git knows of the project, on CDK Terrain, and installed by npm. */
export async function copyOnFork(folder: string): Promise<ProcessResult> {
  const { stdout } = await runProcess('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: fromRoot() });
  for (const file of stdout.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(fromRoot(file), join(folder, file));
  }
  const { alias, override } = forkSwitch(readFileSync(fromRoot('README.md'), 'utf8'));
  const file = join(folder, 'package.json');
  const json = JSON.parse(readFileSync(file, 'utf8'));
  json.dependencies.cdktf = alias;
  json.overrides.cdktf = override;
  writeFileSync(file, `${JSON.stringify(json, null, 2)}\n`);
  return runProcess('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1'], { cwd: folder });
}
