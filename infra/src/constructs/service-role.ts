import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js';
import type { Construct } from 'constructs';
import { stageKeyGrants } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { policyDocument, type Statement } from './statement.ts';

/** Who acts, and what it may do. */
export interface ServiceRoleProps {
  readonly name: string;
  /** AWS services, such as `firehose.amazonaws.com`. */
  readonly services: readonly string[];
  readonly grants: readonly Statement[];
}

/** A role that a service of AWS takes on for this account only, within the stage's permissions boundary. */
export function serviceRole(
  scope: Construct,
  id: string,
  { name, services, grants }: ServiceRoleProps,
): { readonly arn: string; readonly policy: IamRolePolicy } {
  const { permissionsBoundary, account } = stageOf(scope);
  const role = new IamRole(scope, `${id}_role`, {
    name,
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    assumeRolePolicy: policyDocument([
      {
        Effect: 'Allow',
        Principal: { Service: services },
        Action: 'sts:AssumeRole',
        Condition: { StringEquals: { 'aws:SourceAccount': account } },
      },
    ]),
  });
  const policy = new IamRolePolicy(scope, `${id}_policy`, {
    name,
    role: role.id,
    policy: policyDocument([...stageKeyGrants(scope, grants), ...grants]),
  });
  return { arn: role.arn, policy };
}
