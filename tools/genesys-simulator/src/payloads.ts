import type { Random } from './random.ts';

/** A payload before it is JSON. */
export type Payload = Readonly<Record<string, unknown>>;

const AGENTS = [
  '1509bb0a-9bf1-4331-8a11-8783593942a4',
  '2b6f0c52-0a41-4f7e-9a36-51f1f0a6c9d1',
  '77c0a1de-52b5-4f0e-8f5b-0b8e6b3fd0aa',
  'a3d1f4f7-9c1c-4d60-b7c5-3f7b2c2f6a10',
  'e0b7a9c4-6f53-4f5d-a2f1-9d5f8b7c1e22',
];
const QUEUES = [
  '142c8364-7806-4577-93e7-83e7eb04b39b',
  '6e704245-a4ff-41e3-a794-9b80dcb0b82e',
  'c1a1dbfd-f049-4dc0-9392-e4527ea2fb2b',
];
const INTENTS = [
  'billing_dispute',
  'cancel_contract',
  'address_change',
  'Kündigung',
  '解約',
  'préavis',
  'технічна_підтримка',
];
const KEYWORDS = ['supervisor', 'überweisen', 'lawyer', 'remboursement', 'キャンセル', 'naïve 😀', 'refund'];
/** The last three are labels that no score is known for. */
const SENTIMENTS = ['negative', 'neutral', 'positive', 'mixed', 'frustré', ''];
const VIOLATIONS = [
  { code: 'PCI_CARD_SPOKEN', category: 'payment', severity: 'critical', phrase: 'card number' },
  { code: 'DISCLOSURE_MISSING', category: 'disclosure', severity: 'major' },
  { code: 'IDENTITY_NOT_CHECKED', category: 'identity', severity: 'minor' },
  { code: 'GREETING_MISSING', category: 'script', severity: 'info' },
  { code: 'TON_UNHÖFLICH', category: 'tone', severity: 'erheblich' },
];

/** One analytics outcome of a conversation, with every field the dialect knows, some of them at times left out. */
export function outcome(
  random: Random,
  now: Date,
): Payload & { conversationId: string; communicationId?: string } {
  return {
    conversationId: random.uuid(),
    ...(random.chance(0.9) && { communicationId: random.uuid() }),
    agentId: random.pick(AGENTS),
    queueId: random.pick(QUEUES),
    mediaType: random.pick(['voice', 'voice', 'voice', 'chat', 'email', 'message']),
    direction: random.pick(['inbound', 'outbound']),
    timestamp: before(now, random.between(30, 7_200)),
    ...(random.chance(0.9) && { sentiment: sentiment(random) }),
    intents: some(random, INTENTS, 3).map((name) => ({ name, confidence: hundredths(random.next()) })),
    keywords: some(random, KEYWORDS, 3).map((phrase) => ({
      phrase,
      count: random.between(1, 5),
      participant: random.pick(['external', 'internal']),
    })),
    complianceViolations: random.chance(0.7)
      ? []
      : some(random, VIOLATIONS, 2).map((violation) => ({
          ...violation,
          offsetMs: random.between(0, 600_000),
        })),
    transcript: random.chance(0.6)
      ? { available: true, communicationId: random.uuid(), sizeBytes: random.between(10_000, 1_000_000) }
      : { available: false },
  };
}

function sentiment(random: Random): Payload {
  const overall = random.pick(SENTIMENTS);
  const score = hundredths(random.next() * 2 - 1);
  return random.chance(0.7) ? { overall, score, trend: hundredths(random.next() - 0.5) } : { overall };
}

/** The steps of one conversation in the order in which they happened, all of them before `now`. */
export function conversationSteps(random: Random, now: Date): readonly Payload[] {
  const conversation = {
    conversation_id: random.uuid(),
    type: random.pick(['voice', 'voice', 'chat', 'email']),
    external_contact: { id: `ext-${random.between(1_000, 9_999)}` },
  };
  const updates = random.between(0, 3);
  const strideSeconds = random.between(20, 90);
  const at = (step: number) => before(now, (updates + 2 - step) * strideSeconds);
  const participants = [{ purpose: 'agent', user_id: random.pick(AGENTS) }];
  return [
    {
      event_type: 'conversation:created',
      ...conversation,
      timestamp: at(0),
      state: 'alerting',
      direction: 'inbound',
    },
    ...Array.from({ length: updates }, (_update, index) => ({
      event_type: 'conversation:updated',
      ...conversation,
      timestamp: at(index + 1),
      state: random.pick(['connected', 'held', 'transferred']),
      participants,
    })),
    { event_type: 'conversation:ended', ...conversation, timestamp: at(updates + 1), state: 'disconnected' },
  ];
}

/** An event of a conversation that nothing is recorded of. */
export function unsupportedStep(random: Random, now: Date): Payload {
  return {
    event_type: random.pick(['conversation:recording.started', 'conversation:wrapup']),
    conversation_id: random.uuid(),
    type: 'voice',
    timestamp: before(now, random.between(1, 600)),
  };
}

/**
 * An outbound Open Messaging body. Genesys Cloud names no conversation in it; the relay that is played here adds
 * `conversationId` to most.
 *
 * @see https://developer.genesys.cloud/commdigital/digital/openmessaging/outboundMessages
 */
export function openMessage(random: Random, now: Date): Payload & { id: string; conversationId?: string } {
  const [id, integrationId] = [random.uuid(), random.uuid()];
  return {
    id,
    ...(random.chance(0.8) && { conversationId: random.uuid() }),
    channel: {
      id: integrationId,
      platform: 'Open',
      type: 'Private',
      messageId: id,
      to: { id: `messaging-user-${random.between(1, 99)}@example.org` },
      from: { nickname: 'Support', id: integrationId, idType: 'Opaque' },
      time: before(now, random.between(1, 600)),
    },
    direction: 'Outbound',
    ...random.pick([
      { type: 'Text', text: 'Grüße – we are looking into it 👍' },
      { type: 'Event', events: [{ eventType: 'Presence', presence: { type: 'Join' } }] },
      { type: 'Event', events: [{ eventType: 'Presence', presence: { type: 'Disconnect' } }] },
      { type: 'Event', events: [{ eventType: 'Typing', typing: { type: 'On', duration: 5_000 } }] },
    ]),
  };
}

/** A CloudEvent from a relay that speaks our own event types. */
export function cloudEvent(
  random: Random,
  now: Date,
): Payload & { id: string; type: string; data: ReturnType<typeof outcome> } {
  const data = outcome(random, now);
  const type = random.pick([
    'genesys.analytics.outcome',
    'genesys.conversation.started',
    'genesys.conversation.ended',
  ]);
  const { conversationId, timestamp, mediaType, direction } = data;
  return {
    specversion: '1.0',
    id: `ce-${random.uuid()}`,
    source: 'relay/genesys',
    type,
    subject: conversationId,
    time: timestamp,
    datacontenttype: 'application/json',
    data: type === 'genesys.analytics.outcome' ? data : { conversationId, timestamp, mediaType, direction },
  };
}

function before(now: Date, seconds: number): string {
  return new Date(now.getTime() - seconds * 1_000).toISOString();
}

function some<T>(random: Random, list: readonly T[], atMost: number): T[] {
  return random.shuffled(list).slice(0, random.between(0, atMost));
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
