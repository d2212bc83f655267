import type { AwsCall } from '@aftercall/aws-json';
import { ATTRIBUTE_DATA_TYPE, type BatchEntry, type FailedEntry, type SendBatch } from './queue-entry.ts';

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

/** The input of SQS's `SendMessageBatch`. */
function sendMessageBatchInput(queueUrl: string, entries: readonly BatchEntry[]) {
  return { QueueUrl: queueUrl, Entries: entries.map(requestEntry) };
}

function requestEntry({ entryId, body, groupId, deduplicationId, attributes }: BatchEntry) {
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

/** What its output tells of the entries, by their `Id`. */
interface SendMessageBatchAnswer {
  readonly taken: ReadonlySet<unknown>;
  /** `Id` → SQS's code for why. */
  readonly failed: ReadonlyMap<unknown, unknown>;
}

/** The entries that are not on the queue. One that the answer does not mention counts as failed, with the code `NoAnswer`. */
function failedEntries(
  entries: readonly BatchEntry[],
  { taken, failed }: SendMessageBatchAnswer,
): readonly FailedEntry[] {
  return entries
    .filter(({ entryId }) => !taken.has(entryId))
    .map(({ entryId }) => {
      const code = failed.get(entryId);
      return { entryId, code: typeof code === 'string' ? code : 'NoAnswer' };
    });
}
