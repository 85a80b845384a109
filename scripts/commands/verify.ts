import { join, resolve } from 'node:path';
import { loadCatalog } from '../../catalog/load';
import { expectedPods } from '../../charts/expected-pods';
import { chartValues } from '../../charts/values';
import { checkRelease } from '../../compliance/check-release';
import { ExitCode, KitError } from '../../core/error';
import { writeFileAtomically } from '../../core/text-file';
import { planRelease } from '../../planning/plan-release';
import { loadRelease } from '../../release/load';
import { connectCluster } from '../../rollout/connect';
import { rolloutText } from '../../rollout/rollout-text';
import type { Rollout } from '../../rollout/schema';
import { verifyRollout } from '../../rollout/verify';
import { watchRollout } from '../../rollout/watch';
import { smokeTest } from '../../runtime/golden-images/smoke-test';
import type { CommandContext, CommandResult, CommonOptions } from '../command';

interface VerifyOptions extends CommonOptions {
  readonly context?: string;
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly repository?: string;
  readonly timeout?: string;
  readonly smoke?: boolean;
  readonly watch?: boolean;
  readonly every?: string;
}

const DEFAULT_TIMEOUT_SECONDS = 1_800;
const WATCH_SECONDS = 60;

/** `ovkit verify`: does the cluster run what was judged, and does it answer? Reads only; writes out/rollout.json. */
export async function run(options: VerifyOptions, _args: readonly string[], context: CommandContext): Promise<CommandResult> {
  const timeoutSeconds = secondsOf('--timeout', options.timeout, DEFAULT_TIMEOUT_SECONDS, 0);
  const everySeconds = secondsOf('--every', options.every, WATCH_SECONDS, 1);
  const loaded = loadRelease(options.release, { environment: options.environment });
  const { release } = loaded;
  const catalog = loadCatalog();
  const plan = planRelease(release, catalog, { file: loaded.file, today: context.now() });
  const verdict = checkRelease(loaded, catalog, context.now());
  const values = chartValues(release, plan, verdict, {
    imageRepository: options.repository ?? 'own-registry.onevision-kit.invalid/unknown',
  });
  const expected = expectedPods(values, plan, options.namespace ?? release.placement.cluster?.namespace ?? release.metadata.name);
  const cluster = connectCluster({
    kubeconfig: options.kubeconfig,
    context: contextOf(options.context ?? release.placement.cluster?.context),
  });
  const tell = (line: string): void => {
    if (!options.quiet) context.stderr(`${line}\n`);
  };
  const look = (timeoutSeconds: number): Promise<Rollout> =>
    verifyRollout({
      cluster,
      expected,
      smoke: options.smoke !== false ? smokeTest(plan.request) : null,
      timeoutSeconds,
      apiKey: process.env.OVKIT_API_KEY || undefined,
      now: context.now,
      signal: context.signal,
      onProgress: (line) => tell(`  ${line}`),
    });
  let rollout = write(await look(timeoutSeconds), options);
  if (options.watch && (rollout.state === 'proved' || rollout.state === 'unknown')) {
    tell(`${rollout.at} ${rollout.summary}; looking again every ${everySeconds} s`);
    rollout = write(await watchRollout(rollout, { look, everySeconds, signal: context.signal, onProgress: tell }), options);
  }
  return { exitCode: EXIT_CODES[rollout.state], json: rollout, text: rolloutText(rollout, { colours: context.colours }) };
}

const EXIT_CODES: Readonly<Record<Rollout['state'], ExitCode>> = {
  proved: ExitCode.pass,
  differs: ExitCode.violations,
  failed: ExitCode.violations,
  unknown: ExitCode.unknown,
};

function write(rollout: Rollout, options: CommonOptions): Rollout {
  writeFileAtomically(join(resolve(options.out), 'rollout.json'), `${JSON.stringify(rollout, null, 2)}\n`);
  return rollout;
}

/** Never the current context: it may be any cluster. */
function contextOf(name: string | undefined): string {
  if (name !== undefined && name !== '') return name;
  throw new KitError({
    code: 'E_CLUSTER_CONTEXT',
    message: 'no cluster is named.',
    allowed: 'a context of your kubeconfig.',
    next: 'name one with --context NAME; after `aws eks update-kubeconfig --name CLUSTER` it is the ARN that this prints.',
  });
}

function secondsOf(option: string, text: string | undefined, otherwise: number, least: number): number {
  const seconds = Number(text ?? otherwise);
  if (Number.isInteger(seconds) && seconds >= least) return seconds;
  throw new KitError({
    code: 'E_VERIFY_OPTION',
    message: `${option} is "${text}".`,
    allowed: `a whole number of seconds, ${least} or more.`,
    next: `correct ${option}.`,
  });
}
