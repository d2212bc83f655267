import type { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js';
import type { Construct } from 'constructs';
import type { QueuePair } from './encrypted-queue.ts';

/** A day, and as often as EventBridge tries in it: the most it offers. Then an event goes to the target's dead-letter queue. */
export const RETRY_POLICY = { maximumEventAgeInSeconds: 86_400, maximumRetryAttempts: 185 };

/** A rule whose events a queue takes. */
export interface QueueRule {
  readonly rule: CloudwatchEventRule;
  /** Without it the account's default bus, the only one that has schedules. */
  readonly busName?: string;
  readonly targetId: string;
  /** What the queue gets in the event's place: for a schedule, whose event says nothing. */
  readonly input?: string;
}

/** Makes a queue the target of a rule; what the queue itself refuses goes to its dead-letter queue. */
export function queueTarget(
  scope: Construct,
  id: string,
  { rule, busName, targetId, input }: QueueRule,
  { queue, deadLetterQueue }: QueuePair,
): void {
  new CloudwatchEventTarget(scope, id, {
    rule: rule.name,
    ...(busName !== undefined && { eventBusName: busName }),
    targetId,
    arn: queue.arn,
    ...(input !== undefined && { input }),
    retryPolicy: RETRY_POLICY,
    deadLetterConfig: { arn: deadLetterQueue.arn },
  });
}
