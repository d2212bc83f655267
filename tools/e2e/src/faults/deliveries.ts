import type { PlannedDelivery, TrafficSource } from '@aftercall/genesys-simulator';
import { SOURCE_SECRET } from './virtual-services.ts';

/** The ways in of the stage that is played. */
export const SOURCES = {
  main: {
    key: 'main',
    scheme: 'genesys-webhook',
    url: 'https://stage.invalid/webhooks/main',
    secret: SOURCE_SECRET,
  },
  messaging: {
    key: 'messaging',
    scheme: 'open-messaging',
    url: 'https://stage.invalid/webhooks/messaging',
    secret: SOURCE_SECRET,
  },
  relay: {
    key: 'relay',
    scheme: 'standard-webhooks',
    url: 'https://stage.invalid/webhooks/relay',
    secret: SOURCE_SECRET,
  },
} as const satisfies Readonly<Record<string, TrafficSource>>;

/** A delivery that must be accepted. */
export function delivery(index: number, payload: object): PlannedDelivery {
  return {
    index,
    kind: 'analytics',
    source: SOURCES.main,
    url: SOURCES.main.url,
    deliveryId: `delivery-${index}`,
    contentType: 'application/json',
    body: Buffer.from(JSON.stringify(payload)),
    signature: 'genuine',
    expectation: {
      ...{ expect: 'accepted', status: 200, org: 'main', eventIds: [], conversations: [] },
      ...{ events: 1, refusedItems: 0, reason: 'fault suite' },
    },
  };
}

/** A delivery that somebody sends who has not the secret. */
export function forgedDelivery(index: number, payload: object): PlannedDelivery {
  const genuine = delivery(index, payload);
  const expectation = { ...genuine.expectation, expect: 'refused', status: 401, events: 0 } as const;
  return { ...genuine, kind: 'forged', signature: 'wrong-secret', expectation };
}

/** What an outcome may say besides. */
export interface OutcomeExtras {
  readonly violations?: number;
  readonly transcript?: boolean;
  /** Which conversation; outcomes of one conversation are one group. */
  readonly conversation?: number;
}

const VIOLATIONS = [
  { code: 'PCI_CARD_SPOKEN', category: 'payment', severity: 'critical', offsetMs: 1_000 },
  { code: 'DISCLOSURE_MISSING', category: 'disclosure', severity: 'major', offsetMs: 2_000 },
];

/** The nth outcome. */
export function outcome(
  n: number,
  { violations = 0, transcript = false, conversation = n }: OutcomeExtras = {},
) {
  return {
    conversationId: uuid('c', conversation),
    communicationId: uuid('d', n),
    mediaType: 'voice',
    direction: 'inbound',
    agentId: uuid('a', n % 3),
    timestamp: new Date(Date.parse('2026-11-20T13:20:00.000Z') + n * 1_000).toISOString(),
    sentiment: { overall: 'negative', score: -0.5 },
    complianceViolations: VIOLATIONS.slice(0, violations),
    transcript: transcript ? { available: true, communicationId: uuid('d', n) } : { available: false },
  };
}

/** A delivery of the mission's analytics dialect. */
export const analytics = (n: number, data: object): object => ({ webhookEventId: `evt-${n}`, data });

/** One step of a conversation's life. */
export const conversationStep = (
  conversation: number,
  step: number,
  name: 'created' | 'updated' | 'ended',
) => ({
  event_type: `conversation:${name}`,
  conversation_id: uuid('c', conversation),
  type: 'voice',
  timestamp: new Date(Date.parse('2026-11-20T13:00:00.000Z') + step * 60_000).toISOString(),
  state: name === 'ended' ? 'disconnected' : 'connected',
});

const uuid = (kind: string, n: number): string =>
  `${kind.repeat(8)}-0000-4000-8000-${String(n).padStart(12, '0')}`;
