export { createTraffic } from './create-traffic.ts';
export type { TrafficOptions } from './create-traffic.ts';
export type {
  ConversationExpectation,
  Dialect,
  Expectation,
  PlannedDelivery,
  Signature,
  TrafficKind,
  TrafficSource,
} from './planned-delivery.ts';
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
export { totalExpectations } from './total-expectations.ts';
export type { TotalExpectations } from './total-expectations.ts';
export { DEFAULT_MIX, GENUINE_MIX } from './traffic-mix.ts';
export type { TrafficMix } from './traffic-mix.ts';
