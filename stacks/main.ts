import './cdktf-without-archiver';
import '../core/zod-for-one-run';
import { Annotations } from 'cdktf';
import { loadCatalog } from '../catalog/load';
import { withPriceOverrides } from '../catalog/price-overrides';
import { admissionValues } from '../charts/admission-values';
import { MIRROR_SECONDS, mirrorValues } from '../charts/mirror-values';
import { chartValues } from '../charts/values';
import { checkRelease } from '../compliance/check-release';
import { KitError } from '../core/error';
import { didYouMean } from '../core/nearest';
import { fromRoot } from '../core/project-root';
import { planRelease } from '../planning/plan-release';
import { loadRelease } from '../release/load';
import { ENVIRONMENTS, type Environment } from '../release/vocabulary';
import { buildApp } from './app';
import { imageRepositoryName } from './names';
import { readSettings } from './settings';
import { missingTerraform } from './terraform-program';
import { PROMETHEUS_URL } from './workloads/addons/prometheus';
import { OWN_REGISTRY, OWN_STORAGE, OWN_WEIGHTS } from './workloads/own-places';

/** Where CDKTF's exception begins when an error annotation stops a synth that the CLI did not start. */
const ANNOTATION_ERROR = 'Encountered Annotations with level "ERROR"';
/** Seconds for Helm beyond the time that the engine may take to start: scheduling, a new node, the pull of the image. */
const HELM_MARGIN_SECONDS = 600;
/** Seconds for a ConfigMap and policies. */
const ADMISSION_SECONDS = 120;

/**
 * Composition root of `cdktf`: reads the release, asks planning and compliance, hands plan and verdict to the stacks and synthesises.
 * OVKIT_RELEASE names the file (default release.yaml), OVKIT_ENVIRONMENT replaces its environment, OVKIT_GATE=report lets a
 * release that is not allowed synthesise with warnings; the other variables stand in `stacks/settings.ts`.
 */
export function synthesise(env: NodeJS.ProcessEnv, now: Date): void {
  const { settings, gate } = readSettings(env);
  const environment = readEnvironment(env.OVKIT_ENVIRONMENT);
  const loaded = loadRelease(env.OVKIT_RELEASE || 'release.yaml', { environment });
  const { release, file } = loaded;
  const catalog = withPriceOverrides(loadCatalog(), release, now);
  const plan = planRelease(release, catalog, { file, today: now });
  const verdict = checkRelease(loaded, catalog, now);
  // an existing cluster has no registry of the kit's: there the release must name its repository
  const imageRepository = release.placement.target === 'aws' ? `${OWN_REGISTRY}/${imageRepositoryName(release)}` : undefined;
  const { region } = release.placement;
  const weightsBucket = imageRepository && region ? { name: OWN_WEIGHTS, region, egress: OWN_STORAGE } : undefined;
  const values = chartValues(release, plan, verdict, {
    imageRepository,
    prometheusUrl: settings.prometheusUrl ?? (imageRepository && settings.addons === 'needed' ? PROMETHEUS_URL : undefined),
    weightsBucket,
  });
  const timeoutSeconds = values.startup.progressDeadlineSeconds + HELM_MARGIN_SECONDS;
  // a namespace that the release names may hold other things; one that is named after the release is its own
  const shared = release.placement.cluster?.namespace !== undefined;
  const charts = {
    inference: { path: fromRoot('charts', 'onevision'), values, timeoutSeconds },
    mirror: {
      path: fromRoot('charts', 'weights-mirror'),
      values: mirrorValues(values),
      timeoutSeconds: MIRROR_SECONDS + HELM_MARGIN_SECONDS,
    },
    admission: { path: fromRoot('charts', 'admission'), values: admissionValues(values, shared), timeoutSeconds: ADMISSION_SECONDS },
  };
  const app = buildApp({ release, plan, verdict, gate, settings, charts });
  const missing = missingTerraform(env);
  const [first] = app.node.children;
  if (missing && first) Annotations.of(first).addWarning(missing);
  app.synth();
}

/** Runs the app and turns what the user did wrong into one message; the CLI knows only exit code 1. */
export function main(env: NodeJS.ProcessEnv = process.env): void {
  try {
    synthesise(env, new Date());
  } catch (error) {
    process.stderr.write(`${describe(error)}\n`);
    process.exitCode = 1;
  }
}

function readEnvironment(text: string | undefined): Environment | undefined {
  if (text === undefined || text === '') return undefined;
  const environment = ENVIRONMENTS.find((word) => word === text);
  if (environment) return environment;
  throw new KitError({
    code: 'E_STACK_SETTING',
    message: `OVKIT_ENVIRONMENT is ${JSON.stringify(text)}.${didYouMean(text, ENVIRONMENTS)}`,
    allowed: `${ENVIRONMENTS.join(', ')}.`,
    next: 'correct or unset OVKIT_ENVIRONMENT.',
  });
}

function describe(error: unknown): string {
  if (error instanceof KitError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  // without CDKTF's hint how to go on regardless
  if (message.includes(ANNOTATION_ERROR)) return message.split('\n\nEither fix')[0] ?? message;
  return `E_INTERNAL: ${error instanceof Error ? (error.stack ?? message) : message}`;
}

if (require.main === module) main();
