import type { ConversationEvent } from './conversation-event.ts';

/** The event's known fields in one fixed order, so that its JSON text is canonical and can be hashed. */
export function pickConversationEvent(given: ConversationEvent): ConversationEvent {
  return {
    conversationId: given.conversationId,
    communicationId: given.communicationId,
    timestamp: given.timestamp,
    mediaType: given.mediaType,
    state: given.state,
    direction: given.direction,
    externalContactId: given.externalContactId,
    agentIds: given.agentIds,
  };
}
