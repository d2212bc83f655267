import {
  type ClaimingConsumer,
  readEnvelope,
  readTranscriptRequest,
  transcriptEventId,
} from '@aftercall/schemas';
import type { SetAsideContent } from '@aftercall/set-aside';

/** What the ledger knows an event by. */
export interface ClaimedEvent {
  readonly org: string;
  readonly eventId: string;
}

/** The event of a kept message that this consumer claims; undefined when there is none. */
export function claimedEvent(
  consumer: ClaimingConsumer,
  { body, receivedTime }: Pick<SetAsideContent, 'body' | 'receivedTime'>,
): ClaimedEvent | undefined {
  const text = Buffer.from(body).toString();
  return consumer === 'processor' ? processed(text) : fetched(text, new Date(receivedTime));
}

function processed(text: string): ClaimedEvent | undefined {
  const read = readEnvelope(text);
  return read.outcome === 'refused' ? undefined : { org: read.envelope.org, eventId: read.envelope.id };
}

/** A wish for all communications of a conversation claims nothing: it becomes a wish for each. */
function fetched(text: string, receivedAt: Date): ClaimedEvent | undefined {
  const read = readTranscriptRequest(text, receivedAt);
  if (read.outcome !== 'request' || read.request.communicationId === undefined) return undefined;
  const { org, conversationId, communicationId } = read.request;
  return { org, eventId: transcriptEventId({ conversationId, communicationId }) };
}
