import { createHash, randomUUID } from 'node:crypto';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { ATTRIBUTE_DATA_TYPE, MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, entryBytes } from './queue-entry.ts';
import type { BatchEntry, FailedEntry, QueueEntry, SendBatch } from './queue-entry.ts';

/** A FIFO queue in memory, with its clock in the caller's hand. */
export interface MemoryFifoQueue {
  readonly sendBatch: SendBatch;
  /** One receive: up to ten messages, or fewer, as many of one group as there are; no records when nothing is to be had. */
  readonly receive: (maxMessages?: number) => SQSEvent;
  readonly changeVisibility: (receiptHandle: string, visibilitySeconds: number) => Promise<void>;
  readonly deleteMessage: (receiptHandle: string) => Promise<void>;
  /** One poll of an event source: receives, runs the handler, deletes what it does not return. Answers how many it received. */
  readonly poll: (handler: (event: SQSEvent) => Promise<SQSBatchResponse>) => Promise<number>;
  /** Everything on the queue, in flight or not, in the order sent. */
  readonly messages: () => readonly MemoryMessage[];
}

/** A message as it lies on the queue. */
export interface MemoryMessage extends QueueEntry {
  readonly messageId: string;
  readonly groupId: string;
  readonly deduplicationId: string;
  readonly sentAt: Date;
  readonly receiveCount: number;
}

interface StoredMessage extends MemoryMessage {
  readonly sequenceNumber: string;
  readonly firstReceivedAt?: Date;
  /** In flight until then, by this handle; neither means never received. */
  readonly visibleAtMillis: number;
  readonly receiptHandle?: string;
}

interface QueueState {
  readonly now: () => Date;
  readonly visibilitySeconds: number;
  /** By message id; insertion order is the order sent. */
  readonly messages: Map<string, StoredMessage>;
  /** When SQS last took a deduplication id, in epoch milliseconds. */
  readonly takenAtMillis: Map<string, number>;
  lastSequence: number;
}

const DEDUPLICATION_MILLIS = 5 * 60 * 1000;
const SEQUENCE_DIGITS = 20;

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html the characters allowed */
const FORBIDDEN_CHARACTER = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;

/**
 * A FIFO queue for tests that keeps SQS's rules: a group is locked while any of its messages is in flight, and one
 * receive hands out up to ten messages of a group, which the emulators at hand do not do.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html
 */
export function memoryFifoQueue(settings: { now: () => Date; visibilitySeconds: number }): MemoryFifoQueue {
  const state: QueueState = { ...settings, messages: new Map(), takenAtMillis: new Map(), lastSequence: 0 };
  const receiveFrom = (maxMessages = MAX_BATCH_ENTRIES) => receive(state, maxMessages);
  const deleteFrom = async (receiptHandle: string) => deleteMessage(state, receiptHandle);
  return {
    sendBatch: async (entries, signal) => sendBatch(state, entries, signal),
    receive: receiveFrom,
    changeVisibility: async (receiptHandle, visibilitySeconds) =>
      changeVisibility(state, receiptHandle, visibilitySeconds),
    deleteMessage: deleteFrom,
    poll: async (handler) => {
      const event = receiveFrom();
      if (event.Records.length === 0) return 0;
      const { batchItemFailures } = await handler(event);
      await Promise.all(
        toDelete(event, batchItemFailures).map(({ receiptHandle }) => deleteFrom(receiptHandle)),
      );
      return event.Records.length;
    },
    messages: () => [...state.messages.values()],
  };
}

/** As Lambda's event source does, an id that is not of the batch fails the batch as a whole. */
function toDelete(
  { Records: records }: SQSEvent,
  failures: SQSBatchResponse['batchItemFailures'],
): SQSRecord[] {
  const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  const known = new Set(records.map(({ messageId }) => messageId));
  if ([...failed].some((messageId) => !known.has(messageId))) return [];
  return records.filter(({ messageId }) => !failed.has(messageId));
}

function sendBatch(
  state: QueueState,
  entries: readonly BatchEntry[],
  signal: AbortSignal | undefined,
): FailedEntry[] {
  signal?.throwIfAborted();
  const refusal = batchRefusal(entries);
  if (refusal) throw Object.assign(new Error(`the batch was refused: ${refusal}`), { name: refusal });
  return entries.flatMap((entry) => {
    const code = entryRefusal(entry);
    if (!code) keepOnce(state, entry);
    return code ? [{ entryId: entry.entryId, code }] : [];
  });
}

