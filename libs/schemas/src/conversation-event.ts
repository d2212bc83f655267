import Type, { type Static } from 'typebox';
import type { Loose } from './loose.ts';
import { idSchema, labelSchema, timeSchema } from './text.ts';

/** What one `genesys.conversation.*` event says about its conversation. */
export const conversationEventSchema = Type.Object({
  conversationId: idSchema,
  communicationId: Type.Optional(idSchema),
  timestamp: timeSchema,
  mediaType: Type.Optional(labelSchema),
  state: Type.Optional(labelSchema),
  direction: Type.Optional(labelSchema),
  externalContactId: Type.Optional(idSchema),
  /** More than a conversation lists; a thousand long ids would not fit into a message. */
  agentIds: Type.Optional(Type.Array(idSchema, { maxItems: 100 })),
});
export type ConversationEvent = Loose<Static<typeof conversationEventSchema>>;
/** What a `genesys.transcript.ready` says: a conversation event with nothing else in it. */
export type TranscriptReadyEvent = Pick<
  ConversationEvent,
  'conversationId' | 'communicationId' | 'timestamp'
>;
