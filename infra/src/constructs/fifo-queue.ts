import { SqsQueue, type SqsQueueConfig } from '@cdktn/provider-aws/lib/sqs-queue/index.js';
import { SqsQueuePolicy } from '@cdktn/provider-aws/lib/sqs-queue-policy/index.js';
import type { Construct } from 'constructs';
import { tlsOnlyPolicy } from './statement.ts';

const RETENTION_SECONDS = 4 * 86_400;

/** The longest SQS keeps a message: time for a person to look. */
const DEAD_LETTER_RETENTION_SECONDS = 14 * 86_400;

/** Attempts are counted in the ledger; this only stops a message that no function can even take in hand. */
const MAX_RECEIVE_COUNT = 1_000;

/** What one queue differs in from another. */
export interface FifoQueueProps {
  readonly name: string;
  readonly deadLetterQueueName: string;
  readonly visibilitySeconds: number;
}

/** A FIFO queue in high-throughput mode and, always, its dead-letter queue; both encrypted and TLS only. */
export function fifoQueue(scope: Construct, id: string, props: FifoQueueProps): void {
  const deadLetterQueue = encryptedFifo(scope, `${id}_dead`, {
    name: props.deadLetterQueueName,
    messageRetentionSeconds: DEAD_LETTER_RETENTION_SECONDS,
  });
  encryptedFifo(scope, id, {
    name: props.name,
    messageRetentionSeconds: RETENTION_SECONDS,
    visibilityTimeoutSeconds: props.visibilitySeconds,
    redrivePolicy: JSON.stringify({
      deadLetterTargetArn: deadLetterQueue.arn,
      maxReceiveCount: MAX_RECEIVE_COUNT,
    }),
  });
}

/** Deduplication ids are always set by the sender: two events with equal bodies are two events. */
function encryptedFifo(scope: Construct, id: string, config: SqsQueueConfig): SqsQueue {
  const queue = new SqsQueue(scope, id, {
    ...config,
    fifoQueue: true,
    contentBasedDeduplication: false,
    deduplicationScope: 'messageGroup',
    fifoThroughputLimit: 'perMessageGroupId',
    sqsManagedSseEnabled: true,
  });
  new SqsQueuePolicy(scope, `${id}_tls_only`, {
    queueUrl: queue.url,
    policy: tlsOnlyPolicy('sqs', [queue.arn]),
  });
  return queue;
}
