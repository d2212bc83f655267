import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js';
import { LambdaPermission } from '@cdktn/provider-aws/lib/lambda-permission/index.js';
import type { Construct } from 'constructs';
import type { AppFunction } from './app-function.ts';
import { RETRY_POLICY } from './queue-rule.ts';

/** What a function is called with, again and again. */
export interface ScheduledCall {
  /** The rule's physical name. */
  readonly name: string;
  readonly description: string;
  /** As EventBridge writes it: `rate(1 minute)`. */
  readonly schedule: string;
  readonly input: object;
}

/** Calls a function at a rate. A call that is lost needs no dead letter: the next one does its work too. */
export function scheduledCall(
  scope: Construct,
  id: string,
  { lambda, alias }: AppFunction,
  { name, description, schedule, input }: ScheduledCall,
): void {
  const rule = new CloudwatchEventRule(scope, id, { name, description, scheduleExpression: schedule });
  new LambdaPermission(scope, `${id}_permission`, {
    action: 'lambda:InvokeFunction',
    functionName: lambda.functionName,
    qualifier: alias.name,
    principal: 'events.amazonaws.com',
    sourceArn: rule.arn,
  });
  new CloudwatchEventTarget(scope, `${id}_target`, {
    rule: rule.name,
    targetId: 'function',
    arn: alias.arn,
    input: JSON.stringify(input),
    retryPolicy: RETRY_POLICY,
  });
}
