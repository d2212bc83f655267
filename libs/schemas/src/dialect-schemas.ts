// Apart from the adapters, because the compiled validators that the adapters use are made from these.
import Type, { type Static } from 'typebox';
import type { Loose } from './loose.ts';
import { idSchema, labelSchema, timeSchema } from './text.ts';

/** The body of mission document 002. It carries no event id. */
export const conversationWebhookSchema = Type.Object({
  event_type: labelSchema,
  conversation_id: idSchema,
  timestamp: timeSchema,
  type: Type.Optional(labelSchema),
  state: Type.Optional(labelSchema),
  direction: Type.Optional(labelSchema),
  external_contact: Type.Optional(Type.Object({ id: Type.Optional(idSchema) })),
  participants: Type.Optional(
    Type.Array(Type.Object({ purpose: Type.Optional(labelSchema), user_id: Type.Optional(idSchema) }), {
      maxItems: 100,
    }),
  ),
});
export type ConversationWebhook = Loose<Static<typeof conversationWebhookSchema>>;

/**
 * An outbound Open Messaging body, as far as it speaks of a conversation. Genesys Cloud itself does not name the
 * conversation in it; a relay that knows it adds `conversationId`.
 * @see https://developer.genesys.cloud/commdigital/digital/openmessaging/outboundMessages
 */
export const openMessageSchema = Type.Object({
  id: idSchema,
  conversationId: Type.Optional(idSchema),
  type: labelSchema,
  direction: Type.Optional(labelSchema),
  channel: Type.Object({ time: timeSchema }),
  events: Type.Optional(
    Type.Array(
      Type.Object({
        eventType: labelSchema,
        presence: Type.Optional(Type.Object({ type: labelSchema })),
      }),
    ),
  ),
});
export type OpenMessage = Loose<Static<typeof openMessageSchema>>;

/** A CloudEvents object from a relay that speaks our own event types. Everything else in it is set by ingest. */
export const cloudEventSchema = Type.Object({
  specversion: Type.Literal('1.0'),
  id: idSchema,
  type: labelSchema,
  subject: Type.Optional(idSchema),
  time: Type.Optional(timeSchema),
  data: Type.Object({}),
});
export type CloudEvent = Static<typeof cloudEventSchema>;
