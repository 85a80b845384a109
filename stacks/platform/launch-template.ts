import { LaunchTemplate } from '@cdktf/provider-aws/lib/launch-template';
import type { KitStack } from '../kit-stack';
import { boundedName } from '../names';

export interface LaunchTemplateOptions {
  /** "system", "model" or "fallback". */
  readonly id: string;
  /** Size of the root volume in GiB. */
  readonly volumeGib: number;
  /** Local NVMe of the instance in GB; when there is any, images and weights go there. */
  readonly localNvmeGb: number;
  /** Id of a capacity reservation that these instances use, and no other capacity. */
  readonly capacityReservation?: string | null;
}

/** What a node group starts. The AMI is left to EKS, which picks the one for the cluster's version and the group's AMI type. */
export function createLaunchTemplate(stack: KitStack, options: LaunchTemplateOptions): LaunchTemplate {
  const name = boundedName(stack.context.release, options.id);
  const tags = { ...stack.context.tags, Name: name };
  return new LaunchTemplate(stack, `${options.id}_launch_template`, {
    name,
    updateDefaultVersion: true,
    blockDeviceMappings: [
      {
        deviceName: '/dev/xvda',
        ebs: {
          volumeType: 'gp3',
          volumeSize: options.volumeGib,
          encrypted: 'true',
          deleteOnTermination: 'true',
        },
      },
    ],
    // IMDSv2 only, and one hop: pods do not reach the node's role
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1, instanceMetadataTags: 'disabled' },
    monitoring: { enabled: true },
    capacityReservationSpecification: options.capacityReservation
      ? { capacityReservationTarget: { capacityReservationId: options.capacityReservation } }
      : undefined,
    // default_tags of the provider do not reach what an Auto Scaling group starts
    tagSpecifications: ['instance', 'volume', 'network-interface'].map((resourceType) => ({ resourceType, tags })),
    userData: options.localNvmeGb > 0 ? Buffer.from(NVME_USER_DATA).toString('base64') : undefined,
  });
}

/**
 * Puts kubelet's and containerd's folders on the instance's NVMe disks: an engine image alone outgrows a small root volume.
 * EKS merges this part with its own. Source: awslabs/amazon-eks-ami, nodeadm, LocalStorageOptions (AL2023).
 */
const NVME_USER_DATA = [
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="onevision-kit"',
  '',
  '--onevision-kit',
  'Content-Type: application/node.eks.aws',
  '',
  'apiVersion: node.eks.aws/v1alpha1',
  'kind: NodeConfig',
  'spec:',
  '  instance:',
  '    localStorage:',
  '      strategy: RAID0',
  '',
  '--onevision-kit--',
  '',
].join('\n');
