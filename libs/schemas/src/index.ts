export type { AnalyticsOutcome } from './analytics-outcome.ts';
export { type MatchableViolation, ruleFinder } from './compliance-conditions.ts';
export type { ComplianceRouted, QaMessage, RoutedViolation } from './compliance-routed.ts';
export type { ComplianceRule, ComplianceRules } from './compliance-rules.ts';
export type { ConversationEvent } from './conversation-event.ts';
export type { Validator } from './dialect.ts';
export {
  CONVERSATION_TYPES,
  DIALECTS,
  OUTCOME_RECORDED_TYPE,
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
export { sendableText } from './sendable-text.ts';
export type { ConversationChanged, Fact, OutcomeFact, OutcomeRecorded, OutcomeRow } from './facts.ts';
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
export type { TranscriptFailed, TranscriptReady, TranscriptStored } from './transcript-facts.ts';
export { default as validateComplianceRouted } from '../generated/compliance-routed.js';
export { default as validateConversationChanged } from '../generated/conversation-changed.js';
export { default as validateOutcomeRecorded } from '../generated/outcome-recorded.js';
export { default as validateOutcomeRow } from '../generated/outcome-row.js';
export { default as validateProblem } from '../generated/problem.js';
export { default as validateQaMessage } from '../generated/qa-message.js';
export { default as validateSources } from '../generated/sources.js';
export { default as validateTranscriptFailed } from '../generated/transcript-failed.js';
export { default as validateTranscriptReady } from '../generated/transcript-ready.js';
export { default as validateTranscriptStored } from '../generated/transcript-stored.js';
export { missingTeams, readComplianceRules, type ReadComplianceRules } from './read-compliance-rules.ts';
export { readOutcomeFact, type ReadOutcomeFact } from './read-outcome-fact.ts';
export { readEnvelope, type ReadEnvelope } from './read-envelope.ts';
