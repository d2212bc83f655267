import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { SendMessageBatchRequestEntry, SQSClient } from '@aws-sdk/client-sqs';
import { ACCOUNT, nameIn } from './identity.ts';

/** What one try to bring an event to its target came to. */
export type AttemptResult =
  | { readonly outcome: 'delivered' }
  | {
      readonly outcome: 'failed';
      /** `never`: another try would fail in the same way. */
      readonly retry: 'later' | 'never';
      readonly code: string;
      readonly message: string;
      /** As the receiver asks for it. */
      readonly retryAfterMillis?: number;
    };

/** One message on its way to a queue. */
export interface OutgoingMessage {
  readonly body: string;
  readonly groupId?: string | undefined;
  readonly attributes?: Readonly<Record<string, string>>;
}

export interface SqsOutboxDeps {
  readonly sqs: SQSClient;
  readonly sqsUrl: string;
  /** Ends what is under way; every message still waiting then fails. */
  readonly signal: AbortSignal;
}

/** Sends messages to queues, those that wait for the same queue together. */
export interface SqsOutbox {
  readonly send: (queueArn: string, message: OutgoingMessage) => Promise<AttemptResult>;
}

interface Waiting {
  readonly message: OutgoingMessage;
  readonly bytes: number;
  readonly settle: (result: AttemptResult) => void;
}

interface Queue {
  readonly waiting: Waiting[];
  isDraining: boolean;
  gathering: NodeJS.Timeout | undefined;
}

/** SQS's limits of a batch. */
const MAX_ENTRIES = 10;
const MAX_BATCH_BYTES = 1024 * 1024;

const SEND_ERROR = 'SDK_CLIENT_ERROR';

/**
 * How long a message may wait for others: one call per message would be the largest cost of a local
 * pipeline, and EventBridge itself is slower than this.
 */
const GATHER_MILLIS = 50;

export function createSqsOutbox(deps: SqsOutboxDeps): SqsOutbox {
  const queues = new Map<string, Queue>();
  const drain = async (queueArn: string, { waiting }: Queue): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, fitting(waiting));
      const results = await sendBatch(queueArn, batch, deps);
      batch.forEach(({ settle }, index) => settle(results[index] ?? failed('later', 'no answer')));
    }
    queues.delete(queueArn);
  };
  /** A full batch does not wait; while one is under way, the next fills. */
  const begin = (queueArn: string, queue: Queue): void => {
    clearTimeout(queue.gathering);
    if (queue.isDraining) return;
    queue.isDraining = true;
    void drain(queueArn, queue);
  };
  const gather = (queueArn: string): Queue => {
    const queue: Queue = { waiting: [], isDraining: false, gathering: undefined };
    queue.gathering = setTimeout(() => begin(queueArn, queue), GATHER_MILLIS);
    queues.set(queueArn, queue);
    return queue;
  };
  return {
    send: (queueArn, message) =>
      new Promise((settle) => {
        const queue = queues.get(queueArn) ?? gather(queueArn);
        queue.waiting.push({ message, bytes: messageBytes(message), settle });
        if (queue.waiting.length >= MAX_ENTRIES) begin(queueArn, queue);
      }),
  };
}

/** How many of the first messages make one batch: at least one, which may be too large by itself. */
function fitting(waiting: readonly Waiting[]): number {
  let bytes = 0;
  let count = 0;
  for (const one of waiting.slice(0, MAX_ENTRIES)) {
    bytes += one.bytes;
    if (count > 0 && bytes > MAX_BATCH_BYTES) break;
    count += 1;
  }
  return count;
}

/** A result per message: an entry that fails does so alone. */
async function sendBatch(
  queueArn: string,
  batch: readonly Waiting[],
  { sqs, sqsUrl, signal }: SqsOutboxDeps,
): Promise<readonly AttemptResult[]> {
  const command = new SendMessageBatchCommand({
    QueueUrl: `${sqsUrl}/${ACCOUNT}/${nameIn(queueArn)}`,
    Entries: batch.map(({ message }, index) => entryOf(message, String(index))),
  });
  try {
    const { Failed = [] } = await sqs.send(command, { abortSignal: signal });
    return batch.map((_one, index) => {
      const failure = Failed.find(({ Id }) => Id === String(index));
      if (!failure) return { outcome: 'delivered' };
      return failed(failure.SenderFault ? 'never' : 'later', failure.Message ?? failure.Code ?? '');
    });
  } catch (error) {
    // Only a message that is too large by itself is sent in a batch that is.
    const retry = errorName(error) === 'BatchRequestTooLong' ? 'never' : 'later';
    return batch.map(() =>
      failed(retry, error instanceof Error ? error.message || error.name : String(error)),
    );
  }
}

function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

function failed(retry: 'later' | 'never', message: string): AttemptResult {
  return { outcome: 'failed', retry, code: SEND_ERROR, message };
}

function entryOf(
  { body, groupId, attributes = {} }: OutgoingMessage,
  id: string,
): SendMessageBatchRequestEntry {
  const named = Object.entries(attributes).map(
    ([name, value]) => [name, { DataType: 'String', StringValue: value }] as const,
  );
  return {
    Id: id,
    MessageBody: body,
    ...(groupId !== undefined && { MessageGroupId: groupId }),
    ...(named.length > 0 && { MessageAttributes: Object.fromEntries(named) }),
  };
}

/** As SQS counts: names, types and values of attributes are part of a message. */
function messageBytes({ body, attributes = {} }: OutgoingMessage): number {
  return Object.entries(attributes).reduce(
    (bytes, [name, value]) => bytes + Buffer.byteLength(`${name}String${value}`),
    Buffer.byteLength(body),
  );
}
