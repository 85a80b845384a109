import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { fromRoot } from '../../core/project-root';
import { runProcess } from '../../core/run-process';
import { makeFolder } from '../../core/text-file';
import { required, type Stage, type Walk } from '../stage';

const CDKTF = 'node_modules/cdktf-cli/bundle/bin/cdktf';
/** A stack that carries the gate, in the order in which one is looked for. */
const GATED_STACKS = ['network', 'workloads'];

/** Runs the real `cdktf synth`: it must refuse a release that is not allowed, and still synthesise it under OVKIT_GATE=report. */
export const synthStage: Stage = {
  id: 'synth',
  title: 'cdktf synth',
  async run(walk) {
    const allowed = required(walk.verdict, 'the verdict').state === 'allowed' && required(walk.plan, 'the plan').state === 'ok';
    const output = walk.synthDir;
    // the CLI does not make the folders above its output
    makeFolder(dirname(output));
    const enforced = await synth(walk, output, 'enforce');
    walk.seen.synth = enforced.exitCode === 0 ? 'passes' : 'refused';
    if (enforced.exitCode === 0) return finish(walk, output, allowed, 'all stacks synthesised with the gate in force');
    const reported = await synth(walk, output, 'report');
    if (reported.exitCode !== 0)
      return { state: 'failed', detail: `refused, and OVKIT_GATE=report failed too: ${lastWords(reported.output)}` };
    const points = required(walk.verdict, 'the verdict').findings.filter((finding) => finding.severity === 'error').length;
    return finish(walk, output, !allowed, `refused: ${points} open point(s); OVKIT_GATE=report synthesises with warnings`);
  },
};

async function synth(walk: Walk, output: string, gate: 'enforce' | 'report') {
  return runProcess(process.execPath, [CDKTF, 'synth', '--output', output], {
    cwd: fromRoot(),
    signal: walk.signal,
    env: {
      ...process.env,
      OVKIT_RELEASE: walk.column.release,
      OVKIT_ENVIRONMENT: walk.column.environment ?? undefined,
      OVKIT_GATE: gate === 'report' ? 'report' : undefined,
      CHECKPOINT_DISABLE: '1',
      CI: '1',
      TF_CLI_CONFIG_FILE: undefined,
    },
  });
}

function finish(walk: Walk, output: string, asItShould: boolean, detail: string) {
  walk.stacksDir = GATED_STACKS.map((stack) => join(output, 'stacks', stack)).find((folder) => existsSync(join(folder, 'cdk.tf.json')));
  if (!asItShould || !walk.stacksDir)
    return { state: 'failed' as const, detail: asItShould ? 'no gated stack was written' : `synth contradicts the verdict: ${detail}` };
  return { state: walk.seen.synth === 'refused' ? ('refused-as-expected' as const) : ('passed' as const), detail };
}

/** The CLI's last words without its spinner. */
function lastWords(output: string): string {
  const lines = stripVTControlCharacters(output)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^\S\s+(Synthesizing|Processing)$/u.test(line));
  return lines.slice(-3).join(' | ');
}
