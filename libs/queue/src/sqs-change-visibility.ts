import type { AwsCall } from '@aftercall/aws-json';
import type { RunBatchDeps } from './run-batch.ts';

/** Changes for how long a received message stays hidden, counted from now. */
export function sqsChangeVisibility(call: AwsCall, queueUrl: string): RunBatchDeps['changeVisibility'] {
  return async (receiptHandle, visibilitySeconds) => {
    await call('ChangeMessageVisibility', {
      QueueUrl: queueUrl,
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: visibilitySeconds,
    });
  };
}
