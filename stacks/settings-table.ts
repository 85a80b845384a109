import { cidr, email, type Form, listOf, matching, oneOf, tagList, vpcCidr } from './setting-forms';

/** One setting: its variable, what holds without it, how its text is read, and what it is for. */
export interface SettingRow<T> {
  readonly variable: string;
  readonly fallback: T;
  readonly read: Form<T>;
  /** What the text may be, in words. */
  readonly allowed: string;
  readonly about: string;
}

function row<T>(variable: string, fallback: T, read: Form<NonNullable<T>>, allowed: string, about: string): SettingRow<T> {
  return { variable, fallback, read: read as Form<T>, allowed, about };
}

export const NAT_CHOICES = ['one', 'per-zone', 'none'] as const;
export const DELIVERIES = ['helm', 'gitops'] as const;
export const ADDONS = ['needed', 'none'] as const;
export const WEIGHTS_SOURCES = ['hub', 'bucket'] as const;
export const PROTECTION = ['production', 'on', 'off'] as const;
/** EKS versions in standard support, 1.35 to 2027-03-27; 1.34 ended on 2026-12-02. Source: Amazon EKS Kubernetes release calendar, read 2026-11. */
export const KUBERNETES_VERSIONS = ['1.35', '1.36'] as const;
/** Services that nodes without a NAT gateway, or with dear NAT traffic, reach by an interface endpoint. Source: EKS user guide, "Deploy private clusters". */
export const ENDPOINT_SERVICES = [
  'ecr.api',
  'ecr.dkr',
  'sts',
  'logs',
  'ec2',
  'eks',
  'eks-auth',
  'elasticloadbalancing',
  'autoscaling',
  'kms',
  'ssm',
] as const;

