import { CloudwatchEventApiDestination } from '@cdktn/provider-aws/lib/cloudwatch-event-api-destination/index.js';
import { CloudwatchEventConnection } from '@cdktn/provider-aws/lib/cloudwatch-event-connection/index.js';
import type { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js';
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js';
import type { Construct } from 'constructs';
import { stageOf } from '../constructs/stage-of.ts';
import { busRule } from '../constructs/bus-rule.ts';
import { RETRY_POLICY } from '../constructs/queue-rule.ts';
import { deadLetterQueueOf } from '../constructs/standard-queue.ts';
import { allow, policyDocument } from '../constructs/statement.ts';
import type { Names } from '../names.ts';
import type { CrmSettings } from '../stage.ts';

/** Under this name the receiver finds the id by which it knows a repeated delivery. */
const FACT_ID_HEADER = 'x-aftercall-fact-id';

/** The receiver knows us by it. */
const API_KEY_HEADER = 'x-api-key';

/** Where the CRM is, and the stage's names. */
export interface CrmProps {
  readonly crm: CrmSettings;
  readonly names: Names;
}

/** The CRM's webhook: EventBridge posts each fact of the route to it, at its pace, for up to a day. */
export function crm(scope: Construct, { crm: { endpoint, requestsPerSecond }, names }: CrmProps): void {
  const { rule, bus } = busRule(scope, 'crm', names);
  const deadLetterQueue = deadLetterQueueOf(scope, {
    deadLetterQueueName: names.deadLetterQueue('crm'),
    ruleArns: [rule.arn],
  });
  const destination = new CloudwatchEventApiDestination(scope, 'destination', {
    name: names.crm,
    invocationEndpoint: endpoint,
    httpMethod: 'POST',
    invocationRateLimitPerSecond: requestsPerSecond,
    connectionArn: connection(scope, names).arn,
  });
  new CloudwatchEventTarget(scope, 'target', {
    rule: rule.name,
    eventBusName: bus.name,
    targetId: 'crm',
    arn: destination.arn,
    roleArn: role(scope, names, rule, destination).arn,
    inputPath: '$.detail',
    httpTarget: { headerParameters: { [FACT_ID_HEADER]: '$.detail.id' } },
    retryPolicy: RETRY_POLICY,
    deadLetterConfig: { arn: deadLetterQueue.arn },
  });
}

/** Made once and then left alone: the key is set outside Terraform, and every update would put the placeholder back. */
const connection = (scope: Construct, names: Names): CloudwatchEventConnection =>
  new CloudwatchEventConnection(scope, 'connection', {
    name: names.crm,
    authorizationType: 'API_KEY',
    authParameters: { apiKey: { key: API_KEY_HEADER, value: 'set-outside-terraform' } },
    lifecycle: { ignoreChanges: 'all' },
  });

function role(
  scope: Construct,
  names: Names,
  rule: CloudwatchEventRule,
  destination: CloudwatchEventApiDestination,
): IamRole {
  const { permissionsBoundary } = stageOf(scope);
  const made = new IamRole(scope, 'role', {
    name: names.crm,
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    assumeRolePolicy: policyDocument([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sts:AssumeRole',
        Condition: { ArnEquals: { 'aws:SourceArn': rule.arn } },
      },
    ]),
  });
  new IamRolePolicy(scope, 'policy', {
    name: names.crm,
    role: made.id,
    policy: policyDocument([allow(['events:InvokeApiDestination'], [destination.arn])]),
  });
  return made;
}
