import Type, { type Static } from 'typebox';
import { SEVERITIES } from './constants.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const text = nullable(Type.String());
const number = nullable(Type.Number());
const texts = Type.Array(Type.String());

const severitySchema = Type.Enum([...SEVERITIES]);

/** One row of the lake: an outcome, normalised. */
export const outcomeRowSchema = Type.Object({
  event_id: Type.String(),
  event_type: Type.String(),
  org: Type.String(),
  source: Type.String(),
  conversation_id: Type.String(),
  communication_id: text,
  agent_id: text,
  queue_id: text,
  media_type: text,
  direction: text,
  occurred_at: Type.String({ format: 'date-time' }),
  received_at: Type.String({ format: 'date-time' }),
  sentiment_label: text,
  /** −1 … 1 */
  sentiment_score: number,
  sentiment_trend: number,
  sentiment_raw: number,
  sentiment_unit: text,
  empathy_score: number,
  top_intent: text,
  top_intent_confidence: number,
  intents: texts,
  keywords: texts,
  topics: texts,
  categories: texts,
  violation_count: Type.Integer({ minimum: 0 }),
  violations: texts,
  max_severity: nullable(severitySchema),
  has_transcript: Type.Boolean(),
  truncated: Type.Boolean(),
  schema_version: Type.Integer(),
});
export type OutcomeRow = Static<typeof outcomeRowSchema>;

/** `aftercall.outcome.recorded`: the row, and what only compliance and transcripts need. */
export const outcomeRecordedSchema = Type.Object({
  ...outcomeRowSchema.properties,
  violation_details: Type.Array(
    Type.Object({ code: text, category: text, severity: severitySchema, offset_ms: number }),
  ),
  transcript_communication_id: text,
});
export type OutcomeRecorded = Static<typeof outcomeRecordedSchema>;

/** `aftercall.conversation.changed`: the conversation item's public fields. */
export const conversationChangedSchema = Type.Object({
  conversationId: Type.String(),
  org: Type.String(),
  source: Type.String(),
  status: Type.Union([Type.Literal('active'), Type.Literal('ended')]),
  state: Type.Optional(Type.String()),
  mediaType: Type.Optional(Type.String()),
  direction: Type.Optional(Type.String()),
  externalContactId: Type.Optional(Type.String()),
  agentIds: Type.Array(Type.String(), { maxItems: 100 }),
  startedAt: Type.Optional(Type.String()),
  updatedAt: Type.String(),
  endedAt: Type.Optional(Type.String()),
  sentimentScore: Type.Optional(number),
  violationCount: Type.Integer({ minimum: 0 }),
  transcripts: texts,
  lastEventId: Type.String(),
  /** Something newer was already known when this event arrived. */
  late: Type.Boolean(),
});
export type ConversationChanged = Static<typeof conversationChangedSchema>;

/** A fact on the bus `aftercall`: a CloudEvents object whose `id` repeats when the work is repeated. */
export interface Fact {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: 'aftercall';
  readonly type: 'aftercall.conversation.changed' | 'aftercall.outcome.recorded';
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly org: string;
  readonly traceparent?: string | undefined;
  readonly data: ConversationChanged | OutcomeRecorded;
}
