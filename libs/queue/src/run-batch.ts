import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { fullJitter } from './full-jitter.ts';
import { PermanentError } from './permanent-error.ts';
import { queueMessage, type QueueMessage } from './queue-message.ts';
import { TransientError } from './transient-error.ts';

/** What `runBatch` needs from the outside world. */
export interface RunBatchDeps {
  readonly changeVisibility: (receiptHandle: string, visibilitySeconds: number) => Promise<void>;
  /** Resolves once the dead-letter queue holds the message. */
  readonly deadLetter: (message: QueueMessage, error: PermanentError) => Promise<void>;
  /** Until the invocation is stopped, in milliseconds. */
  readonly remainingMillis: () => number;
  readonly log: { readonly warn: (fields: object, message: string) => void };
  readonly random: () => number;
  readonly backoff: { readonly baseSeconds: number; readonly maxSeconds: number };
}

/** Below this nothing is started any more: what is left goes into giving the rest of a group back. */
const RESERVE_MILLIS = 3_000;

/** SQS ends every visibility 12 hours after the receive; 15 minutes, Lambda's longest run, may have passed since. */
const MAX_VISIBILITY_SECONDS = 12 * 3600 - 15 * 60;

/**
 * Runs `handle` over a batch: groups side by side, the messages of a group one after the other.
 * A message that fails holds back its own group and no other: it comes again after a back-off, with its followers
 * behind it. One that fails with a `PermanentError` is dead-lettered, and its group goes on.
 *
 * @returns the messages that SQS must keep; every other one is handled or dead-lettered, durably
 */
export async function runBatch(
  event: SQSEvent,
  handle: (message: QueueMessage) => Promise<void>,
  deps: RunBatchDeps,
): Promise<SQSBatchResponse> {
  const groups = Map.groupBy(
    event.Records.map(queueMessage),
    ({ groupId, messageId }) => groupId ?? Symbol(messageId),
  );
  const returned = await Promise.all([...groups.values()].map((group) => runGroup(group, handle, deps)));
  return { batchItemFailures: returned.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** Answers the part of the group that goes back to the queue. */
async function runGroup(
  group: readonly QueueMessage[],
  handle: (message: QueueMessage) => Promise<void>,
  deps: RunBatchDeps,
): Promise<readonly QueueMessage[]> {
  for (const [index, message] of group.entries()) {
    const rest = group.slice(index);
    if (deps.remainingMillis() < RESERVE_MILLIS) {
      await giveBack(rest, 0, deps);
      return rest;
    }
    const result = await runMessage(message, handle, deps);
    if (result.outcome === 'failed') {
      await giveBack(rest, backoffSeconds(message, result.error, deps), deps);
      return rest;
    }
  }
  return [];
}

type MessageResult =
  | { readonly outcome: 'settled' }
  | { readonly outcome: 'failed'; readonly error: unknown };

async function runMessage(
  message: QueueMessage,
  handle: (message: QueueMessage) => Promise<void>,
  deps: RunBatchDeps,
): Promise<MessageResult> {
  try {
    await handle(message);
    return { outcome: 'settled' };
  } catch (error) {
    if (error instanceof PermanentError) return deadLetter(message, error, deps);
    const reason = error instanceof Error ? error.name : 'unknown';
    deps.log.warn(
      { ...ids(message), result: 'retry', reason, err: error },
      'the message failed and will come again',
    );
    return { outcome: 'failed', error };
  }
}

async function deadLetter(
  message: QueueMessage,
  error: PermanentError,
  deps: RunBatchDeps,
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

/** The head in flight locks its group, so its followers may show up at once and still stay behind it. */
async function giveBack(
  [head, ...followers]: readonly QueueMessage[],
  headSeconds: number,
  deps: RunBatchDeps,
): Promise<void> {
  if (!head) return;
  await changeVisibility(head, headSeconds, deps);
  await Promise.all(followers.map((follower) => changeVisibility(follower, 0, deps)));
}

/** A failure costs time, not order: the message then stays hidden for the queue's own visibility timeout. */
async function changeVisibility(message: QueueMessage, seconds: number, deps: RunBatchDeps): Promise<void> {
  try {
    await deps.changeVisibility(message.receiptHandle, seconds);
  } catch (error) {
    deps.log.warn(
      { ...ids(message), err: error },
      'the visibility could not be changed; the message comes later',
    );
  }
}

/** In whole seconds, as SQS takes them. */
function backoffSeconds(
  { receiveCount }: QueueMessage,
  error: unknown,
  { backoff, random }: RunBatchDeps,
): number {
  const bounds = { base: backoff.baseSeconds, max: backoff.maxSeconds };
  const seconds = statedDelay(error) ?? fullJitter(receiveCount, bounds, random);
  return Math.min(MAX_VISIBILITY_SECONDS, Math.max(0, Math.ceil(seconds)));
}

/** A delay that a downstream sent may be no number at all. */
function statedDelay(error: unknown): number | undefined {
  if (!(error instanceof TransientError) || !Number.isFinite(error.retryAfterSeconds)) return undefined;
  return error.retryAfterSeconds;
}

function ids({ messageId, groupId, receiveCount }: QueueMessage) {
  return { messageId, group: groupId, receiveCount };
}
