import { namesInMessage, type NamesInMessage } from '@aftercall/schemas';
import { letterId } from '@aftercall/set-aside';
import { inspectLocalQueue } from './inspect-local-queue.ts';
import { peekQueue } from './peek-queue.ts';
import type { QueuedMessage, QueueView } from './peek-queue.ts';
import type { StageAccess } from './stage-access.ts';

/** A message that could not be processed and still lies in its dead-letter queue. */
export interface DeadLetter extends NamesInMessage {
  readonly queue: string;
  /** That set-aside will keep it under. */
  readonly id: string;
  readonly messageId: string;
  /** Without one, the queue itself gave it up, after a thousand receives. */
  readonly reason: string;
  readonly detail?: string;
  readonly function?: string;
  readonly attempts?: number;
  readonly failedAt?: string;
  readonly body: string;
}

export interface DeadLetters {
  readonly letters: readonly DeadLetter[];
  /** How many more there are that a look cannot show. */
  readonly unseen: number;
}

/** Every dead letter of the stage that can be seen, none of it consumed. */
export async function deadLetters(access: StageAccess, fetchFrom: typeof fetch): Promise<DeadLetters> {
  const queues = Object.entries(access.resources.deadLetterQueueUrls).filter(([, url]) => url !== '');
  const views = await Promise.all(
    queues.map(async ([queue, url]) => ({ queue, url, view: await viewOf(url, access, fetchFrom) })),
  );
  return {
    letters: views.flatMap(({ queue, url, view }) =>
      view.messages.map((message) => ({
        ...deadLetter(queue, message),
        id: letterId(url.split('/').at(-1) ?? '', message.messageId),
      })),
    ),
    unseen: views.reduce((sum, { view }) => sum + view.unseen, 0),
  };
}

async function viewOf(url: string, access: StageAccess, fetchFrom: typeof fetch): Promise<QueueView> {
  const inspected = access.stack === undefined ? undefined : await inspectLocalQueue(url, fetchFrom);
  return inspected ?? peekQueue(access.clients.sqs, url);
}

const NO_REASON = 'gave-up';

/** Functions of ours say why in attributes of ours; EventBridge, which gives up a target by itself, in its own. */
function deadLetter(
  queue: string,
  { messageId, body, sentAt, attributes }: QueuedMessage,
): Omit<DeadLetter, 'id'> {
  const { ERROR_CODE, ERROR_MESSAGE, RETRY_ATTEMPTS, failedAt = sentAt } = attributes;
  const { reason = ERROR_CODE ?? NO_REASON, detail = ERROR_MESSAGE, attempts = RETRY_ATTEMPTS } = attributes;
  return {
    queue,
    messageId,
    reason,
    ...(detail !== undefined && { detail }),
    ...(attributes['function'] !== undefined && { function: attributes['function'] }),
    ...(attempts !== undefined && { attempts: Number(attempts) }),
    ...(failedAt !== undefined && { failedAt }),
    ...namesInMessage(body),
    body,
  };
}
