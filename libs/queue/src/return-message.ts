import { fullJitter } from './full-jitter.ts';
import { HeldError } from './held-error.ts';
import type { PermanentError } from './permanent-error.ts';
import type { QueueMessage } from './queue-message.ts';
import { TransientError } from './transient-error.ts';

/** What it takes to give a message back to its queue, or to give it up. */
export interface ReturnDeps {
  readonly changeVisibility: (receiptHandle: string, visibilitySeconds: number) => Promise<void>;
  /** Resolves once the dead-letter queue holds the message. */
  readonly deadLetter: (message: QueueMessage, error: PermanentError) => Promise<void>;
  readonly log: { readonly warn: (fields: object, message: string) => void };
  readonly random: () => number;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
  /** For a consumer whose handler throws `HeldError`. */
  readonly holding?: Holding;
}

/** What becomes of messages while a circuit is open. */
export interface Holding {
  /** A message that is held for longer goes to the archive; with 0 at once. */
  readonly maxHeldSeconds: number;
  /** Resolves once the archive holds the message for good. */
  readonly archive: (message: QueueMessage, error: HeldError) => Promise<void>;
  /** Hears how many messages went back to the queue. */
  readonly onHeld: (error: HeldError, messages: number) => void;
  now(): Date;
}

/** What became of a message. */
export type MessageResult =
  | { readonly outcome: 'settled' | 'archived' }
  | { readonly outcome: 'failed'; readonly error: unknown };

/** SQS ends every visibility 12 hours after the receive; 15 minutes, Lambda's longest run, may have passed since. */
const MAX_VISIBILITY_SECONDS = 12 * 3600 - 15 * 60;

/** Gives a message up; it is settled only once the dead-letter queue has it. */
export async function deadLetter(
  message: QueueMessage,
  error: PermanentError,
  deps: ReturnDeps,
): Promise<MessageResult> {
  try {
    await deps.deadLetter(message, error);
    return { outcome: 'settled' };
  } catch (sendError) {
    deps.log.warn(
      { ...ids(message), reason: error.reason, err: sendError },
      'the dead letter could not be sent; the message will come again',
    );
    return { outcome: 'failed', error: sendError };
  }
}

/**
 * Archives a message that was held too long, and every one that follows such a message; any other goes back.
 *
 * @param ahead what became of the message before it in its group
 */
export async function hold(
  message: QueueMessage,
  error: HeldError,
  ahead: MessageResult['outcome'],
  deps: ReturnDeps,
): Promise<MessageResult> {
  const { holding } = deps;
  if (holding === undefined || !(ahead === 'archived' || isOverdue(message, error, holding)))
    return { outcome: 'failed', error };
  try {
    await holding.archive(message, error);
    return { outcome: 'archived' };
  } catch (archiveError) {
    deps.log.warn({ ...ids(message), err: archiveError }, 'the message could not be archived; it stays held');
    return { outcome: 'failed', error };
  }
}

/** Held since it was sent, or since the downstream was given up, whichever is later. */
function isOverdue(
  { sentAt }: QueueMessage,
  { since }: HeldError,
  { maxHeldSeconds, now }: Holding,
): boolean {
  const heldMillis = now().getTime() - Math.max(sentAt.getTime(), since.getTime());
  return heldMillis >= maxHeldSeconds * 1000;
}

/** A failure costs time, not order: the message then stays hidden for the queue's own visibility timeout. */
export async function changeVisibility(
  message: QueueMessage,
  seconds: number,
  deps: ReturnDeps,
): Promise<void> {
  try {
    await deps.changeVisibility(message.receiptHandle, seconds);
  } catch (error) {
    deps.log.warn(
      { ...ids(message), err: error },
      'the visibility could not be changed; the message comes later',
    );
  }
}

/** How long a failed message stays hidden, in whole seconds, as SQS takes them. */
export function backoffSeconds(
  { receiveCount }: QueueMessage,
  error: unknown,
  { backoff, random }: ReturnDeps,
): number {
  const bounds = { base: backoff.baseSeconds, max: backoff.maxSeconds };
  const seconds = statedDelay(error) ?? fullJitter(receiveCount, bounds, random);
  if (error instanceof HeldError) return heldSeconds(seconds, error);
  return Math.min(MAX_VISIBILITY_SECONDS, Math.max(0, Math.ceil(seconds)));
}

/** No longer than until the next probe, which may be its own, and never so short that it keeps coming. */
const heldSeconds = (seconds: number, { atMostSeconds }: HeldError): number =>
  Math.max(1, Math.ceil(Math.min(seconds, atMostSeconds)));

/** A delay that a downstream sent may be no number at all. */
function statedDelay(error: unknown): number | undefined {
  if (!(error instanceof TransientError) || !Number.isFinite(error.retryAfterSeconds)) return undefined;
  return error.retryAfterSeconds;
}

/** What a line of log calls the message by. */
export function ids({ messageId, groupId, receiveCount }: QueueMessage) {
  return { messageId, group: groupId, receiveCount };
}