/** All settings of the stacks; docs/settings.md is this table. */
export const SETTINGS = {
  accountId: row<string | null>(
    'OVKIT_ACCOUNT_ID',
    null,
    matching(/^\d{12}$/),
    'an AWS account number of twelve digits',
    'the account that is meant: credentials of another one are refused before anything is made. A rehearsal has its own',
  ),
  stateBucket: row<string | null>(
    'OVKIT_STATE_BUCKET',
    null,
    matching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
    'the name of an S3 bucket',
    'bucket of the remote state, with a lock file; without it the state lies in files beside cdktf.json',
  ),
  vpcCidr: row<string>(
    'OVKIT_VPC_CIDR',
    '10.42.0.0/16',
    vpcCidr,
    'an IPv4 network from /16 to /20, e.g. 10.42.0.0/16',
    'addresses of the VPC',
  ),
  vpcId: row<string | null>(
    'OVKIT_VPC_ID',
    null,
    matching(/^vpc-[0-9a-f]{8,17}$/),
    'the id of a VPC, e.g. vpc-0123456789abcdef0',
    'an existing VPC; the kit then makes no network of its own. Needs OVKIT_SUBNET_IDS',
  ),
  subnetIds: row<readonly string[]>(
    'OVKIT_SUBNET_IDS',
    [],
    listOf(matching(/^subnet-[0-9a-f]{8,17}$/)),
    'ids of subnets, separated by commas',
    'private subnets of the existing VPC, in two zones at least, for the cluster and its nodes',
  ),
  nat: row<(typeof NAT_CHOICES)[number]>(
    'OVKIT_NAT',
    'one',
    oneOf(NAT_CHOICES),
    NAT_CHOICES.join(', '),
    'NAT gateways: one for all zones, one in each zone (no traffic between zones, and a zone may fail), or none (then name OVKIT_ENDPOINTS)',
  ),
  endpoints: row<readonly string[]>(
    'OVKIT_ENDPOINTS',
    [],
    listOf(oneOf(ENDPOINT_SERVICES)),
    `${ENDPOINT_SERVICES.join(', ')}; separated by commas`,
    'interface endpoints, so that this traffic does not pay NAT; each is billed by zone and hour. The one for S3 is always there and free',
  ),
  clusterCidrs: row<readonly string[]>(
    'OVKIT_CLUSTER_CIDRS',
    [],
    listOf(cidr),
    'IPv4 networks, separated by commas, e.g. 203.0.113.7/32',
    'networks that may reach the public endpoint of the cluster; none makes the endpoint private',
  ),
  clusterAdmins: row<readonly string[]>(
    'OVKIT_CLUSTER_ADMINS',
    [],
    listOf(matching(/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/[\w+=,.@/-]+$/)),
    'ARNs of IAM roles or users, separated by commas',
    'IAM principals, besides the one that deploys, that administer the cluster',
  ),
  kubernetesVersion: row<(typeof KUBERNETES_VERSIONS)[number]>(
    'OVKIT_KUBERNETES_VERSION',
    '1.35',
    oneOf(KUBERNETES_VERSIONS),
    KUBERNETES_VERSIONS.join(', '),
    'minor version of the cluster',
  ),
  eksCluster: row<string | null>(
    'OVKIT_EKS_CLUSTER',
    null,
    matching(/^[0-9A-Za-z][A-Za-z0-9_-]{0,99}$/),
    'the name of an EKS cluster',
    'an existing EKS cluster of the account and region: the kit adds nodes, roles and the release to it. Needs OVKIT_VPC_ID; see OVKIT_ADDONS',
  ),
  addons: row<(typeof ADDONS)[number]>(
    'OVKIT_ADDONS',
    'needed',
    oneOf(ADDONS),
    ADDONS.join(', '),
    'add-ons of the whole cluster (device plugin, KEDA and its Prometheus, Karpenter or Cluster Autoscaler): those that the release needs, or none because the cluster has them',
  ),
  nodeRelease: row<string | null>(
    'OVKIT_NODE_RELEASE',
    null,
    matching(/^1\.\d{2}\.\d{1,2}-20\d{6}$/),
    'a release version of the EKS optimised AL2023 images, e.g. 1.35.4-20260903',
    'pins the image of all nodes. Without it managed groups keep the release that EKS recommended when they were made, and Karpenter takes v20260903',
  ),
  capacityReservation: row<string | null>(
    'OVKIT_CAPACITY_RESERVATION',
    null,
    matching(/^cr-[0-9a-f]{8,17}$/),
    'the id of a capacity reservation, e.g. cr-0123456789abcdef0',
    'on-demand capacity reservation that the nodes of the model use, and nothing else',
  ),
  prometheusUrl: row<string | null>(
    'OVKIT_PROMETHEUS_URL',
    null,
    matching(/^https?:\/\/[\w.-]+(:\d{1,5})?(\/[\w./-]*)?$/),
    'an http or https address',
    'Prometheus of yours that scrapes the pods of the release and that KEDA asks for their signals (docs/scaling.md); without it the kit installs a small one beside KEDA',
  ),
  weights: row<(typeof WEIGHTS_SOURCES)[number]>(
    'OVKIT_WEIGHTS',
    'hub',
    oneOf(WEIGHTS_SOURCES),
    WEIGHTS_SOURCES.join(', '),
    'hub: a job in the cluster fills the weights bucket from the Hub, each file compared with its hash; bucket: somebody else has filled it. The service reads the bucket in both cases',
  ),
  alertEmail: row<string | null>(
    'OVKIT_ALERT_EMAIL',
    null,
    email,
    'an e-mail address',
    'where budget and anomaly alerts go; AWS asks the address to confirm',
  ),
  extraTags: row<Readonly<Record<string, string>>>(
    'OVKIT_EXTRA_TAGS',
    {},
    tagList,
    'Key=value pairs, separated by commas; not a key of the kit, not aws:',
    'tags on everything, beside the cost tags of the kit',
  ),
  permissionsBoundary: row<string | null>(
    'OVKIT_PERMISSIONS_BOUNDARY',
    null,
    matching(/^arn:aws[a-z-]*:iam::\d{12}:policy\/[\w+=,.@/-]+$/),
    'the ARN of an IAM policy',
    'permissions boundary on every role that the kit makes',
  ),
  protect: row<(typeof PROTECTION)[number]>(
    'OVKIT_PROTECT',
    'production',
    oneOf(PROTECTION),
    PROTECTION.join(', '),
    'whether Terraform refuses to destroy weights, state and the encryption key: in environment production, always, never',
  ),
  delivery: row<(typeof DELIVERIES)[number]>(
    'OVKIT_DELIVERY',
    'helm',
    oneOf(DELIVERIES),
    DELIVERIES.join(', '),
    'helm installs the charts; gitops hands them over with their values as an output, for a cluster that Terraform does not reach',
  ),
  githubRepository: row<string | null>(
    'OVKIT_GITHUB_REPOSITORY',
    null,
    matching(/^[\w.-]+\/[\w.-]+$/),
    'owner/name',
    'GitHub repository whose workflows may push images and weights; without it there is no role for CI',
  ),
  kubeconfig: row<string>(
    'OVKIT_KUBECONFIG',
    '~/.kube/config',
    matching(/^[^\n]+$/),
    'the path of a kubeconfig file',
    'kubeconfig of an existing cluster (placement.target cluster)',
  ),
} as const;
