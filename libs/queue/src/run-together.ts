import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import pMap from 'p-map';
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

/** Calls to SQS at a time, when a whole batch fails. */
const CONCURRENCY = 10;

/** A message that could not be handled, and why. */
export interface FailedMessage {
  readonly message: QueueMessage;
  /** `PermanentError` gives the message up; anything else brings it again. */
  readonly error: unknown;
}

/**
 * Runs `handle` once over all messages of a batch of a standard queue, for work that is done together.
 *
 * @param handle answers the messages that failed; when it throws, all of them have
 * @returns the messages that SQS must keep; every other one is handled or dead-lettered, durably
 */
export async function runTogether(
  event: SQSEvent,
  handle: (messages: readonly QueueMessage[]) => Promise<readonly FailedMessage[]>,
  deps: ReturnDeps,
): Promise<SQSBatchResponse> {
  const messages = event.Records.map(queueMessage);
  const failed = await handle(messages).catch((error: unknown) =>
    messages.map((message) => ({ message, error })),
  );
  const kept = await pMap(failed, (each) => giveUpOrBack(each, deps), { concurrency: CONCURRENCY });
  return { batchItemFailures: kept.flat().map(({ messageId }) => ({ itemIdentifier: messageId })) };
}

/** Answers the message when it goes back to the queue. */
async function giveUpOrBack(
  { message, error }: FailedMessage,
  deps: ReturnDeps,
): Promise<readonly QueueMessage[]> {
  const result = await giveUp(message, error, deps);
  if (result.outcome !== 'failed') return [];
  if (result.error instanceof HeldError) deps.holding?.onHeld(result.error, 1);
  else
    deps.log.warn(
      { ...ids(message), result: 'retry', err: result.error },
      'the message failed and will come again',
    );
  await changeVisibility(message, backoffSeconds(message, result.error, deps), deps);
  return [message];
}

async function giveUp(message: QueueMessage, error: unknown, deps: ReturnDeps): Promise<MessageResult> {
  if (error instanceof PermanentError) return deadLetter(message, error, deps);
  if (error instanceof HeldError) return hold(message, error, 'settled', deps);
  return { outcome: 'failed', error };
}
