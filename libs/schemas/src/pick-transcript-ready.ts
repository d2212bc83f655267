import type { TranscriptReadyEvent } from './conversation-event.ts';

/** The event's known fields in one fixed order, so that its JSON text is canonical and can be hashed. */
export function pickTranscriptReady(given: TranscriptReadyEvent): TranscriptReadyEvent {
  return {
    conversationId: given.conversationId,
    communicationId: given.communicationId,
    timestamp: given.timestamp,
  };
}
