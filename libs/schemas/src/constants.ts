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
export const STORED_DELIVERY_TYPE = 'aftercall.delivery.stored';
/** The type of the fact that holds a row of the lake. */
export const OUTCOME_RECORDED_TYPE = 'aftercall.outcome.recorded';

/** The worst first. */
export const SEVERITIES = ['critical', 'major', 'minor', 'info', 'unknown'] as const;
export type Severity = (typeof SEVERITIES)[number];
