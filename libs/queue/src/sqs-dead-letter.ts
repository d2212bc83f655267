import { createHash } from 'node:crypto';
import type { AwsCall } from '@aftercall/aws-json';
import type { PermanentError } from './permanent-error.ts';
import { ATTRIBUTE_DATA_TYPE } from './queue-entry.ts';
import type { QueueMessage } from './queue-message.ts';
import type { RunBatchDeps } from './run-batch.ts';

/** Who gives a message up, and when. */
export interface DeadLetterSender {
  /** The name of the function. */
  readonly function: string;
  readonly now: () => Date;
}

/** In characters, not bytes. */
const MAX_DETAIL_CHARACTERS = 512;

/**
 * Sends a message that cannot be processed to the dead-letter queue: body and seal as they came, and why it is there.
 * On a FIFO queue it keeps its group, and sending it twice within five minutes leaves one copy.
 */
export function sqsDeadLetter(
  call: AwsCall,
  queueUrl: string,
  sender: DeadLetterSender,
): RunBatchDeps['deadLetter'] {
  return async (message, error) => {
    await call('SendMessage', {
      QueueUrl: queueUrl,
      MessageBody: message.body,
      MessageAttributes: stringAttributes(deadLetterAttributes(message, error, sender)),
      ...(queueUrl.endsWith('.fifo') ? fifoParameters(message, queueUrl) : {}),
    });
  };
}

function deadLetterAttributes(message: QueueMessage, error: PermanentError, sender: DeadLetterSender) {
  return {
    seal: message.seal,
    reason: shortText(error.reason),
    detail: error.detail && shortText(error.detail),
    function: sender.function,
    failedAt: sender.now().toISOString(),
    attempts: String(error.attempts),
    replayrun: message.replayRun,
  };
}

/** The id of the message is part of the deduplication id, because two messages may well have one body. */
function fifoParameters({ groupId, messageId }: QueueMessage, queueUrl: string) {
  return {
    MessageGroupId: groupId ?? messageId,
    MessageDeduplicationId: createHash('sha256').update(`${queueUrl}\n${messageId}`).digest('hex'),
  };
}

function stringAttributes(attributes: Readonly<Record<string, string | undefined>>) {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value ? [[name, { DataType: ATTRIBUTE_DATA_TYPE, StringValue: value }]] : [],
    ),
  );
}

/**
 * Text that SQS takes: one forbidden character would refuse the dead letter, and the message would never leave its queue.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html the characters allowed
 */
function shortText(text: string): string {
  const allowed = text.replaceAll(
    /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu,
    '\u{FFFD}',
  );
  return Array.from(allowed).slice(0, MAX_DETAIL_CHARACTERS).join('');
}
