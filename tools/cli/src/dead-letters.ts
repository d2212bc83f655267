import { inspectLocalQueue } from './inspect-local-queue.ts';
import { peekQueue } from './peek-queue.ts';
import type { QueuedMessage, QueueView } from './peek-queue.ts';
import type { StageAccess } from './stage-access.ts';

/** What the envelope in a queued message says, as far as there is one. */
export interface QueuedEvent {
  readonly org?: string;
  readonly eventId?: string;
  readonly conversationId?: string;
  readonly deliveryId?: string;
  readonly source?: string;
  readonly type?: string;
}

/** A message that could not be processed and still lies in its dead-letter queue. */
export interface DeadLetter extends QueuedEvent {
  readonly queue: string;
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
    queues.map(async ([queue, url]) => ({ queue, view: await viewOf(url, access, fetchFrom) })),
  );
  return {
    letters: views.flatMap(({ queue, view }) => view.messages.map((message) => deadLetter(queue, message))),
    unseen: views.reduce((sum, { view }) => sum + view.unseen, 0),
  };
}

async function viewOf(url: string, access: StageAccess, fetchFrom: typeof fetch): Promise<QueueView> {
  const inspected = access.stack === undefined ? undefined : await inspectLocalQueue(url, fetchFrom);
  return inspected ?? peekQueue(access.clients.sqs, url);
}

const NO_REASON = 'gave-up';

function deadLetter(queue: string, { messageId, body, sentAt, attributes }: QueuedMessage): DeadLetter {
  const { reason = NO_REASON, detail, attempts, failedAt = sentAt } = attributes;
  return {
    queue,
    messageId,
    reason,
    ...(detail !== undefined && { detail }),
    ...(attributes['function'] !== undefined && { function: attributes['function'] }),
    ...(attempts !== undefined && { attempts: Number(attempts) }),
    ...(failedAt !== undefined && { failedAt }),
    ...eventIn(body),
    body,
  };
}

/** Reads what can be read: a dead letter may be anything, a bad seal says nobody vouches for it. */
export function eventIn(body: string): QueuedEvent {
  let envelope: Readonly<Record<string, unknown>>;
  try {
    envelope = (JSON.parse(body) ?? {}) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
  const text = (name: string, attribute: string) =>
    typeof envelope[attribute] === 'string' ? { [name]: envelope[attribute] } : {};
  return {
    ...text('org', 'org'),
    ...text('eventId', 'id'),
    ...text('conversationId', 'subject'),
    ...text('deliveryId', 'deliveryid'),
    ...text('source', 'source'),
    ...text('type', 'type'),
  };
}
