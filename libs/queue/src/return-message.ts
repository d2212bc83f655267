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

/** Of the time that a message has been held: after an outage of ten minutes it is there within one. */
const HOLD_SHARE = 0.1;
/** The end of an outage, however long it was, is noticed within this. */
const MAX_HOLD_SECONDS = 15 * 60;

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

const isOverdue = (message: QueueMessage, error: HeldError, holding: Holding): boolean =>
  heldMillis(message, error, holding) >= holding.maxHeldSeconds * 1000;

/** Since it was sent, or since the downstream was given up, whichever is later. */
const heldMillis = ({ sentAt }: QueueMessage, { since }: HeldError, { now }: Holding): number =>
  now().getTime() - Math.max(sentAt.getTime(), since.getTime());

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
export function backoffSeconds(message: QueueMessage, error: unknown, deps: ReturnDeps): number {
  if (error instanceof HeldError) return holdSeconds(message, error, deps);
  const { backoff, random } = deps;
  const bounds = { base: backoff.baseSeconds, max: backoff.maxSeconds };
  const seconds = statedDelay(error) ?? fullJitter(message.receiveCount, bounds, random);
  return Math.min(MAX_VISIBILITY_SECONDS, Math.max(0, Math.ceil(seconds)));
}

/**
 * Until the next probe, which may be its own; later, a share of what it has waited already, so that three days are
 * fewer receives than a queue allows; at the latest when it is due for the archive. Half of it is certain, the other half spreads the messages.
 */
function holdSeconds(message: QueueMessage, error: HeldError, { holding, random }: ReturnDeps): number {
  const waitedSeconds = holding ? heldMillis(message, error, holding) / 1000 : 0;
  const share = Math.min(MAX_HOLD_SECONDS, HOLD_SHARE * waitedSeconds);
  const bound = Math.max(error.atMostSeconds, share);
  const seconds = bound / 2 + (random() * bound) / 2;
  const isDueIn = holding ? holding.maxHeldSeconds - waitedSeconds : 0;
  return Math.max(1, Math.ceil(isDueIn > 0 ? Math.min(seconds, isDueIn) : seconds));
}

/** A delay that a downstream sent may be no number at all. */
function statedDelay(error: unknown): number | undefined {
  if (!(error instanceof TransientError) || !Number.isFinite(error.retryAfterSeconds)) return undefined;
  return error.retryAfterSeconds;
}

/** What a line of log calls the message by. */
export function ids({ messageId, groupId, receiveCount }: QueueMessage) {
  return { messageId, group: groupId, receiveCount };
}
