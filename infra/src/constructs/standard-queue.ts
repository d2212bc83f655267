import type { Construct } from 'constructs';
import {
  deadLetterSettings,
  encryptedQueue,
  redriveTo,
  RETENTION_SECONDS,
  type QueuePair,
} from './encrypted-queue.ts';
import { sentByRules } from './statement.ts';

/** What one queue differs in from another. */
export interface StandardQueueProps {
  readonly name: string;
  readonly deadLetterQueueName: string;
  readonly visibilitySeconds: number;
  /** The rules whose events it takes; the dead-letter queue takes those that the queue itself refused. */
  readonly ruleArns: readonly string[];
}

/** A queue without order behind rules and, always, its dead-letter queue; both encrypted and TLS only. */
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
    (arn) => [sentByRules(props.ruleArns, arn)],
  );
  return { queue, deadLetterQueue };
}

/** A dead-letter queue for what rules could not deliver. */
export const deadLetterQueueOf = (
  scope: Construct,
  { deadLetterQueueName, ruleArns }: Pick<StandardQueueProps, 'deadLetterQueueName' | 'ruleArns'>,
) =>
  encryptedQueue(scope, 'queue_dead', { name: deadLetterQueueName, ...deadLetterSettings(scope) }, (arn) => [
    sentByRules(ruleArns, arn),
  ]);
