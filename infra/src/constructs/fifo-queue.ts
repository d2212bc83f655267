import type { SqsQueue, SqsQueueConfig } from '@cdktn/provider-aws/lib/sqs-queue/index.js';
import type { Construct } from 'constructs';
import { deadLetterSettings, encryptedQueue, redriveTo, type QueuePair } from './encrypted-queue.ts';

/** What one queue differs in from another. */
export interface FifoQueueProps {
  readonly name: string;
  readonly deadLetterQueueName: string;
  readonly visibilitySeconds: number;
  readonly retentionSeconds: number;
}

/** A FIFO queue in high-throughput mode and, always, its dead-letter queue; both encrypted and TLS only. */
export function fifoQueue(scope: Construct, id: string, props: FifoQueueProps): QueuePair {
  const deadLetterQueue = encryptedFifo(scope, `${id}_dead`, {
    name: props.deadLetterQueueName,
    ...deadLetterSettings(scope),
  });
  const queue = encryptedFifo(scope, id, {
    name: props.name,
    messageRetentionSeconds: props.retentionSeconds,
    visibilityTimeoutSeconds: props.visibilitySeconds,
    redrivePolicy: redriveTo(deadLetterQueue),
  });
  return { queue, deadLetterQueue };
}

/** Deduplication ids are always set by the sender: two events with equal bodies are two events. */
const encryptedFifo = (scope: Construct, id: string, config: SqsQueueConfig): SqsQueue =>
  encryptedQueue(scope, id, {
    ...config,
    fifoQueue: true,
    contentBasedDeduplication: false,
    deduplicationScope: 'messageGroup',
    fifoThroughputLimit: 'perMessageGroupId',
  });
