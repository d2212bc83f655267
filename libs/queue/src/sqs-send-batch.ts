import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SendBatch } from './queue-entry.ts';
import { failedEntries, sendMessageBatchInput } from './send-message-batch.ts';

/** Sends through the AWS SDK. */
export function sqsSendBatch(client: SQSClient, queueUrl: string): SendBatch {
  return async (entries, signal) => {
    const command = new SendMessageBatchCommand(sendMessageBatchInput(queueUrl, entries));
    const { Successful: successful = [], Failed: failed = [] } = await client.send(
      command,
      signal ? { abortSignal: signal } : {},
    );
    return failedEntries(entries, {
      taken: new Set(successful.map(({ Id }) => Id)),
      failed: new Map(failed.map(({ Id, Code }) => [Id, Code])),
    });
  };
}
