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
  readonly sequence?: string;
  /** The downstream that held it, and whose circuit has to close before it comes back. */
  readonly detail: string;
}

/** Where a message was held, and why. */
export interface ArchivedFrom {
  readonly queueUrl: string;
  readonly downstream: string;
  readonly names: ArchivedNames;
  readonly keyring: Keyring;
}

/**
 * What the archive keeps of a message that was held too long: the exact body, under an id that is the same however
 * often it is archived, and the message's own seal. Those of a queue that is not sealed get the stage's; one of a FIFO
 * queue that came without a seal keeps none, because it was held before anybody looked: sealing it would vouch for a forgery.
 */
export function archivedMessage(
  message: QueueMessage,
  { queueUrl, downstream, names, keyring }: ArchivedFrom,
): ArchivedMessage {
  const queue = queueUrl.split('/').at(-1) ?? queueUrl;
  const body = Buffer.from(message.body);
  return {
    ...names,
    kind: 'archive',
    id: createHash('sha256').update(`${queue}\n${message.messageId}`).digest('hex'),
    reason: 'circuit-open',
    body,
    seal: message.seal ?? (message.groupId === undefined ? seal(body, keyring) : 'none'),
    queue,
    detail: downstream,
    ...(message.sequence !== undefined && { sequence: message.sequence }),
    ...(message.groupId !== undefined && { group: message.groupId }),
  };
}
