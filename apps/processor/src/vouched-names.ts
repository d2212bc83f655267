import type { QueueMessage } from '@aftercall/queue';
import { readEnvelope } from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';
import { namesOf } from './process-message.ts';

/** What a message says it is about, where its seal vouches for it. */
export function vouchedNames(
  { body, seal }: QueueMessage,
  keyring: Keyring,
  now: Date,
): Pick<ReturnType<typeof namesOf>, 'source' | 'eventId' | 'conversationId'> | undefined {
  const read = checkSeal(body, seal, keyring, now) === 'valid' ? readEnvelope(body) : undefined;
  if (read === undefined || read.outcome === 'refused') return undefined;
  const { source, eventId, conversationId } = namesOf(read.envelope);
  return { source, eventId, conversationId };
}
