import type { Construct } from 'constructs';
import {
  encryptedQueue,
  LONGEST_RETENTION_SECONDS,
  redriveTo,
  RETENTION_SECONDS,
  type QueuePair,
} from './encrypted-queue.ts';
import { sentByRule } from './statement.ts';

/** What one queue differs in from another. */
export interface StandardQueueProps {
  readonly name: string;
  readonly deadLetterQueueName: string;
  readonly visibilitySeconds: number;
  /** The rule whose events it takes; the dead-letter queue takes those that the queue itself refused. */
  readonly ruleArn: string;
}

/** A queue without order behind a rule of the bus and, always, its dead-letter queue; both encrypted and TLS only. */
export function standardQueue(scope: Construct, props: StandardQueueProps): QueuePair {
  const deadLetterQueue = deadLetterQueueOf(scope, props);
  const queue = encryptedQueue(
    scope,
    'queue',
    {
      name: props.name,
      messageRetentionSeconds: RETENTION_SECONDS,
      visibilityTimeoutSeconds: props.visibilitySeconds,
      redrivePolicy: redriveTo(deadLetterQueue),
    },
    (arn) => [sentByRule(props.ruleArn, arn)],
  );
  return { queue, deadLetterQueue };
}

/** A dead-letter queue for what a rule could not deliver. */
export const deadLetterQueueOf = (
  scope: Construct,
  { deadLetterQueueName, ruleArn }: Pick<StandardQueueProps, 'deadLetterQueueName' | 'ruleArn'>,
) =>
  encryptedQueue(
    scope,
    'queue_dead',
    { name: deadLetterQueueName, messageRetentionSeconds: LONGEST_RETENTION_SECONDS },
    (arn) => [sentByRule(ruleArn, arn)],
  );
