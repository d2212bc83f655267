import { schemeOf, signDelivery } from '@aftercall/signing';

/** The size of a usual delivery: one outcome with its intents, keywords and violations. */
export const BODY_BYTES = 2_000;
export const SECRET = 'correct-horse-battery-staple-0123';
/** Makes about 2 KB of an outcome. */
const PADDING = 'x'.repeat(440);

/** A request as an HTTP API hands it to Lambda; its time is set when it is handled, because it has 2.5 s. */
export interface SignedEvent {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly requestContext: { timeEpoch: number };
}

/** One signed outcome of 2,000 bytes for source `main`, in payload format 2.0. */
export const signedEvent = (index: number, now: Date): SignedEvent =>
  httpEvent(outcomeBody(index, now), index, { now, secret: SECRET });

/** A body as an HTTP API hands it to Lambda, in payload format 2.0, signed for source `main`. */
export function httpEvent(
  body: string,
  index: number,
  { now, secret }: { readonly now: Date; readonly secret: string },
): SignedEvent {
  const event = {
    version: '2.0',
    routeKey: 'POST /webhooks/{source}',
    rawPath: '/webhooks/main',
    rawQueryString: '',
    headers: {
      accept: '*/*',
      'content-length': String(Buffer.byteLength(body)),
      host: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      'user-agent': 'Genesys-Webhooks/1.0',
      'x-amzn-trace-id': 'Root=1-6920c0de-0123456789abcdef01234567',
      'x-forwarded-for': '203.0.113.7',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...signedHeaders(body, secret),
    },
    pathParameters: { source: 'main' },
    requestContext: {
      accountId: '000000000000',
      apiId: 'a1b2c3d4e5',
      domainName: 'a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com',
      http: { method: 'POST', path: '/webhooks/main', protocol: 'HTTP/1.1', sourceIp: '203.0.113.7' },
      requestId: `request-${index}`,
      stage: '$default',
      timeEpoch: now.getTime(),
    },
    body,
    isBase64Encoded: false,
  };
  return event;
}

/** What a sender adds to a body, the signature under either of the names that the mission's documents have. */
export function signedHeaders(body: string, secret: string): Readonly<Record<string, string>> {
  const now = new Date();
  const signed = signDelivery(Buffer.from(body), schemeOf('genesys-webhook'), secret, { id: 'msg', now });
  const [signature = ''] = Object.values(signed);
  return { 'content-type': 'application/json', ...signed, 'x-genesys-signature': signature };
}

/** So many outcomes of 2 KB in one delivery. */
export const batchBody = (index: number, now: Date, outcomes: number): string =>
  JSON.stringify({
    ...outcome(index, now, ''),
    data: Array.from({ length: outcomes }, (_, item) => outcome(index * 10_000 + item, now, PADDING).data),
  });

/** These outcomes of 2 KB in one delivery. @throws RangeError without any */
export function batchOf(indexes: readonly number[], now: Date): string {
  const bodies = indexes.map((index) => JSON.parse(outcomeBody(index, now)) as { readonly data: object });
  const [first] = bodies;
  if (!first) throw new RangeError('a delivery holds at least one outcome');
  return JSON.stringify({ ...first, data: bodies.map(({ data }) => data) });
}

/** The other document's dialect, of the same size. */
export function conversationBody(index: number, now: Date): string {
  const event = {
    event_type: 'conversation:created',
    conversation_id: uuid('47eaa099', index),
    type: 'voice',
    state: 'active',
    timestamp: now.toISOString(),
    external_contact: { id: uuid('1509bb0a', index) },
    note: '',
  };
  const padding = BODY_BYTES - Buffer.byteLength(JSON.stringify(event));
  return JSON.stringify({ ...event, note: 'x'.repeat(padding) });
}

/** Text of a delivery, minified as senders send it, padded to size with its last keyword. */
export function outcomeBody(index: number, now: Date): string {
  const unpadded = JSON.stringify(outcome(index, now, ''));
  const padding = BODY_BYTES - Buffer.byteLength(unpadded);
  return JSON.stringify(outcome(index, now, 'x'.repeat(padding)));
}

const uuid = (prefix: string, index: number): string =>
  `${prefix}-2cb6-416d-86dc-${index.toString(16).padStart(12, '0')}`;

/** Which conversation an outcome of that number is of. */
export const conversationIdOf = (index: number): string => uuid('47eaa099', index);

const keyword = (phrase: string, count: number, participant: string) => ({ phrase, count, participant });

const outcome = (index: number, now: Date, padding: string) => ({
  webhookEventId: `evt-${uuid('9a1e40b4', index)}`,
  topic: 'post-call-analytics',
  timestamp: now.toISOString(),
  data: {
    conversationId: conversationIdOf(index),
    communicationId: uuid('68b4aef7', index),
    agentId: uuid('1509bb0a', index),
    queueId: uuid('142c8364', index),
    mediaType: 'voice',
    direction: 'inbound',
    timestamp: now.toISOString(),
    sentiment: { overall: 'negative', score: -0.62, trend: 0.18 },
    empathyScore: 71.5,
    intents: [
      { name: 'billing_dispute', confidence: 0.61 },
      { name: 'cancel_contract', confidence: 0.83 },
    ],
    topics: ['billing', 'contract', 'retention'],
    categories: ['complaint'],
    complianceViolations: [
      {
        code: 'PCI_CARD_SPOKEN',
        category: 'payment',
        severity: 'critical',
        offsetMs: 184_250,
        phrase: 'card number',
      },
      { code: 'DISCLOSURE_MISSING', category: 'disclosure', severity: 'major', offsetMs: 0 },
    ],
    transcript: { available: true, communicationId: uuid('f5ec52ed', index), sizeBytes: 913_204 },
    keywords: [
      keyword('supervisor', 2, 'external'),
      keyword('überweisen', 1, 'internal'),
      keyword('cancel my contract', 1, 'external'),
      keyword('direct debit', 3, 'external'),
      keyword('second reminder', 1, 'internal'),
      keyword('goodwill credit', 2, 'internal'),
      keyword(`last month's invoice ${padding}`, 1, 'external'),
    ],
  },
});
