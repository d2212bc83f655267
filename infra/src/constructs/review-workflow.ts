import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js';
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js';
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js';
import { SfnStateMachine } from '@cdktn/provider-aws/lib/sfn-state-machine/index.js';
import type { LambdaAlias } from '@cdktn/provider-aws/lib/lambda-alias/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { reviewDefinition } from '../review-machine.ts';
import { RETRY_POLICY } from './queue-rule.ts';
import { stageOf } from './stage-of.ts';
import { allow, policyDocument, type Statement } from './statement.ts';

/** Letters of a stream that keeps the alarm on are reviewed by then. */
const LATE_LETTERS_SCHEDULE = 'rate(1 hour)';

/** Who does the tasks, and how long a person has to decide. */
export interface ReviewWorkflowProps {
  readonly names: Names;
  readonly alias: LambdaAlias;
  readonly deadlineSeconds: number;
}

/**
 * The review of dead letters, begun by the alarm on them; once more when the alarm is over, for the letters that came
 * while it was on; and by the hour, for a stream that never lets it be over. Without letters it ends at once.
 */
export function reviewWorkflow(scope: Construct, props: ReviewWorkflowProps): void {
  const { names, alias, deadlineSeconds } = props;
  const invoke = [allow(['lambda:InvokeFunction'], [alias.arn])];
  const machine = new SfnStateMachine(scope, 'review', {
    name: names.reviewMachine,
    definition: reviewDefinition({ functionArn: alias.arn, deadlineSeconds }),
    roleArn: role(scope, 'review', {
      name: names.reviewMachine,
      service: 'states.amazonaws.com',
      grants: invoke,
    }),
  });
  const start = [allow(['states:StartExecution'], [machine.arn])];
  const startRoleArn = role(scope, 'review_start', {
    name: `${names.reviewMachine}-start`,
    service: 'events.amazonaws.com',
    grants: start,
  });
  const alarmed = new CloudwatchEventRule(scope, 'review_alarm', {
    name: `${names.reviewMachine}-alarm`,
    description: 'Begins the review of dead letters when the alarm on them goes off, and when it is over.',
    eventPattern: JSON.stringify({
      source: ['aws.cloudwatch'],
      'detail-type': ['CloudWatch Alarm State Change'],
      detail: { alarmName: [names.alarm('dead-letters')], state: { value: ['ALARM', 'OK'] } },
    }),
  });
  const hourly = new CloudwatchEventRule(scope, 'review_hourly', {
    name: `${names.reviewMachine}-hourly`,
    description: 'Begins the review of dead letters that came while the alarm was on.',
    scheduleExpression: LATE_LETTERS_SCHEDULE,
  });
  for (const [id, rule] of Object.entries({ review_alarm: alarmed, review_hourly: hourly })) {
    new CloudwatchEventTarget(scope, `${id}_target`, {
      rule: rule.name,
      targetId: 'review',
      arn: machine.arn,
      roleArn: startRoleArn,
      retryPolicy: RETRY_POLICY,
    });
  }
}

/** @returns the role's ARN */
function role(
  scope: Construct,
  id: string,
  { name, service, grants }: { name: string; service: string; grants: readonly Statement[] },
): string {
  const { permissionsBoundary } = stageOf(scope);
  const made = new IamRole(scope, `${id}_role`, {
    name,
    ...(permissionsBoundary !== undefined && { permissionsBoundary }),
    assumeRolePolicy: policyDocument([
      { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' },
    ]),
  });
  new IamRolePolicy(scope, `${id}_policy`, { name, role: made.id, policy: policyDocument(grants) });
  return made.arn;
}
