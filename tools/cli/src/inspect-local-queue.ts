import { failure } from './cli-error.ts';
import type { QueuedMessage, QueueView } from './peek-queue.ts';

interface InspectedMessage {
  readonly messageId?: string;
  readonly body?: string;
  readonly sentTimestamp?: number;
  readonly approximateReceiveCount?: number;
  readonly messageGroupId?: string;
  readonly messageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

const ANSWER_TIMEOUT_MILLIS = 3_000;

/**
 * Shows all that a queue of the embedded AWS holds, those in a consumer's hands too, by asking the emulator itself:
 * nothing is received. `undefined` where another AWS plays, which has no such view.
 */
export async function inspectLocalQueue(
  queueUrl: string,
  fetchFrom: typeof fetch,
): Promise<QueueView | undefined> {
  const url = new URL(queueUrl);
  const name = url.pathname.split('/').at(-1) ?? '';
  const response = await fetchFrom(`${url.origin}/_fauxqs/queues/${encodeURIComponent(name)}`, {
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MILLIS),
  });
  if (!response.ok) return undefined;
  const { messages } = (await response.json()) as { messages?: Readonly<Record<string, unknown>> };
  if (messages === undefined) throw failure(`the local queue ${name} shows its messages in an unknown form`);
  return { messages: Object.values(messages).flatMap(messagesIn), unseen: 0 };
}

/** Waiting and delayed ones stand in lists, those in a consumer's hands in entries around them. */
function messagesIn(list: unknown): readonly QueuedMessage[] {
  if (!Array.isArray(list)) return [];
  return (list as readonly (InspectedMessage & { readonly message?: InspectedMessage })[]).map((entry) =>
    queued(entry.message ?? entry),
  );
}

function queued(message: InspectedMessage): QueuedMessage {
  const { messageId = '', body = '', sentTimestamp, messageGroupId, messageAttributes = {} } = message;
  return {
    messageId,
    body,
    ...(sentTimestamp !== undefined && { sentAt: new Date(sentTimestamp).toISOString() }),
    ...(message.approximateReceiveCount !== undefined && { receives: message.approximateReceiveCount }),
    ...(messageGroupId !== undefined && { groupId: messageGroupId }),
    attributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, { StringValue = '' }]) => [name, StringValue]),
    ),
  };
}
