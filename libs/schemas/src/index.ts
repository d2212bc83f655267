export { ageFault } from './age-fault.ts';
export type { AnalyticsOutcome } from './analytics-outcome.ts';
export type { CircuitChanged, CircuitsDocument, SharedOpening } from './circuits.ts';
export { type MatchableViolation, ruleFinder } from './compliance-conditions.ts';
export type { ComplianceRouted, QaMessage, RoutedViolation } from './compliance-routed.ts';
export type { ComplianceRule, ComplianceRules } from './compliance-rules.ts';
export type { ConversationEvent, TranscriptReadyEvent } from './conversation-event.ts';
export type { AdaptedEvent, Validator } from './dialect.ts';
export {
  ANALYTICS_TYPES,
  type AnalyticsType,
  CONVERSATION_TYPES,
  DIALECTS,
  OUTCOME_RECORDED_TYPE,
  LONGEST_HELD_SECONDS,
  MAX_RECEIVE_COUNT,
  OUTCOME_TYPE,
  PARTNER_EVENT_UNIT,
  PLATFORM_API_UNIT,
  SEVERITIES,
  STORED_DELIVERY_TYPE,
  TRANSCRIPT_READY_TYPE,
  type Dialect,
  type Severity,
} from './constants.ts';
export type {
  ConversationEnvelope,
  Envelope,
  EventEnvelope,
  OutcomeEnvelope,
  StoredDeliveryEnvelope,
  TranscriptReadyEnvelope,
} from './envelope.ts';
export { envelopeBody } from './envelope-body.ts';
export { sendableText } from './sendable-text.ts';
export type { ConversationChanged, Fact, OutcomeFact, OutcomeRecorded, OutcomeRow } from './facts.ts';
export { orgOf, type SourceName } from './org-of.ts';
export { deliveryId, messageDeduplicationId, messageGroupId, sha256, transcriptEventId } from './identity.ts';
export { isOutcome } from './is-outcome.ts';
export { cutEvent, type EventOrigin, type MadeEvent, makeEvent } from './make-event.ts';
export { namesInMessage, type NamesInMessage } from './names-in-message.ts';
export { adaptPartnerEvent, type AdaptedPartnerEvent, readPartnerEvent } from './partner-event.ts';
export type { PartnerEvent } from './partner-event-schemas.ts';
export { PARTNER_TOPICS, TRANSCRIPTION_TOPIC } from './partner-topics.ts';
export { parseJson, type ParsedJson } from './parse-json.ts';
export type { Problem, ProblemError } from './problem.ts';
export { quarantinedDelivery, readQuarantinedDelivery } from './quarantined-delivery.ts';
export type { QuarantinedDelivery } from './quarantined-delivery-schema.ts';
export type {
  ClaimingConsumer,
  DiscardTask,
  ReplayTask,
  ReviewChanged,
  ReviewDecision,
  ReviewPointer,
  SetAsideTask,
  SetAsideTaskSelection,
} from './set-aside-task.ts';
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
export { default as validateCircuitChanged } from '../generated/circuit-changed.js';
export { default as validateCircuits } from '../generated/circuits.js';
export { default as validateComplianceRouted } from '../generated/compliance-routed.js';
export { default as validateConversationChanged } from '../generated/conversation-changed.js';
export { default as validateOutcomeRecorded } from '../generated/outcome-recorded.js';
export { default as validateOutcomeRow } from '../generated/outcome-row.js';
export { default as validateProblem } from '../generated/problem.js';
export { default as validateQaMessage } from '../generated/qa-message.js';
export { default as validateReviewChanged } from '../generated/review-changed.js';
export { default as validateSetAsideTask } from '../generated/set-aside-task.js';
export { default as validateSources } from '../generated/sources.js';
export { default as validateTranscriptFailed } from '../generated/transcript-failed.js';
export { default as validateTranscriptReady } from '../generated/transcript-ready.js';
export { default as validateTranscriptStored } from '../generated/transcript-stored.js';
export { missingTeams, readComplianceRules, type ReadComplianceRules } from './read-compliance-rules.ts';
export { outcomeNames, readOutcomeFact, type ReadOutcomeFact } from './read-outcome-fact.ts';
export { readTranscriptRequest, type ReadTranscriptRequest } from './read-transcript-request.ts';
export type { TranscriptContinuation, TranscriptRequest } from './transcript-request.ts';
export { readEnvelope, type ReadEnvelope } from './read-envelope.ts';
