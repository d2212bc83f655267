import { CloudwatchEventRule } from '@cdktn/provider-aws/lib/cloudwatch-event-rule/index.js';
import type { Construct } from 'constructs';
import type { Names, QueueName } from '../names.ts';
import type { QueueRule } from './queue-rule.ts';

/** What comes once a day, and when. */
export interface DailyMessage {
  /** As EventBridge writes it, in UTC: `cron(30 4 * * ? *)` or `rate(1 day)`. */
  readonly schedule: string;
  readonly message: object;
}

/** Puts the same message on a queue every day. A day that is missed is made up for by the next one's work. */
export function dailyRule(
  scope: Construct,
  queue: QueueName,
  names: Names,
  { schedule, message }: DailyMessage,
): QueueRule {
  const rule = new CloudwatchEventRule(scope, 'daily', {
    name: names.dailyRule(queue),
    description: `Puts the day's message on the queue ${queue}.`,
    scheduleExpression: schedule,
  });
  return { rule, targetId: 'daily', input: JSON.stringify(message) };
}
