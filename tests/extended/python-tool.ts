import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { notRun } from '../integration/requirements';

/**
 * Python of an environment with a tool, or undefined after registering a test that says why not.
 * Use in an async describe, and register the tests only when there is one.
 */
export async function requirePythonTool(name: 'moto' | 'checkov', what: string): Promise<string | undefined> {
  const { exitCode, stdout, stderr } = await runProcess(
    process.execPath,
    [fromRoot('tests', 'extended', 'install-python-tool.mjs'), name],
    {
      env: process.env,
    },
  );
  if (exitCode === 0) return stdout.trim();
  notRun(what, stderr.trim().split('\n').at(-1) ?? `${name} could not be installed`);
  return undefined;
}
