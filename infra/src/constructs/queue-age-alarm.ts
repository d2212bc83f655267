import type { Construct } from 'constructs';
import { alarm } from './alarm.ts';
import { stageOf } from './stage-of.ts';

/** Which queue is watched. */
export interface QueueAgeProps {
  readonly queueName: string;
  /** Whose it is, as part of the alarm's name. */
  readonly of: string;
  /** What stops while messages wait, in one sentence. */
  readonly impact: string;
  /** How long a message may wait on purpose, beyond what the stage calls too long. @default 0 */
  readonly waitsSeconds?: number;
}

/** Watches how long the oldest message of a queue waits. SQS counts it, so that it is counted while nothing takes messages, too. */
export function queueAgeAlarm(
  scope: Construct,
  { queueName, of, impact, waitsSeconds = 0 }: QueueAgeProps,
): void {
  const { observability } = stageOf(scope);
  if (!observability) return;
  const { periodSeconds, queueAgeSeconds } = observability;
  const thresholdSeconds = queueAgeSeconds + waitsSeconds;
  alarm(scope, {
    runbook: 'queue-age',
    of,
    meaning: `Messages for ${of} have waited for more than ${thresholdSeconds} seconds. ${impact}`,
    metrics: [
      { namespace: 'AWS/SQS', name: 'ApproximateAgeOfOldestMessage', dimensions: { QueueName: queueName } },
    ],
    statistic: 'Maximum',
    is: 'above',
    threshold: thresholdSeconds,
    periodSeconds,
    missing: 'notBreaching',
  });
}
