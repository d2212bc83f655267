import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { HeldError } from './held-error.ts';
import { PermanentError } from './permanent-error.ts';
import { queueMessage, type QueueMessage } from './queue-message.ts';
import {
  backoffSeconds,
  changeVisibility,
  deadLetter,
  hold,
  ids,
  type MessageResult,
  type ReturnDeps,
} from './return-message.ts';

/** What `runBatch` needs from the outside world. */
export interface RunBatchDeps extends ReturnDeps {
  /** Until the invocation is stopped, in milliseconds. */
  readonly remainingMillis: () => number;
}

/** Below this nothing is started any more: what is left goes into giving the rest of a group back. */
const RESERVE_MILLIS = 3_000;

/**
 * Runs `handle` over a batch: groups side by side, the messages of a group one after the other.
 * A message that fails holds back its own group and no other: it comes again after a back-off, with its followers
 * behind it. One that fails with a `PermanentError` is dead-lettered, and its group goes on. One that is held goes back
 * the same way, or into the archive when that has lasted too long, and then whatever is held behind it with it.
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
  let ahead: MessageResult['outcome'] = 'settled';
  for (const [index, message] of group.entries()) {
    const rest = group.slice(index);
    if (deps.remainingMillis() < RESERVE_MILLIS) {
      await giveBack(rest, 0, deps);
      return rest;
    }
    const result = await runMessage(message, ahead, handle, deps);
    if (result.outcome === 'failed') {
      if (result.error instanceof HeldError) deps.holding?.onHeld(result.error, rest.length);
      await giveBack(rest, backoffSeconds(message, result.error, deps), deps);
      return rest;
    }
    ahead = result.outcome;
  }
  return [];
}

async function runMessage(
  message: QueueMessage,
  ahead: MessageResult['outcome'],
  handle: (message: QueueMessage) => Promise<void>,
  deps: RunBatchDeps,
): Promise<MessageResult> {
  try {
    await handle(message);
    return { outcome: 'settled' };
  } catch (error) {
    if (error instanceof PermanentError) return deadLetter(message, error, deps);
    if (error instanceof HeldError) return hold(message, error, ahead, deps);
    const reason = error instanceof Error ? error.name : 'unknown';
    deps.log.warn(
      { ...ids(message), result: 'retry', reason, err: error },
      'the message failed and will come again',
    );
    return { outcome: 'failed', error };
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
