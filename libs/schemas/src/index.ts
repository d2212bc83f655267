export type { AnalyticsOutcome } from './analytics-outcome.ts';
export type { ConversationEvent } from './conversation-event.ts';
export type { Validator } from './dialect.ts';
export {
  CONVERSATION_TYPES,
  DIALECTS,
  OUTCOME_TYPE,
  SEVERITIES,
  STORED_DELIVERY_TYPE,
  type Dialect,
  type Severity,
} from './constants.ts';
export type {
  ConversationEnvelope,
  Envelope,
  EventEnvelope,
  OutcomeEnvelope,
  StoredDeliveryEnvelope,
} from './envelope.ts';
export { envelopeBody } from './envelope-body.ts';
export type { ConversationChanged, Fact, OutcomeRecorded, OutcomeRow } from './facts.ts';
export { orgOf } from './org-of.ts';
export { deliveryId, messageDeduplicationId, messageGroupId, sha256 } from './identity.ts';
export { parseJson, type ParsedJson } from './parse-json.ts';
export type { Problem, ProblemError } from './problem.ts';
export { quarantinedDelivery, type QuarantinedDelivery } from './quarantined-delivery.ts';
export type { Source } from './source.ts';
export { sourceKeyOf } from './source-key-of.ts';
export {
  recognise,
  splitDelivery,
  type Split,
  type SplitContext,
  type SplitEvent,
} from './split-delivery.ts';
export { default as validateConversationChanged } from '../generated/conversation-changed.js';
export { default as validateOutcomeRecorded } from '../generated/outcome-recorded.js';
export { default as validateProblem } from '../generated/problem.js';
export { default as validateSources } from '../generated/sources.js';
export { readEnvelope, type ReadEnvelope } from './read-envelope.ts';