function batchRefusal(entries: readonly BatchEntry[]): string | undefined {
  if (entries.length === 0) return 'EmptyBatchRequest';
  if (entries.length > MAX_BATCH_ENTRIES) return 'TooManyEntriesInBatchRequest';
  if (new Set(entries.map(({ entryId }) => entryId)).size < entries.length) return 'BatchEntryIdsNotDistinct';
  const bytes = entries.reduce((sum, entry) => sum + entryBytes(entry), 0);
  return bytes > MAX_BATCH_BYTES ? 'BatchRequestTooLong' : undefined;
}

function entryRefusal({ body, groupId, deduplicationId }: BatchEntry): string | undefined {
  if (FORBIDDEN_CHARACTER.test(body)) return 'InvalidMessageContents';
  if (!groupId) return 'MissingParameter';
  return deduplicationId ? undefined : 'InvalidParameterValue';
}

/** Within five minutes a repetition is taken and forgotten, also when the first is long deleted. */
function keepOnce(state: QueueState, entry: BatchEntry): void {
  const { body, attributes, groupId = '', deduplicationId = '' } = entry;
  const sentAt = state.now();
  const takenAt = state.takenAtMillis.get(deduplicationId) ?? -Infinity;
  if (sentAt.getTime() - takenAt < DEDUPLICATION_MILLIS) return;

  state.lastSequence += 1;
  state.takenAtMillis.set(deduplicationId, sentAt.getTime());
  const message = {
    messageId: randomUUID(),
    body,
    attributes,
    groupId,
    deduplicationId,
    sentAt,
    sequenceNumber: String(state.lastSequence).padStart(SEQUENCE_DIGITS, '0'),
    receiveCount: 0,
    visibleAtMillis: 0,
  };
  state.messages.set(message.messageId, message);
}

function receive(state: QueueState, maxMessages: number): SQSEvent {
  const nowMillis = state.now().getTime();
  const all = [...state.messages.values()];
  const locked = new Set(
    all.filter((each) => each.visibleAtMillis > nowMillis).map(({ groupId }) => groupId),
  );
  const free = Map.groupBy(
    all.filter(({ groupId }) => !locked.has(groupId)),
    ({ groupId }) => groupId,
  );
  const handedOut = [...free.values()].flat().slice(0, Math.min(maxMessages, MAX_BATCH_ENTRIES));
  return { Records: handedOut.map((message) => handOut(state, message)) };
}

function handOut({ now, visibilitySeconds, messages }: QueueState, message: StoredMessage): SQSRecord {
  const receiptHandle = randomUUID();
  const received = {
    ...message,
    receiptHandle,
    receiveCount: message.receiveCount + 1,
    firstReceivedAt: message.firstReceivedAt ?? now(),
    visibleAtMillis: now().getTime() + visibilitySeconds * 1000,
  };
  messages.set(message.messageId, received);
  return toRecord(received);
}

function toRecord(
  message: StoredMessage & { readonly receiptHandle: string; readonly firstReceivedAt: Date },
): SQSRecord {
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: {
      ApproximateReceiveCount: String(message.receiveCount),
      SentTimestamp: String(message.sentAt.getTime()),
      SenderId: 'memory',
      ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt.getTime()),
      SequenceNumber: message.sequenceNumber,
      MessageGroupId: message.groupId,
      MessageDeduplicationId: message.deduplicationId,
    },
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, stringValue]) => [
        name,
        { dataType: ATTRIBUTE_DATA_TYPE, stringValue },
      ]),
    ),
    md5OfBody: createHash('md5').update(message.body).digest('hex'),
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:memory.fifo',
    awsRegion: 'eu-west-1',
  };
}

function changeVisibility(state: QueueState, receiptHandle: string, visibilitySeconds: number): void {
  const message = inFlight(state, receiptHandle);
  if (!message)
    throw Object.assign(new Error('no message is in flight by this handle'), { name: 'MessageNotInflight' });
  const visibleAtMillis = state.now().getTime() + visibilitySeconds * 1000;
  state.messages.set(message.messageId, { ...message, visibleAtMillis });
}

/** A handle whose visibility has passed deletes nothing: somebody else may have the message by now. */
function deleteMessage(state: QueueState, receiptHandle: string): void {
  const message = inFlight(state, receiptHandle);
  if (message) state.messages.delete(message.messageId);
}

function inFlight({ messages, now }: QueueState, receiptHandle: string): StoredMessage | undefined {
  const message = [...messages.values()].find((each) => each.receiptHandle === receiptHandle);
  return message && message.visibleAtMillis > now().getTime() ? message : undefined;
}
