import { type BatchEntry, type FailedEntry, memoryFifoQueue, type MemoryMessage } from '@aftercall/queue';
import type { SQSEvent } from 'aws-lambda';
import type { VirtualTime } from './virtual-time.ts';

/** How a queue is set up. */
export interface QueueSettings {
  readonly name: string;
  readonly visibilitySeconds: number;
  readonly time: VirtualTime;
}

/** A queue of SQS, FIFO or standard, that says when there may be something to receive. */
export interface VirtualQueue {
  readonly name: string;
  send(entries: readonly BatchEntry[]): Promise<readonly FailedEntry[]>;
  receive(maxMessages: number): SQSEvent;
  changeVisibility(receiptHandle: string, seconds: number): Promise<void>;
  deleteMessage(receiptHandle: string): Promise<void>;
  messages(): readonly MemoryMessage[];
  /** Bodies of everything that was ever sent, in order. */
  readonly history: readonly string[];
  /** The most that one message was ever received. */
  mostReceives(): number;
  onAvailable(listener: () => void): void;
}

/**
 * Both kinds are the same queue in memory: in a standard one every message is a group of its own, and none is taken for
 * a repetition.
 */
export function virtualQueue({ name, visibilitySeconds, time }: QueueSettings): VirtualQueue {
  const queue = memoryFifoQueue({ now: time.now, visibilitySeconds });
  const isFifo = name.endsWith('.fifo');
  const listeners: (() => void)[] = [];
  const history: string[] = [];
  let sent = 0;
  let mostReceives = 0;
  const tell = () => listeners.forEach((listener) => listener());
  const tellIn = (seconds: number) => void time.after(seconds * 1000, tell);
  const alone = (entry: BatchEntry): BatchEntry => {
    sent += 1;
    return { ...entry, groupId: `${name} ${sent}`, deduplicationId: `${name} ${sent}` };
  };
  return {
    name,
    send: async (entries) => {
      const failed = await queue.sendBatch(isFifo ? entries : entries.map(alone));
      const refused = new Set(failed.map(({ entryId }) => entryId));
      history.push(...entries.filter(({ entryId }) => !refused.has(entryId)).map(({ body }) => body));
      tell();
      return failed;
    },
    receive: (maxMessages) => {
      const event = queue.receive(maxMessages);
      if (event.Records.length > 0) tellIn(visibilitySeconds);
      const counts = event.Records.map(({ attributes }) => Number(attributes.ApproximateReceiveCount));
      mostReceives = Math.max(mostReceives, ...counts);
      const eventSourceARN = `arn:aws:sqs:eu-west-1:000000000000:${name}`;
      return { Records: event.Records.map((record) => ({ ...record, eventSourceARN })) };
    },
    changeVisibility: async (receiptHandle, seconds) => {
      await queue.changeVisibility(receiptHandle, seconds);
      tellIn(seconds);
    },
    deleteMessage: queue.deleteMessage,
    messages: queue.messages,
    history,
    mostReceives: () => mostReceives,
    onAvailable: (listener) => void listeners.push(listener),
  };
}
