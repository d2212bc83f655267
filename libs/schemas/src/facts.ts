import Type, { type Static } from 'typebox';
import type { CircuitChanged } from './circuits.ts';
import type { ReviewChanged } from './set-aside-task.ts';
import type { ComplianceRouted } from './compliance-routed.ts';
import { OUTCOME_RECORDED_TYPE, SEVERITIES } from './constants.ts';
import { timeSchema } from './text.ts';
import type { TranscriptFailed, TranscriptReady, TranscriptStored } from './transcript-facts.ts';

const nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);
const text = nullable(Type.String());
const number = nullable(Type.Number());
/** −1 … 1 */
const unitScore = nullable(Type.Number({ minimum: -1, maximum: 1 }));
const texts = Type.Array(Type.String());

const severitySchema = Type.Enum([...SEVERITIES]);
/** The lake keeps it in 32 bits. */
const countSchema = Type.Integer({ minimum: 0, maximum: 2 ** 31 - 1 });

/** One row of the lake: an outcome, normalised. */
export const outcomeRowSchema = Type.Object({
  event_id: Type.String({ minLength: 1 }),
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
  sentiment_score: unitScore,
  sentiment_trend: unitScore,
  sentiment_raw: number,
  sentiment_unit: text,
  empathy_score: number,
  top_intent: text,
  top_intent_confidence: number,
  intents: texts,
  keywords: texts,
  topics: texts,
  categories: texts,
  violation_count: countSchema,
  violations: texts,
  max_severity: nullable(severitySchema),
  has_transcript: Type.Boolean(),
  truncated: Type.Boolean(),
  schema_version: countSchema,
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
  readonly type:
    | 'aftercall.conversation.changed'
    | 'aftercall.outcome.recorded'
    | 'aftercall.compliance.routed'
    | 'aftercall.transcript.ready'
    | 'aftercall.transcript.stored'
    | 'aftercall.transcript.failed'
    | 'aftercall.circuit.opened'
    | 'aftercall.circuit.closed'
    | 'aftercall.review.requested'
    | 'aftercall.review.escalated';
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly org: string;
  readonly traceparent?: string | undefined;
  readonly data:
    | ConversationChanged
    | OutcomeRecorded
    | ComplianceRouted
    | TranscriptReady
    | TranscriptStored
    | TranscriptFailed
    | CircuitChanged
    | ReviewChanged;
}

/** The fact that lake, compliance and CRM live on. */
export interface OutcomeFact extends Fact {
  readonly type: typeof OUTCOME_RECORDED_TYPE;
  readonly data: OutcomeRecorded;
}

/** What every body of a queue behind the bus has; enough to say whether it is for us. */
export const busEventHeadSchema = Type.Object({
  'detail-type': Type.String(),
  detail: Type.Object({ type: Type.String() }),
});
export type BusEventHead = Static<typeof busEventHeadSchema>;

/** @see https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export const outcomeFactEventSchema = Type.Object({
  detail: Type.Object({
    specversion: Type.Literal('1.0'),
    id: Type.String({ minLength: 1 }),
    source: Type.Literal('aftercall'),
    type: Type.Literal(OUTCOME_RECORDED_TYPE),
    subject: Type.String({ minLength: 1 }),
    time: timeSchema,
    datacontenttype: Type.Literal('application/json'),
    org: Type.String({ minLength: 1 }),
    traceparent: Type.Optional(Type.String()),
    data: outcomeRecordedSchema,
  }),
});
/** An EventBridge event with an outcome fact in it; the envelope's other members say nothing we need. */
export interface OutcomeFactEvent {
  readonly detail: OutcomeFact;
}
