import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { ATTRIBUTE_DATA_TYPE, type BatchEntry, type SendBatch } from './queue-entry.ts';

/** Sends through the AWS SDK. An entry that the answer does not mention counts as failed, with the code `NoAnswer`. */
export function sqsSendBatch(client: SQSClient, queueUrl: string): SendBatch {
  return async (entries, signal) => {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries.map(requestEntry) });
    const { Successful: successful = [], Failed: failed = [] } = await client.send(
      command,
      signal ? { abortSignal: signal } : {},
    );
    const taken = new Set(successful.map(({ Id }) => Id));
    const codes = new Map(failed.map(({ Id, Code }) => [Id, Code]));
    return entries
      .filter(({ entryId }) => !taken.has(entryId))
      .map(({ entryId }) => ({ entryId, code: codes.get(entryId) ?? 'NoAnswer' }));
  };
}

function requestEntry({
  entryId,
  body,
  groupId,
  deduplicationId,
  attributes,
}: BatchEntry): SendMessageBatchRequestEntry {
  return {
    Id: entryId,
    MessageBody: body,
    MessageGroupId: groupId,
    MessageDeduplicationId: deduplicationId,
    MessageAttributes: stringAttributes(attributes),
  };
}

function stringAttributes(attributes: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      { DataType: ATTRIBUTE_DATA_TYPE, StringValue: value },
    ]),
  );
}
