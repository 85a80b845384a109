import { findHelm, type HelmTool, lintChart, renderChart } from '../../charts/helm';
import { KUBERNETES_VERSIONS } from '../../charts/kubernetes-schema';
import { validateManifests } from '../../charts/validate-manifests';
import { chartValues } from '../../charts/values';
import { KitError } from '../../core/error';
import { required, type Stage, type StageOutcome, type Walk } from '../stage';

/** Stands for the repository that the bootstrap stack makes; a name under .invalid resolves nowhere. */
const REPOSITORY_STAND_IN = 'onevision-kit.invalid/rehearsal';

/** Renders the chart by the real Helm and checks every object against the published Kubernetes schemas. */
export const chartStage: Stage = {
  id: 'chart',
  title: 'render and validate the chart',
  async run(walk) {
    const helm = await findHelmOrNot(walk);
    if (typeof helm === 'string') {
      walk.seen.chart = 'not-run';
      return { state: 'not-run', detail: helm, notProved: ['The chart: no Helm could be had on this machine.'] };
    }
    return validate(walk, helm);
  },
};

/** A missing Helm is a stage that was not run, said so; not a failure of the release. */
async function findHelmOrNot(walk: Walk): Promise<HelmTool | string> {
  try {
    return await findHelm({ signal: walk.signal, onProgress: walk.onProgress });
  } catch (error) {
    if (error instanceof KitError && error.code === 'E_HELM_MISSING') return error.message;
    throw error;
  }
}

async function validate(walk: Walk, helm: HelmTool): Promise<StageOutcome> {
  const { release } = required(walk.loaded, 'the release');
  const values = chartValues(release, required(walk.plan, 'the plan'), required(walk.verdict, 'the verdict'), {
    imageRepository: REPOSITORY_STAND_IN,
  });
  const namespace = release.placement.cluster?.namespace ?? release.metadata.name;
  // a release whose image is not built renders only as a rehearsal: the pods carry a placeholder that nothing can pull
  const rendered = { ...values, rehearsal: values.rehearsal || values.image.state !== 'built' };
  const problems: string[] = [];
  let objects = 0;
  for (const version of KUBERNETES_VERSIONS) {
    const options = { releaseName: release.metadata.name, namespace, values: rendered, kubeVersion: version, signal: walk.signal };
    await lintChart(helm, options);
    const manifests = await renderChart(helm, options);
    objects = manifests.split(/^kind: /m).length - 1;
    problems.push(
      ...validateManifests(manifests, version).map((problem) => `${version}: ${problem.object} ${problem.path}: ${problem.message}`),
    );
  }
  walk.seen.chart = problems.length === 0 ? 'valid' : 'invalid';
  if (problems.length > 0) return { state: 'failed', detail: problems.slice(0, 3).join('; ') };
  return {
    state: 'passed',
    detail: `Helm ${helm.version.replace(/^v/, '')}: ${objects} objects valid for Kubernetes ${KUBERNETES_VERSIONS.join(', ')}`,
  };
}
