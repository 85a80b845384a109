import type { PolicyStatement } from '../../iam';

/** What the policy is about; values may be references of Terraform. */
export interface ControllerScope {
  readonly region: string;
  readonly account: string;
  readonly clusterName: string;
  readonly nodeRoleArn: string;
  readonly queueArn: string;
}

/**
 * What Karpenter's controller may do, by the tags that it puts on everything it makes: it cannot touch an instance or a template of somebody
 * else. The statements are those of its published policies (node lifecycle, EKS integration, interruption, resource discovery; Karpenter 1.14,
 * website/content/en/docs/getting-started/getting-started-with-karpenter/cloudformation.yaml), compared with the calls of pkg/aws/sdk.go of v1.14.1.
 * Left out: making and tagging instance profiles, since the profile of the nodes is made here, and zonal shift.
 */
export function controllerStatements(scope: ControllerScope): PolicyStatement[] {
  return [...launchStatements(scope), ...tagStatements(scope), ...readStatements(scope)];
}

/** Tags that Karpenter puts on what it makes. */
function ownedRequest({ clusterName }: ControllerScope) {
  return {
    StringEquals: {
      [`aws:RequestTag/kubernetes.io/cluster/${clusterName}`]: 'owned',
      'aws:RequestTag/eks:eks-cluster-name': clusterName,
    },
    StringLike: { 'aws:RequestTag/karpenter.sh/nodepool': '*' },
  };
}

function ownedResource({ clusterName }: ControllerScope) {
  return {
    StringEquals: { [`aws:ResourceTag/kubernetes.io/cluster/${clusterName}`]: 'owned' },
    StringLike: { 'aws:ResourceTag/karpenter.sh/nodepool': '*' },
  };
}

const MADE = ['fleet', 'instance', 'volume', 'network-interface', 'launch-template', 'spot-instances-request'];
const USED = ['security-group', 'subnet', 'capacity-reservation'];

function launchStatements(scope: ControllerScope): PolicyStatement[] {
  const { region, account } = scope;
  const own = (kind: string) => `arn:aws:ec2:${region}:${account}:${kind}/*`;
  return [
    {
      Sid: 'LaunchWith',
      Effect: 'Allow',
      Action: ['ec2:RunInstances', 'ec2:CreateFleet'],
      // images and snapshots belong to Amazon; a capacity reservation may be shared by another account
      Resource: [
        `arn:aws:ec2:${region}::image/*`,
        `arn:aws:ec2:${region}::snapshot/*`,
        ...USED.map((kind) => `arn:aws:ec2:${region}:*:${kind}/*`),
      ],
    },
    {
      Sid: 'LaunchFromOwnTemplates',
      Effect: 'Allow',
      Action: ['ec2:RunInstances', 'ec2:CreateFleet'],
      Resource: own('launch-template'),
      Condition: ownedResource(scope),
    },
    {
      Sid: 'LaunchTagged',
      Effect: 'Allow',
      Action: ['ec2:RunInstances', 'ec2:CreateFleet', 'ec2:CreateLaunchTemplate'],
      Resource: MADE.map(own),
      Condition: ownedRequest(scope),
    },
    {
      Sid: 'RemoveOwn',
      Effect: 'Allow',
      Action: ['ec2:TerminateInstances', 'ec2:DeleteLaunchTemplate'],
      Resource: [own('instance'), own('launch-template')],
      Condition: ownedResource(scope),
    },
    {
      Sid: 'PassNodeRole',
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: scope.nodeRoleArn,
      Condition: { StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' } },
    },
  ];
}

function tagStatements(scope: ControllerScope): PolicyStatement[] {
  const { region, account, clusterName } = scope;
  const own = (kind: string) => `arn:aws:ec2:${region}:${account}:${kind}/*`;
  const request = ownedRequest(scope);
  return [
    {
      Sid: 'TagWhatIsMade',
      Effect: 'Allow',
      Action: 'ec2:CreateTags',
      Resource: MADE.map(own),
      Condition: {
        ...request,
        StringEquals: { ...request.StringEquals, 'ec2:CreateAction': ['RunInstances', 'CreateFleet', 'CreateLaunchTemplate'] },
      },
    },
    {
      Sid: 'TagOwnInstances',
      Effect: 'Allow',
      Action: 'ec2:CreateTags',
      Resource: own('instance'),
      Condition: {
        ...ownedResource(scope),
        StringEqualsIfExists: { 'aws:RequestTag/eks:eks-cluster-name': clusterName },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['eks:eks-cluster-name', 'karpenter.sh/nodeclaim', 'Name'] },
      },
    },
  ];
}

function readStatements({ region, account, clusterName, queueArn }: ControllerScope): PolicyStatement[] {
  return [
    {
      Sid: 'ReadRegion',
      Effect: 'Allow',
      Action: [
        'ec2:DescribeCapacityReservations',
        'ec2:DescribeImages',
        'ec2:DescribeInstances',
        'ec2:DescribeInstanceStatus',
        'ec2:DescribeInstanceTypeOfferings',
        'ec2:DescribeInstanceTypes',
        'ec2:DescribeLaunchTemplates',
        'ec2:DescribePlacementGroups',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSpotPriceHistory',
        'ec2:DescribeSubnets',
      ],
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': region } },
    },
    { Sid: 'ReadImageIds', Effect: 'Allow', Action: 'ssm:GetParameter', Resource: `arn:aws:ssm:${region}::parameter/aws/service/*` },
    // neither has a resource; without the list Karpenter's collector of left-over profiles fails at each turn
    { Sid: 'ReadPricesAndProfiles', Effect: 'Allow', Action: ['pricing:GetProducts', 'iam:ListInstanceProfiles'], Resource: '*' },
    {
      Sid: 'ReadProfile',
      Effect: 'Allow',
      Action: 'iam:GetInstanceProfile',
      Resource: `arn:aws:iam::${account}:instance-profile/*`,
    },
    {
      Sid: 'ReadCluster',
      Effect: 'Allow',
      Action: 'eks:DescribeCluster',
      Resource: `arn:aws:eks:${region}:${account}:cluster/${clusterName}`,
    },
    {
      Sid: 'ReadInterruptions',
      Effect: 'Allow',
      Action: ['sqs:DeleteMessage', 'sqs:GetQueueUrl', 'sqs:ReceiveMessage'],
      Resource: queueArn,
    },
  ];
}
