/** One message on its way to a queue. */
export interface QueueEntry {
  readonly body: string;
  /** FIFO order is kept within a group; absent on a standard queue. */
  readonly groupId?: string;
  readonly deduplicationId?: string;
  /** Values are not empty, because SQS refuses those. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** An entry within one call; `entryId` names it in the answer. */
export type BatchEntry = QueueEntry & { readonly entryId: string };

/** An entry that the queue did not take, with SQS's code for why. */
export interface FailedEntry {
  readonly entryId: string;
  readonly code: string;
}

/**
 * Sends up to ten entries in one call and answers those that failed: every other one is durable.
 *
 * @throws when the call as a whole failed; then nothing is known of any entry
 */
export type SendBatch = (
  entries: readonly BatchEntry[],
  signal?: AbortSignal,
) => Promise<readonly FailedEntry[]>;

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html */
export const MAX_BATCH_ENTRIES = 10;

/** Of one message, and of all messages of one call together; 1 MiB since January 2026. */
export const MAX_BATCH_BYTES = 1_048_576;

/** The data type of every attribute here; its name counts towards a message's size. */
export const ATTRIBUTE_DATA_TYPE = 'String';

/** What SQS counts as the size of a message: its body and each attribute's name, type and value. */
export function entryBytes({ body, attributes }: Pick<QueueEntry, 'body' | 'attributes'>): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, value]) =>
      bytes + Buffer.byteLength(name + ATTRIBUTE_DATA_TYPE) + Buffer.byteLength(value),
    Buffer.byteLength(body),
  );
}
