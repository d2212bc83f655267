export { createTraffic } from './create-traffic.ts';
export type { TrafficOptions } from './create-traffic.ts';
export type { CrmBehaviour } from './crm-behaviour.ts';
export type { CrmDelivery, CrmRequest } from './crm-deliveries.ts';
export { crmEndpointAt } from './crm-endpoint-at.ts';
export type { RemoteCrmEndpoint } from './crm-endpoint-at.ts';
export type {
  ConversationExpectation,
  Dialect,
  Expectation,
  PlannedDelivery,
  Signature,
  TrafficKind,
  TrafficSource,
} from './planned-delivery.ts';
export { seededRandom } from './random.ts';
export type { Random } from './random.ts';
export {
  FAST_RETRY_POLICY,
  isRetried,
  OPEN_MESSAGING_RETRY_POLICY,
  WEBHOOK_RETRY_POLICY,
} from './retry-policy.ts';
export type { RetryPolicy } from './retry-policy.ts';
export { sendTraffic } from './send-traffic.ts';
export type { Answer, Attempt, Rotation, SendOptions, SendSummary } from './send-traffic.ts';
export { signedHeaders } from './sign-planned.ts';
export { startCrmEndpoint } from './start-crm-endpoint.ts';
export type { CrmEndpoint, CrmEndpointOptions } from './start-crm-endpoint.ts';
export { totalExpectations } from './total-expectations.ts';
export type { TotalExpectations } from './total-expectations.ts';
export { DEFAULT_MIX, GENUINE_MIX } from './traffic-mix.ts';
export type { TrafficMix } from './traffic-mix.ts';
export { createPlatform } from './platform-api/platform.ts';
export type { Platform, PlatformControls, RecordedRequest } from './platform-api/platform.ts';
export type { BrokenAnswer, Fault, FaultRule } from './platform-api/faults.ts';
export { platformApiAt } from './platform-api/platform-control.ts';
export type { RemotePlatformControls } from './platform-api/platform-control.ts';
export type { ApiAnswer, ApiRequest } from './platform-api/platform-messages.ts';
export { ORGANIZATION_ID, TEST_CLIENT } from './platform-api/platform-options.ts';
export type {
  ConversationInput,
  ConversationPeriod,
  JobBehaviour,
  PlatformClient,
  PlatformOptions,
  TranscriptBehaviour,
  TranscriptFault,
} from './platform-api/platform-options.ts';
export { startPlatformApi } from './platform-api/start-platform-api.ts';
export type { PlatformApi } from './platform-api/start-platform-api.ts';
export { SENSITIVE_WORDS, transcriptJson } from './platform-api/transcript-json.ts';
export type { TranscriptSubject } from './platform-api/transcript-json.ts';
export { sendSteadily } from './send-steadily.ts';
export type { Statuses, SteadyLoad, SteadyResult } from './send-steadily.ts';
