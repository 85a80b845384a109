import type { Plan } from '../../planning/plan';
import type { Release, ReleaseImage } from '../../release/schema';
import { formatAmount, formatCount, plural } from '../format';
import { scalingLines } from '../scaling-lines';
import { Facts, Section } from './parts';

/** What runs where: model, engine, machine, and the load that all numbers on the page assume. */
export function RunsSection(props: { release: Release; plan: Plan }) {
  const { release, plan } = props;
  const { placement } = plan;
  return (
    <Section id="runs" title="What runs where">
      <Facts
        entries={[
          ['Model', plan.model.title, <code key="id">{plan.model.id}</code>],
          ['Revision', <code key="revision">{plan.model.revision}</code>, `precision ${plan.model.precision}, ${plan.model.role}`],
          ['Engine', `${plan.engine.name} ${plan.engine.version}`, `${plan.engine.kind}, port ${plan.engine.port}`],
          ['Image', <ImageText key="image" image={release.engine.image} />],
          ['Machine', machine(plan), machineDetail(plan)],
          [
            'Where',
            placement.region ?? release.placement.cluster?.context ?? placement.target,
            placement.target === 'aws' ? 'AWS, the kit makes the cluster' : 'an existing cluster, workloads only',
          ],
          ['Capacity', placement.capacity ?? (placement.target === 'cluster' ? 'the cluster’s own' : 'none found')],
          ['Replicas', plural(placement.replicas, 'replica'), `${placement.minReplicas} to ${placement.maxReplicas}`],
          [
            'Disk per node',
            placement.volumeGib > 0 ? `${formatCount(placement.volumeGib)} GiB` : null,
            'image, weights and room to unpack',
          ],
          [
            'vCPU quota needed',
            placement.quota ? `${formatCount(placement.quota.vcpuNeeded)} vCPU` : null,
            placement.quota ? `${placement.quota.name} (${placement.quota.code})` : null,
          ],
          ['Owner', release.metadata.owner, `cost centre ${release.metadata.costCentre}`],
        ]}
      />
      <h3>How the replicas follow the load</h3>
      <Facts entries={scalingLines(plan)} />
      <h3>The load that every number assumes</h3>
      <Facts
        entries={[
          ['Request', requestText(release, plan), `${formatCount(plan.request.totalTokens)} tokens in all`],
          ['Peak', `${formatAmount(release.load.peakRequestsPerSecond)} requests per second`],
          [
            'Average',
            release.load.averageRequestsPerSecond === undefined
              ? 'half of the peak'
              : `${formatAmount(release.load.averageRequestsPerSecond)} requests per second`,
          ],
          ['Hours of use', `${formatAmount(release.load.hoursPerMonth)} a month`],
        ]}
      />
    </Section>
  );
}

function ImageText(props: { image: ReleaseImage }) {
  const { image } = props;
  if ('digest' in image) {
    return (
      <>
        {image.repository ? <code>{image.repository}</code> : 'the release’s own repository'}{' '}
        <span class="fine">
          <code>{image.digest}</code>
        </span>
      </>
    );
  }
  if (image.state === 'unbuilt') {
    return (
      <>
        not built yet{' '}
        <span class="fine">
          recipe <code>{image.recipe}</code>
        </span>
      </>
    );
  }
  return (
    <>
      <code>{image.binary}</code>, a binary on the node <span class="fine">from {image.source}</span>
    </>
  );
}

function machine(plan: Plan): string {
  const { placement } = plan;
  if (placement.instanceType) return placement.instanceType;
  return placement.target === 'cluster' ? 'node of the cluster' : 'none found';
}

function machineDetail(plan: Plan): string | null {
  const { placement } = plan;
  const gpu = placement.gpu
    ? [
        `${formatAmount(placement.gpuCount)} × ${placement.gpu}${placement.tensorParallel > 1 ? `, tensor parallel ${placement.tensorParallel}` : ''}`,
      ]
    : [];
  const cpu = placement.device === 'cpu' ? ['CPU only'] : [];
  const size = placement.vcpu > 0 ? [`${formatAmount(placement.vcpu)} vCPU`, `${formatAmount(placement.memoryGib)} GiB RAM`] : [];
  const nvme = placement.localNvmeGb > 0 ? [`${formatAmount(placement.localNvmeGb)} GB NVMe`] : [];
  return [...gpu, ...cpu, ...size, ...nvme].join(', ') || null;
}

function requestText(release: Release, plan: Plan): string {
  const { load } = release;
  const images =
    load.imagesPerRequest > 0
      ? `${plural(load.imagesPerRequest, 'image')} of ${load.imageWidthPx ?? '?'} × ${load.imageHeightPx ?? '?'} px (${formatCount(plan.request.imageTokens)} tokens), `
      : '';
  return `${images}${formatCount(plan.request.promptTokens)} prompt and ${formatCount(plan.request.outputTokens)} answer tokens`;
}
