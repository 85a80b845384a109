import { IamOpenidConnectProvider } from '@cdktf/provider-aws/lib/iam-openid-connect-provider';
import { createRole } from '../iam';
import type { KitStack } from '../kit-stack';

const GITHUB_ISSUER = 'token.actions.githubusercontent.com';
const AUDIENCE = 'sts.amazonaws.com';

export interface CiRoleOptions {
  readonly repositoryArn: string;
  readonly writableBucketArns: readonly string[];
}

/**
 * A role that GitHub workflows of one repository, in the GitHub environment of the release's name, take without a stored key.
 * It pushes images, weights and state; it makes no cluster. There is no role unless OVKIT_GITHUB_REPOSITORY names the
 * repository: a guessed one could belong to somebody else.
 * Source: GitHub docs, "Configuring OpenID Connect in Amazon Web Services".
 */
export function createCiRole(stack: KitStack, { repositoryArn, writableBucketArns }: CiRoleOptions): void {
  const repository = stack.context.settings.githubRepository;
  if (repository === null) return;
  const issuer = new IamOpenidConnectProvider(stack, 'github_oidc', { url: `https://${GITHUB_ISSUER}`, clientIdList: [AUDIENCE] });
  createRole(stack, {
    id: 'ci',
    description: 'GitHub workflows of the release push images, weights and state',
    trust: {
      Effect: 'Allow',
      Principal: { Federated: issuer.arn },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          [`${GITHUB_ISSUER}:aud`]: AUDIENCE,
          [`${GITHUB_ISSUER}:sub`]: `repo:${repository}:environment:${stack.context.release.metadata.environment}`,
        },
      },
    },
    statements: [
      { Sid: 'RegistryLogin', Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      {
        Sid: 'PushImages',
        Effect: 'Allow',
        Action: [
          'ecr:BatchCheckLayerAvailability',
          'ecr:BatchGetImage',
          'ecr:CompleteLayerUpload',
          'ecr:DescribeImages',
          'ecr:GetDownloadUrlForLayer',
          'ecr:InitiateLayerUpload',
          'ecr:PutImage',
          'ecr:UploadLayerPart',
        ],
        Resource: repositoryArn,
      },
      { Sid: 'ListBuckets', Effect: 'Allow', Action: 's3:ListBucket', Resource: writableBucketArns },
      {
        Sid: 'WriteObjects',
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
        Resource: writableBucketArns.map((arn) => `${arn}/*`),
      },
    ],
  });
}
