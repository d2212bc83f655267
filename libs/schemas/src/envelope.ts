import Type, { type Static } from 'typebox';
import type { AnalyticsOutcome } from './analytics-outcome.ts';
import type { ConversationEvent, TranscriptReadyEvent } from './conversation-event.ts';
import type { Loose } from './loose.ts';
import {
  ANALYTICS_TYPES,
  type AnalyticsType,
  CONVERSATION_TYPES,
  type ConversationType,
  STORED_DELIVERY_TYPE,
  TRANSCRIPT_READY_TYPE,
} from './constants.ts';
import { labelSchema, timeSchema } from './text.ts';

const sha256Schema = Type.String({ pattern: '^[0-9a-f]{64}$' });

/** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#required-attributes */
const attributes = {
  specversion: Type.Literal('1.0'),
  id: Type.String({ minLength: 1, maxLength: 512 }),
  source: Type.String({ minLength: 1 }),
  subject: Type.String({ minLength: 1 }),
  time: timeSchema,
  org: Type.String({ minLength: 1, maxLength: 64 }),
  digest: sha256Schema,
  deliveryid: Type.String({ minLength: 1 }),
  receivedtime: timeSchema,
  traceparent: Type.Optional(labelSchema),
};
/** An envelope with an event's data in it; the data itself is proven by the schema of its type. */
export const eventEnvelopeSchema = Type.Object({
  ...attributes,
  type: Type.Enum([...ANALYTICS_TYPES, ...CONVERSATION_TYPES, TRANSCRIPT_READY_TYPE]),
  datacontenttype: Type.Literal('application/json'),
  dataschema: Type.String(),
  /** Where the whole item is kept when its lists were cut. */
  dataref: Type.Optional(Type.String()),
  data: Type.Object({}),
});
/** A delivery too large for the queue: the processor fetches and splits it. */
export const storedDeliveryEnvelopeSchema = Type.Object({
  ...attributes,
  type: Type.Literal(STORED_DELIVERY_TYPE),
  dataref: Type.String({ pattern: '^s3://[^/]+/.+' }),
  datasha256: sha256Schema,
  datalength: Type.Integer({ minimum: 0 }),
  /** How many of its events are on the queue already: a large delivery is split in several turns. */
  splitoffset: Type.Optional(Type.Integer({ minimum: 0 })),
  /** The sender's signed delivery id (`webhook-id`), where its scheme has one. */
  signedid: Type.Optional(Type.String()),
});
/** What every envelope has; enough to say where an unknown type came from. */
export const envelopeHeadSchema = Type.Object({ ...attributes, type: Type.String({ minLength: 1 }) });

export type EnvelopeHead = Static<typeof envelopeHeadSchema>;
export type AnyEventEnvelope = Loose<Static<typeof eventEnvelopeSchema>>;
export type StoredDeliveryEnvelope = Loose<Static<typeof storedDeliveryEnvelopeSchema>>;
type DataEnvelope<T, D> = Omit<AnyEventEnvelope, 'type' | 'data'> & { readonly type: T; readonly data: D };
export type OutcomeEnvelope = DataEnvelope<AnalyticsType, AnalyticsOutcome>;
export type ConversationEnvelope = DataEnvelope<ConversationType, ConversationEvent>;
export type TranscriptReadyEnvelope = DataEnvelope<typeof TRANSCRIPT_READY_TYPE, TranscriptReadyEvent>;
export type EventEnvelope = OutcomeEnvelope | ConversationEnvelope | TranscriptReadyEnvelope;

/** The only shape that travels on `events.fifo`: CloudEvents 1.0 in JSON. */
export type Envelope = EventEnvelope | StoredDeliveryEnvelope;
