import { type Envelope, envelopeBody, messageDeduplicationId, messageGroupId } from '@aftercall/schemas';
import { type Keyring, seal } from '@aftercall/signing';
import type { QueueEntry } from './queue-entry.ts';

/** An envelope as it goes onto `events.fifo` for the first time: one group a conversation, sealed over its exact text. */
export function sealedEntry(envelope: Envelope, keyring: Keyring): QueueEntry {
  const body = envelopeBody(envelope);
  return {
    body,
    groupId: messageGroupId(envelope.org, envelope.subject),
    deduplicationId: messageDeduplicationId(envelope, ''),
    attributes: { seal: seal(body, keyring) },
  };
}
