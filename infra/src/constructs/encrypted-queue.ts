import { SqsQueue, type SqsQueueConfig } from '@cdktn/provider-aws/lib/sqs-queue/index.js';
import { SqsQueuePolicy } from '@cdktn/provider-aws/lib/sqs-queue-policy/index.js';
import { MAX_RECEIVE_COUNT } from '@aftercall/schemas';
import type { Construct } from 'constructs';
import { VISIBILITY_PER_TIMEOUT } from '../stage.ts';
import { stageKeyArn } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { policyDocument, tlsOnly } from './statement.ts';

/** How long a message waits for the function that takes it. */
export const RETENTION_SECONDS = 4 * 86_400;

/** The longest SQS keeps a message: time for a person to look. */
export const LONGEST_RETENTION_SECONDS = 14 * 86_400;

/** A queue, and where its messages end that nobody could work on. */
export interface QueuePair {
  readonly queue: SqsQueue;
  readonly deadLetterQueue: SqsQueue;
}

/**
 * A queue encrypted with the stage's key, or SQS's own, that is reached over TLS only.
 * @param statements who may send to it besides the roles of this account: a queue has one policy
 */
export function encryptedQueue(
  scope: Construct,
  id: string,
  config: SqsQueueConfig,
  statements: (queueArn: string) => readonly object[] = () => [],
): SqsQueue {
  const queue = new SqsQueue(scope, id, { ...config, ...encryption(stageKeyArn(scope)) });
  new SqsQueuePolicy(scope, `${id}_tls_only`, {
    queueUrl: queue.url,
    policy: policyDocument([tlsOnly('sqs', [queue.arn]), ...statements(queue.arn)]),
  });
  return queue;
}

/** What every dead-letter queue is: kept for as long as SQS keeps anything, and hidden for as long as its collector may take. */
export const deadLetterSettings = (scope: Construct) => ({
  messageRetentionSeconds: LONGEST_RETENTION_SECONDS,
  visibilityTimeoutSeconds: VISIBILITY_PER_TIMEOUT * stageOf(scope).deadLetters.timeoutSeconds,
});

/** How long SQS uses a data key before it asks for the next: KMS is paid by the request. */
const DATA_KEY_REUSE_SECONDS = 3_600;

const encryption = (keyArn: string | undefined) =>
  keyArn === undefined
    ? { sqsManagedSseEnabled: true }
    : { kmsMasterKeyId: keyArn, kmsDataKeyReusePeriodSeconds: DATA_KEY_REUSE_SECONDS };

/** Says where a message goes that was received too often. */
export const redriveTo = (deadLetterQueue: SqsQueue): string =>
  JSON.stringify({ deadLetterTargetArn: deadLetterQueue.arn, maxReceiveCount: MAX_RECEIVE_COUNT });
