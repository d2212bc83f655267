import { createHash } from 'node:crypto';
import { type Keyring, seal } from '@aftercall/signing';
import type { QueueMessage } from './queue-message.ts';

/** What the archive is to know of a message besides what SQS does. */
export interface ArchivedNames {
  readonly source: string;
  readonly eventId?: string;
  readonly conversationId?: string;
}

/** A message as set-aside takes it. */
export interface ArchivedMessage extends ArchivedNames {
  readonly kind: 'archive';
  readonly id: string;
  readonly reason: 'circuit-open';
  readonly body: Uint8Array;
  readonly seal: string;
  readonly queue: string;
  readonly group?: string;
}

/**
 * What the archive keeps of a message that was held too long: the exact body, under an id that is the same however
 * often it is archived, and the message's own seal or, where it came without one, the stage's.
 */
export function archivedMessage(
  message: QueueMessage,
  { queueUrl, names, keyring }: { queueUrl: string; names: ArchivedNames; keyring: Keyring },
): ArchivedMessage {
  const queue = queueUrl.split('/').at(-1) ?? queueUrl;
  const body = Buffer.from(message.body);
  return {
    ...names,
    kind: 'archive',
    id: createHash('sha256').update(`${queue}\n${message.messageId}`).digest('hex'),
    reason: 'circuit-open',
    body,
    seal: message.seal ?? seal(body, keyring),
    queue,
    ...(message.groupId !== undefined && { group: message.groupId }),
  };
}
