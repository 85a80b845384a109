// A rehearsed deploy of release.yaml on the stand-ins: cdktf deploy '*', second plan, cdktf destroy '*', and how soon a stand-in answers.
// Usage: npm run build && node bench/deploy.mjs [N]; goals: stand-in ready under 1 s, the three together under 60 s on two quiet cores.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const GOAL = { readyS: 1, togetherS: 60 };
/** What Terraform sets when it starts a plugin. */
const COOKIE = { TF_PLUGIN_MAGIC_COOKIE: 'd602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2' };
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);
const { DeployRun } = require(join(root, 'dist/rehearsal/deploy/deploy-run.js'));
const { findTerraform } = require(join(root, 'dist/rehearsal/terraform-binary.js'));
const { findHelm } = require(join(root, 'dist/charts/helm.js'));
const { createIdentity } = require(join(root, 'dist/rehearsal/provider-standin/protocol/certificate.js'));
const { runProcess } = require(join(root, 'dist/core/run-process.js'));

const runs = Number(process.argv[2] ?? 1);
const terraform = await findTerraform();
if (!terraform) throw new Error('neither terraform nor tofu is on PATH');
const helm = (await findHelm()).path;
const scratch = mkdtempSync(join(tmpdir(), 'ovkit-bench-deploy-'));
try {
  const synthDir = join(scratch, 'synth');
  const app = await runProcess(process.execPath, [join(root, 'bin', 'app.cjs')], {
    cwd: root,
    env: { ...process.env, OVKIT_ENVIRONMENT: 'rehearsal', CDKTF_OUTDIR: synthDir },
  });
  if (app.exitCode !== 0) throw new Error(app.output);
  for (let run = 0; run < runs; run++) {
    const options = { terraform, folder: join(scratch, `run-${run}`), synthDir, release: 'release.yaml', environment: 'rehearsal', helm };
    const deploy = new DeployRun(options);
    console.log(
      `stand-in ready: ${(await readySeconds(join(options.folder, 'stand-ins', 'aws.json'))).toFixed(2)} s, goal under ${GOAL.readyS} s`,
    );
    const times = {
      deploy: await seconds(async () => mustPass(await deploy.deploy())),
      'second plan': await seconds(async () => {
        const plans = await Promise.all(deploy.stacks().map((stack) => deploy.plan(stack)));
        if (plans.flat().length > 0) throw new Error(JSON.stringify(plans.flat()));
      }),
      destroy: await seconds(async () => mustPass(await deploy.destroy())),
    };
    const total = Object.values(times).reduce((sum, time) => sum + time, 0);
    const parts = Object.entries(times).map(([name, time]) => `${name} ${time.toFixed(1)} s`);
    console.log(
      `${terraform.name} ${terraform.version}: ${parts.join(', ')}; together ${total.toFixed(1)} s, goal under ${GOAL.togetherS} s`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

function mustPass({ exitCode, output }) {
  if (exitCode !== 0) throw new Error(output);
}

async function seconds(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** From the start of the program to its handshake line. */
function readySeconds(config) {
  return seconds(
    () =>
      new Promise((resolve, reject) => {
        const main = join(root, 'dist/rehearsal/provider-standin/main.js');
        const env = { ...process.env, ...COOKIE, PLUGIN_CLIENT_CERT: createIdentity(Date.now()).certificate };
        const child = spawn(process.execPath, [main, config], { env, stdio: ['ignore', 'pipe', 'inherit'] });
        child.stdout.once('data', () => {
          child.kill();
          resolve();
        });
        child.once('error', reject);
      }),
  );
}
