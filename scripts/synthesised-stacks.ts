import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesise } from '../stacks/main';

/** In the order of a deploy. */
const STACKS = ['bootstrap', 'network', 'platform', 'workloads'];
/** With what is only made when it is asked for, so that the pages show it. */
const SETTINGS = { OVKIT_GATE: 'report', OVKIT_GITHUB_REPOSITORY: 'owner/name', OVKIT_ALERT_EMAIL: 'alerts@example.org' };

/** The stacks of release.yaml as a synth writes them (parsed cdk.tf.json), whether or not the release may be deployed. */
export function synthesisedStacks(now: Date): Readonly<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), 'ovkit-docs-'));
  const before = process.env.CDKTF_OUTDIR;
  process.env.CDKTF_OUTDIR = folder;
  try {
    synthesise(SETTINGS, now);
    return Object.fromEntries(
      STACKS.map((stack) => [stack, JSON.parse(readFileSync(join(folder, 'stacks', stack, 'cdk.tf.json'), 'utf8'))]),
    );
  } finally {
    if (before === undefined) delete process.env.CDKTF_OUTDIR;
    else process.env.CDKTF_OUTDIR = before;
    rmSync(folder, { recursive: true, force: true });
  }
}
