import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { IamRolePolicyAttachment } from '@cdktf/provider-aws/lib/iam-role-policy-attachment';
import type { KitStack } from './kit-stack';
import { boundedName, NAME_LIMIT } from './names';

/** One statement of an IAM policy, as AWS spells it. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly Action: string | readonly string[];
  readonly Resource?: string | readonly string[];
  readonly Condition?: unknown;
}

/** An IAM policy document as JSON text. */
export function policyDocument(statements: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export interface RoleOptions {
  /** Construct id and end of the role's name, e.g. "node". */
  readonly id: string;
  readonly description: string;
  /** Who may take the role: a service such as eks.amazonaws.com, or a whole trust statement. */
  readonly trust: string | PolicyStatement;
  /** Names of AWS managed policies. */
  readonly managed?: readonly string[];
  readonly statements?: readonly PolicyStatement[];
}

/** A role with its trust and its permissions; gives back the role and what others must wait for before they use it. */
export function createRole(stack: KitStack, options: RoleOptions) {
  const trust: PolicyStatement =
    typeof options.trust === 'string'
      ? { Effect: 'Allow', Principal: { Service: options.trust }, Action: 'sts:AssumeRole' }
      : options.trust;
  const role = new IamRole(stack, `${options.id}_role`, {
    name: boundedName(stack.context.release, options.id.replaceAll('_', '-'), NAME_LIMIT.iamRole),
    description: options.description,
    assumeRolePolicy: policyDocument([trust]),
    permissionsBoundary: stack.context.settings.permissionsBoundary ?? undefined,
  });
  const attachments = (options.managed ?? []).map(
    (policy) =>
      new IamRolePolicyAttachment(stack, `${options.id}_role_${policy.toLowerCase()}`, {
        role: role.name,
        policyArn: `arn:aws:iam::aws:policy/${policy}`,
      }),
  );
  const inline = options.statements
    ? [
        new IamRolePolicy(stack, `${options.id}_role_policy`, {
          name: 'permissions',
          role: role.name,
          policy: policyDocument(options.statements),
        }),
      ]
    : [];
  return { role, permissions: [...attachments, ...inline] };
}
