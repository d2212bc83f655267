import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { RunBatchDeps } from './run-batch.ts';

/** Changes for how long a received message stays hidden, counted from now. */
export function sqsChangeVisibility(client: SQSClient, queueUrl: string): RunBatchDeps['changeVisibility'] {
  return async (receiptHandle, visibilitySeconds) => {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: queueUrl,
        ReceiptHandle: receiptHandle,
        VisibilityTimeout: visibilitySeconds,
      }),
    );
  };
}
