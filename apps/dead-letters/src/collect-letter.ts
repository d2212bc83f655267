import type { QueueMessage } from '@aftercall/queue';
import { namesInMessage, sourceKeyOf } from '@aftercall/schemas';
import { letterId, type SetAsideItem, type SetAsideReceipt } from '@aftercall/set-aside';
import { checkSeal, type Keyring, seal } from '@aftercall/signing';

/** What `collectLetter` needs from the outside world. */
export interface CollectDeps {
  /** The one queue whose messages our own functions seal. */
  readonly eventsQueue: string;
  keyring(): Promise<Keyring>;
  /** Resolves once set-aside has it; repeating it changes nothing. */
  put(item: SetAsideItem): Promise<SetAsideReceipt>;
  now(): Date;
}

/** A letter that is kept now. */
export interface Collected {
  readonly item: SetAsideItem;
  readonly stored: SetAsideReceipt['stored'];
}

/** Without a reason, the queue itself gave the message up. */
const BACKSTOP = 'gave-up';
const UNKNOWN_SOURCE = 'unknown';

/** Keeps a dead letter, whatever it is: body and seal as they came, why it is there, and where it belongs. */
export async function collectLetter(
  message: QueueMessage,
  deadLetterQueue: string,
  deps: CollectDeps,
): Promise<Collected> {
  const queue = originOf(deadLetterQueue);
  const keyring = await deps.keyring();
  const body = Buffer.from(message.body);
  const item: SetAsideItem = {
    kind: 'dead',
    id: letterId(deadLetterQueue, message.messageId),
    ...why(message),
    ...namesIn(message, queue, keyring, deps),
    body,
    seal: sealOf(message, queue, keyring, deps),
    queue,
    ...(message.groupId !== undefined && { group: message.groupId }),
    ...(message.sequence !== undefined && { sequence: message.sequence }),
  };
  const { stored } = await deps.put(item);
  return { item, stored };
}

/** `…-events-dead.fifo` holds the letters of `…-events.fifo`. */
export const originOf = (deadLetterQueue: string): string => deadLetterQueue.replace(/-dead(\.fifo)?$/, '$1');

/** Functions of ours say why in attributes of ours; EventBridge, which gives up a target by itself, in its own. */
function why({ attributes, sentAt }: QueueMessage) {
  const { ERROR_CODE, ERROR_MESSAGE, RETRY_ATTEMPTS, failedAt = sentAt.toISOString() } = attributes;
  const { reason = ERROR_CODE ?? BACKSTOP, detail = ERROR_MESSAGE, attempts = RETRY_ATTEMPTS } = attributes;
  return {
    reason,
    failedAt,
    ...(detail !== undefined && { detail }),
    ...(attributes['function'] !== undefined && { function: attributes['function'] }),
    ...(attempts !== undefined && { attempts: Number(attempts) }),
  };
}

/** What a message says of itself counts for nothing where nobody vouches for it. */
function namesIn(message: QueueMessage, queue: string, keyring: Keyring, { eventsQueue, now }: CollectDeps) {
  const isVouchedFor =
    queue !== eventsQueue || checkSeal(message.body, message.seal, keyring, now()) === 'valid';
  if (!isVouchedFor) return { source: UNKNOWN_SOURCE };
  const { source, eventId, conversationId } = namesInMessage(message.body);
  return {
    source: source === undefined ? UNKNOWN_SOURCE : sourceKeyOf({ source }),
    ...(eventId !== undefined && { eventId }),
    ...(conversationId !== undefined && { conversationId }),
  };
}

/**
 * A message of a queue that is not sealed gets the stage's seal here, so that what comes back is what was kept. One of
 * `events.fifo` keeps the seal it came with, also a wrong one: only whoever wrote it can vouch for it.
 */
function sealOf(
  message: QueueMessage,
  queue: string,
  keyring: Keyring,
  { eventsQueue }: CollectDeps,
): string {
  if (queue === eventsQueue) return message.seal ?? 'none';
  return seal(message.body, keyring);
}
