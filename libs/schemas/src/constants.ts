// Apart from the schemas, so that a bundle can have these without the schema builder.

export const DIALECTS = [
  'analytics-webhook',
  'conversation-webhook',
  'open-messaging',
  'cloudevents',
] as const;
export type Dialect = (typeof DIALECTS)[number];

export const CONVERSATION_TYPES = [
  'genesys.conversation.started',
  'genesys.conversation.updated',
  'genesys.conversation.ended',
] as const;
export type ConversationType = (typeof CONVERSATION_TYPES)[number];
export const OUTCOME_TYPE = 'genesys.analytics.outcome';
/** A whole outcome, and the parts in which one may arrive; each is an outcome row of its own. */
export const ANALYTICS_TYPES = [
  OUTCOME_TYPE,
  'genesys.analytics.sentiment',
  'genesys.analytics.topics',
  'genesys.analytics.empathy',
  'genesys.analytics.categories',
] as const;
export type AnalyticsType = (typeof ANALYTICS_TYPES)[number];
/** Genesys Cloud says that a conversation has a transcript. */
export const TRANSCRIPT_READY_TYPE = 'genesys.transcript.ready';
export const STORED_DELIVERY_TYPE = 'aftercall.delivery.stored';
/** The type of the fact that holds a row of the lake. */
export const OUTCOME_RECORDED_TYPE = 'aftercall.outcome.recorded';

/** The unit of sentiment in answers of the Platform API; what it is worth is configuration. */
export const PLATFORM_API_UNIT = 'genesys-api';
/** The unit of sentiment in partner events, which Genesys Cloud does not document; what it is worth is configuration. */
export const PARTNER_EVENT_UNIT = 'genesys-event';

/** Functions count and give up by themselves; after so many receives SQS gives a message up. It allows no more. */
export const MAX_RECEIVE_COUNT = 1_000;
/** For how long a stage may hold messages behind an open circuit: queues keep them for four days. */
export const LONGEST_HELD_SECONDS = 3 * 86_400;

/** The worst first. */
export const SEVERITIES = ['critical', 'major', 'minor', 'info', 'unknown'] as const;
export type Severity = (typeof SEVERITIES)[number];
