import { type Envelope, envelopeBody, messageDeduplicationId, messageGroupId } from '@aftercall/schemas';
import { type Keyring, seal } from '@aftercall/signing';
import type { QueueEntry } from './queue-entry.ts';

/**
 * An envelope as it goes onto `events.fifo` for the first time: one group a conversation, sealed over its exact text.
 *
 * @param dataText JSON text of the envelope's data, where it is at hand already
 */
export function sealedEntry(envelope: Envelope, keyring: Keyring, dataText?: string): QueueEntry {
  const body = envelopeBody(envelope, dataText);
  return {
    body,
    groupId: messageGroupId(envelope.org, envelope.subject),
    deduplicationId: messageDeduplicationId(envelope, ''),
    attributes: { seal: seal(body, keyring) },
  };
}
