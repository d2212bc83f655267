import { ATTRIBUTE_DATA_TYPE, type BatchEntry, type FailedEntry } from './queue-entry.ts';

/** The input of SQS's `SendMessageBatch`. */
export function sendMessageBatchInput(queueUrl: string, entries: readonly BatchEntry[]) {
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
export interface SendMessageBatchAnswer {
  readonly taken: ReadonlySet<unknown>;
  /** `Id` → SQS's code for why. */
  readonly failed: ReadonlyMap<unknown, unknown>;
}

/** The entries that are not on the queue. One that the answer does not mention counts as failed, with the code `NoAnswer`. */
export function failedEntries(
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
