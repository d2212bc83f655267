import type { SchemeName, SignatureScheme } from '@aftercall/signing';

/** The dialects that come by HTTP. */
export type Dialect = 'analytics-webhook' | 'conversation-webhook' | 'open-messaging' | 'cloudevents';

/** One configured way in, as its sender knows it. */
export interface TrafficSource {
  readonly key: string;
  readonly scheme: SchemeName | SignatureScheme;
  readonly url: string;
  readonly secret: string;
  /** Default: the key. */
  readonly org?: string;
  /** Default: all. */
  readonly dialects?: readonly Dialect[];
}

/** What a delivery is an example of. */
export type TrafficKind =
  | 'analytics'
  | 'analytics-without-id'
  | 'analytics-batch'
  | 'conversation'
  | 'conversation-reordered'
  | 'conversation-unsupported'
  | 'open-messaging'
  | 'cloudevents'
  | 'duplicate'
  | 'changed-metadata'
  | 'same-id-other-org'
  | 'forged'
  | 'not-json'
  | 'bad-item'
  | 'wrong-schema'
  | 'unknown-source';

/** How a delivery is signed: as its sender should, or as a forger or a broken relay would. */
export type Signature = 'genuine' | 'wrong-secret' | 'missing' | 'garbled' | 'of-another-body' | 'stale';

/** What must be true of a conversation in the end. */
export interface ConversationExpectation {
  readonly conversationId: string;
  /** Absent: the conversation is there, whatever its status. */
  readonly status?: 'active' | 'ended';
}

/** What must come of one delivery. */
export interface Expectation {
  readonly expect: 'accepted' | 'refused';
  readonly status: number;
  readonly org: string;
  /** Events with a declared id; each must have exactly one effect, however many deliveries name it. */
  readonly eventIds: readonly string[];
  /** Of events that declare no id, and of those that say a conversation began or ended. */
  readonly conversations: readonly ConversationExpectation[];
  /** Distinct good events in it, those without a declared id included. */
  readonly events: number;
  /** Items of it that go to quarantine while the others are accepted. */
  readonly refusedItems: number;
  readonly reason: string;
}

/** One delivery, ready to be signed and sent. */
export interface PlannedDelivery {
  /** Its place in the run, from 0. */
  readonly index: number;
  readonly kind: TrafficKind;
  readonly source: TrafficSource;
  readonly url: string;
  /** The sender's delivery id, the same on every attempt; only some schemes carry it. */
  readonly deliveryId: string;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly signature: Signature;
  readonly expectation: Expectation;
}
