import { HOURS_PER_MONTH as HOURS } from '../units';

/** One monthly line around the nodes. */
export interface Surrounding {
  /** Key of the service price in the catalogue. */
  readonly service: string;
  readonly title: string;
  /** How many units a month; all of it runs 730 hours, since it cannot be switched off with the nodes. */
  readonly units: (usage: Usage) => { readonly value: number; readonly low: number; readonly high: number };
  readonly formula: string;
}

/** What the amounts depend on. */
export interface Usage {
  readonly nodes: number;
  readonly volumeGib: number;
  readonly hoursPerMonth: number;
  readonly requestsPerMonth: number;
  readonly weightsGb: number;
  readonly imageGb: number;
}

/** Small nodes for DNS, metrics and controllers, and the volume of each. Source: stacks/platform/system-nodes.ts */
const SYSTEM_NODES = 2;
const SYSTEM_VOLUME_GIB = 20;
/** Structured log of one request. */
const LOG_KB_PER_REQUEST = 2;
/** Control-plane, flow and node logs, whatever the load. */
const LOG_GB_PER_MONTH = { value: 3, low: 1, high: 10 };
/** System images and updates through NAT; weights and image layers come over the S3 endpoint, which is free. */
const NAT_GB_PER_MONTH = { value: 20, low: 5, high: 100 };
/** Images that the registry keeps, to go back by. */
const KEPT_IMAGES = 3;

/**
 * What stands around the nodes of an AWS release, and is forgotten in most estimates. One row per thing that stacks/ makes;
 * there is no load balancer, since the service is reached inside the cluster.
 */
export const SURROUNDINGS: readonly Surrounding[] = [
  {
    service: 'eks-control-plane',
    title: 'EKS control plane',
    units: () => fixed(HOURS),
    formula: '730 h',
  },
  { service: 'nat-gateway-hour', title: 'NAT gateway', units: () => fixed(HOURS), formula: '1 gateway x 730 h' },
  { service: 'nat-gateway-gb', title: 'NAT gateway, data', units: () => NAT_GB_PER_MONTH, formula: '20 GB of system images and updates' },
  { service: 'public-ipv4', title: 'Public IPv4 address of the NAT gateway', units: () => fixed(HOURS), formula: '1 address x 730 h' },
  { service: 'system-node-hour', title: 'System nodes', units: () => fixed(SYSTEM_NODES * HOURS), formula: '2 nodes x 730 h' },
  {
    service: 'ebs-gp3',
    title: 'Volumes',
    units: ({ nodes, volumeGib, hoursPerMonth }) =>
      fixed((nodes * volumeGib * Math.min(hoursPerMonth, HOURS)) / HOURS + SYSTEM_NODES * SYSTEM_VOLUME_GIB),
    formula: 'model nodes x GiB x hours / 730, and 20 GiB for each of 2 system nodes',
  },
  {
    service: 'cloudwatch-logs-gb',
    title: 'Logs',
    units: ({ requestsPerMonth }) => {
      const requests = (requestsPerMonth * LOG_KB_PER_REQUEST) / 1e6;
      return { value: LOG_GB_PER_MONTH.value + requests, low: LOG_GB_PER_MONTH.low + requests, high: LOG_GB_PER_MONTH.high + requests };
    },
    formula: '3 GB of the cluster + 2 kB a request',
  },
  { service: 's3-standard', title: 'Weights bucket', units: ({ weightsGb }) => fixed(weightsGb), formula: 'weights in GB' },
  {
    service: 'ecr-storage',
    title: 'Image registry',
    units: ({ imageGb }) => fixed(imageGb * KEPT_IMAGES),
    formula: `${KEPT_IMAGES} images kept`,
  },
  { service: 'kms-key', title: 'Encryption key', units: () => fixed(1), formula: '1 key' },
];

function fixed(value: number) {
  return { value, low: value, high: value };
}
