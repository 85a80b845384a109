import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { RehearsalSummarySchema } from '../../reports/rehearsal-summary';
import { notRun, requireTerraform } from '../integration/requirements';
import { ensureNode, NODE_BUILDS } from './node-build';

const scratch = mkdtempSync(join(tmpdir(), 'ovk-node-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The kit, cdktf, the stand-ins and all that they start run on the Node of that version. */
describe.each(NODE_BUILDS)('Node $major', async (build) => {
  const what = `the rehearsed deploy on Node ${build.major}`;
  if (!(await requireTerraform(what))) return;
  const node = await ensureNode(build).catch((error: Error) => error);
  if (node === undefined) return notRun(what, 'npm has a build of Node for Linux on x64 only');
  if (node instanceof Error) return notRun(what, node.message.replaceAll('\n', ' '));

  it('deploys the default release on the stand-ins, finds nothing more to do, and destroys it', async () => {
    const env = { ...process.env, PATH: `${dirname(node)}:${process.env.PATH}`, NODE_OPTIONS: undefined };
    const version = await runProcess('node', ['--version'], { env });
    expect(version.stdout).toMatch(new RegExp(`^v${build.major}\\.`));
    const out = join(scratch, String(build.major));
    const args = ['bin/ovkit.cjs', 'rehearse', '--cluster', 'none', '--only', 'rehearsal', '--json', '--out', out];
    const { exitCode, stdout, output } = await runProcess('node', args, { cwd: fromRoot(), env });
    expect({ exitCode, said: exitCode === 0 ? '' : output }).toEqual({ exitCode: 0, said: '' });
    const { columns } = RehearsalSummarySchema.parse(JSON.parse(stdout));
    expect(columns).toMatchObject([{ seen: { synth: 'passes', gate: 'applied', deploy: 'deployed' }, differences: [] }]);
  });
});
