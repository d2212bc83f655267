import type { AwsCall } from '@aftercall/aws-json';
import type { SendBatch } from './queue-entry.ts';
import { failedEntries, sendMessageBatchInput } from './send-message-batch.ts';

/** Sends to one queue of SQS. */
export function sqsSendBatch(call: AwsCall, queueUrl: string): SendBatch {
  return async (entries, signal) => {
    const answer = await call('SendMessageBatch', sendMessageBatchInput(queueUrl, entries), signal);
    return failedEntries(entries, {
      taken: new Set(listOf(answer['Successful']).map(({ Id }) => Id)),
      failed: new Map(listOf(answer['Failed']).map(({ Id, Code }) => [Id, Code])),
    });
  };
}

interface ResultEntry {
  readonly Id?: unknown;
  readonly Code?: unknown;
}

function listOf(value: unknown): readonly ResultEntry[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter((entry): entry is ResultEntry => typeof entry === 'object' && entry !== null);
}
