import { describe, expect, test } from '@jest/globals';
import type { CloudEventV1 } from 'cloudevents';
import { fixture } from './fixture-deliveries.ts';
import { type EventEnvelope, type OutcomeEnvelope } from './envelope.ts';
import { deliveryId } from './identity.ts';
import { parseJson } from './parse-json.ts';
import { recognise, type Split, splitDelivery, type SplitContext } from './split-delivery.ts';
import type { Source } from './source.ts';

const main: Source = { key: 'main', scheme: 'genesys-webhook', secretName: 'aftercall/test/sources/main' };
const receivedTime = new Date('2026-11-20T14:05:01.310Z');
const context: SplitContext = {
  source: main,
  deliveryId: 'd1',
  receivedTime,
  signedId: undefined,
  traceparent: undefined,
  retentionSeconds: 70 * 86_400,
  objectRef: (key) => `s3://deliveries/${key}`,
};

function split(payload: unknown, changes: Partial<SplitContext> = {}): Split {
  const recognised = recognise(payload, changes.source ?? main);
  if (!recognised) throw new Error('not recognised');
  return splitDelivery(recognised, { ...context, ...changes });
}
function payloadOf(name: string): unknown {
  const parsed = parseJson(fixture(name));
  if (parsed.outcome !== 'parsed') throw new Error(parsed.message);
  return parsed.value;
}
const envelopesOf = (payload: unknown, changes?: Partial<SplitContext>): EventEnvelope[] =>
  split(payload, changes).events.map(({ envelope }) => envelope);
const only = <T>(list: readonly T[]): T => {
  expect(list).toHaveLength(1);
  return list[0]!;
};
const item = { conversationId: 'c1', timestamp: '2026-11-20T14:03:27.418Z' };

test('an analytics outcome becomes a CloudEvents object with every attribute of ours', () => {
  const envelope: CloudEventV1<unknown> = only(envelopesOf(payloadOf('analytics-webhook/single.json')));
  expect(envelope).toMatchObject({
    specversion: '1.0',
    id: 'evt-9a1e40b4-5815-4a99-99e2-d15364c7a500#47eaa099-2cb6-416d-86dc-283cf0480ff9/68b4aef7-3eaa-4e17-9d8a-4eace693ae2d',
    source: 'genesys/main',
    type: 'genesys.analytics.outcome',
    subject: '47eaa099-2cb6-416d-86dc-283cf0480ff9',
    time: '2026-11-20T14:03:27.418Z',
    org: 'main',
    deliveryid: 'd1',
    receivedtime: '2026-11-20T14:05:01.310Z',
  });
});

test('a retry with other delivery metadata is the same event with the same digest', () => {
  const first = only(envelopesOf(payloadOf('analytics-webhook/single.json')));
  const again = only(envelopesOf(payloadOf('analytics-webhook/retried-with-changed-metadata.json')));
  expect([again.id, again.digest]).toEqual([first.id, first.digest]);
});

test('a batch gives one event an item, each with an id of its own', () => {
  const { events, refused } = split(payloadOf('analytics-webhook/batch.json'));
  const payload = payloadOf('analytics-webhook/batch.json') as { data: unknown[] };
  expect(refused).toEqual([]);
  expect(new Set(events.map(({ envelope }) => envelope.id)).size).toBe(payload.data.length);
});

test('an event without a declared id is named by its content, whatever the grouping', () => {
  const single = only(envelopesOf({ data: item }));
  const inBatch = envelopesOf({ data: [{ ...item, conversationId: 'other' }, item] }).at(1);
  expect(single.id).toMatch(/^[0-9a-f]{64}#c1\/-$/);
  expect(inBatch?.id).toBe(single.id);
  expect(only(envelopesOf({ data: { ...item, agentId: 'a1' } })).id).not.toBe(single.id);
});

test('the order of keys in the body does not matter', () => {
  const ahead = only(envelopesOf({ data: { ...item, agentId: 'a1', queueId: 'q1' } }));
  const back = only(envelopesOf({ data: { queueId: 'q1', agentId: 'a1', ...item } }));
  expect(back.digest).toBe(ahead.digest);
});

test('the signed webhook-id names an event only where nothing else does', () => {
  const declared = only(envelopesOf({ webhookEventId: 'evt', data: item }, { signedId: 'msg' }));
  const signed = only(envelopesOf({ data: item }, { signedId: 'msg' }));
  expect([declared.id, signed.id]).toEqual(['evt#c1/-', 'msg#c1/-']);
});

test('a signed id too long for an event id names it by its hash', () => {
  const { id } = only(envelopesOf({ data: item }, { signedId: 'm'.repeat(480) }));
  expect(id).toMatch(/^[0-9a-f]{64}#c1\/-$/);
});

test('a hundred participants are taken, more are refused', () => {
  const created = payloadOf('conversation-webhook/created.json') as object;
  const participants = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ purpose: 'agent', user_id: `a${index}` }));
  expect(envelopesOf({ ...created, participants: participants(100) })).toHaveLength(1);
  expect(only(split({ ...created, participants: participants(101) }).refused)[0]?.pointer).toBe(
    '/participants',
  );
});

test('equal items of a delivery are one event; items that differ under one id are told apart by their digest', () => {
  const other = { ...item, agentId: 'a1' };
  expect(envelopesOf({ webhookEventId: 'evt', data: [item, item] })).toHaveLength(1);
  const apart = envelopesOf({ webhookEventId: 'evt', data: [item, other, item] });
  expect(apart.map(({ id, digest }) => id === `evt#c1/-~${digest.slice(0, 16)}`)).toEqual([true, true]);
  const turned = envelopesOf({ webhookEventId: 'evt', data: [other, item] });
  expect(new Set(turned.map(({ id }) => id))).toEqual(new Set(apart.map(({ id }) => id)));
});

test('one bad item among a hundred good ones is refused alone, with a pointer to the fault', () => {
  const data = Array.from({ length: 100 }, (_, index) => ({ ...item, conversationId: `c${index}` }));
  const bad = { ...item, timestamp: 'yesterday' };
  const { events, refused } = split({
    webhookEventId: 'evt',
    data: [...data.slice(0, 40), bad, ...data.slice(40)],
  });
  expect(events).toHaveLength(100);
  expect(only(refused)).toEqual([
    { pointer: '/data/40/timestamp', message: 'must match format "date-time"' },
  ]);
});

describe('an item is refused for', () => {
  const faults: [string, unknown, string][] = [
    ['an id of 10,000 characters', { ...item, conversationId: 'c'.repeat(10_000) }, '/data/conversationId'],
    ['a control character in an id', { ...item, conversationId: 'c\u0000' }, '/data/conversationId'],
    ['no time', { conversationId: 'c1' }, '/data'],
    ['a date that is none', { ...item, timestamp: '2026-02-30T00:00:00Z' }, '/data/timestamp'],
    [
      'a leap second that no clock of ours knows',
      { ...item, timestamp: '2026-06-30T23:59:60Z' },
      '/data/timestamp',
    ],
    ['a time the ledger has forgotten', { ...item, timestamp: '2026-09-01T00:00:00Z' }, '/data/timestamp'],
    ['a time in 2099', { ...item, timestamp: '2099-01-01T00:00:00Z' }, '/data/timestamp'],
    ['16 minutes ahead', { ...item, timestamp: '2026-11-20T14:21:02Z' }, '/data/timestamp'],
    [
      'a number that JSON cannot hold',
      JSON.parse(`{"conversationId":"c1","timestamp":"${item.timestamp}","sentiment":{"score":1e400}}`),
      '/data/sentiment/score',
    ],
    ['text where a list is due', { ...item, keywords: 'supervisor' }, '/data/keywords'],
    ['null', null, '/data'],
  ];
  test.each(faults)('%s', (_case, data, pointer) => {
    const { events, refused } = split({ data });
    expect(events).toEqual([]);
    expect(only(refused)[0]?.pointer).toBe(pointer);
  });

  test.each([[''], ['x'.repeat(129)], [7], [{ $ne: 1 }]])('the declared id %j', (webhookEventId) => {
    const { refused } = split({ webhookEventId, data: item });
    expect(only(refused)[0]?.pointer).toBe('/webhookEventId');
  });
});

test('14 minutes ahead is taken, and so is the last second the ledger remembers', () => {
  expect(envelopesOf({ data: { ...item, timestamp: '2026-11-20T14:19:00Z' } })).toHaveLength(1);
  const oldest = new Date(receivedTime.getTime() - context.retentionSeconds * 1000).toISOString();
  expect(envelopesOf({ data: { ...item, timestamp: oldest } })).toHaveLength(1);
});

test('a `__proto__` in the body neither pollutes nor travels', () => {
  const payload: unknown = JSON.parse(
    `{"data":{"__proto__":{"agentId":"evil"},"conversationId":"c1","timestamp":"${item.timestamp}"}}`,
  );
  const { data } = only(envelopesOf(payload)) as OutcomeEnvelope;
  expect(data.agentId).toBeUndefined();
  expect(JSON.stringify(data)).not.toContain('evil');
});

describe('conversation-webhook', () => {
  test.each([
    ['created.json', 'genesys.conversation.started'],
    ['updated.json', 'genesys.conversation.updated'],
    ['updated-transfer.json', 'genesys.conversation.updated'],
    ['ended.json', 'genesys.conversation.ended'],
  ])('%s becomes %s', (file, type) => {
    const envelope = only(envelopesOf(payloadOf(`conversation-webhook/${file}`)));
    expect(envelope).toMatchObject({ type, data: { mediaType: 'voice', externalContactId: 'ext-4471' } });
  });

  test('its agents are the participants with that purpose', () => {
    const envelope = only(envelopesOf(payloadOf('conversation-webhook/updated.json')));
    expect(envelope.data).toMatchObject({ agentIds: ['1509bb0a-9bf1-4331-8a11-8783593942a4'] });
  });

  test.each(['unsupported.json', 'updated-email.json'])('%s is counted and skipped', (file) => {
    expect(split(payloadOf(`conversation-webhook/${file}`))).toMatchObject({
      events: [],
      refused: [],
      skipped: 1,
    });
  });

  test('which media count is configuration', () => {
    const source = { ...main, mediaTypes: ['email'] };
    expect(envelopesOf(payloadOf('conversation-webhook/updated-email.json'), { source })).toHaveLength(1);
  });
});

describe('open-messaging', () => {
  const message = { id: 'om-1', channel: { time: item.timestamp }, type: 'Text', direction: 'Outbound' };

  test('a message of a named conversation updates it', () => {
    const envelope = only(envelopesOf({ ...message, conversationId: 'c1' }));
    expect(envelope).toMatchObject({
      id: 'om-1#c1/-',
      type: 'genesys.conversation.updated',
      data: { mediaType: 'message', direction: 'outbound' },
    });
  });

  test('a disconnect ends it', () => {
    const events = [{ eventType: 'Presence', presence: { type: 'Disconnect' } }];
    expect(only(envelopesOf({ ...message, type: 'Event', events, conversationId: 'c1' })).type).toBe(
      'genesys.conversation.ended',
    );
  });

  test.each([
    ['without a conversation', message],
    [
      'that only says somebody types',
      { ...message, conversationId: 'c1', type: 'Event', events: [{ eventType: 'Typing' }] },
    ],
  ])('one %s is counted and skipped', (_case, payload) => {
    expect(split(payload)).toMatchObject({ events: [], refused: [], skipped: 1 });
  });
});

describe('cloudevents', () => {
  const event = {
    specversion: '1.0',
    id: 'ce-1',
    source: 'someone/else',
    type: 'genesys.analytics.outcome',
    org: 'evil',
    data: item,
  };

  test('what ingest must set is set by ingest', () => {
    expect(only(envelopesOf(event))).toMatchObject({ id: 'ce-1#c1/-', source: 'genesys/main', org: 'main' });
  });

  test('`subject` and `time` stand in where the data is silent', () => {
    const { subject, time } = only(envelopesOf({ ...event, subject: 'c9', time: item.timestamp, data: {} }));
    expect([subject, time]).toEqual(['c9', item.timestamp]);
  });

  test('a list of them is a batch', () => {
    expect(envelopesOf([event, { ...event, id: 'ce-2' }])).toHaveLength(2);
  });

  test.each([
    'genesys.analytics.sentiment',
    'genesys.analytics.topics',
    'genesys.analytics.empathy',
    'genesys.analytics.categories',
    'genesys.conversation.ended',
    'genesys.transcript.ready',
  ])('%s is taken as it is', (type) => {
    expect(only(envelopesOf({ ...event, type }))).toMatchObject({ id: 'ce-1#c1/-', type, data: item });
  });

  test('what says that a transcript is ready says nothing else', () => {
    const data = { ...item, communicationId: 'k1', state: 'connected' };
    const envelope = only(envelopesOf({ ...event, type: 'genesys.transcript.ready', data }));
    expect(JSON.parse(JSON.stringify(envelope.data))).toEqual({ ...item, communicationId: 'k1' });
  });

  test('an unknown type is refused', () => {
    expect(only(split({ ...event, type: 'genesys.weather' }).refused)[0]?.pointer).toBe('/type');
  });
});

test.each([
  ['a number', 7],
  ['null', null],
  ['an empty object', {}],
  ['an empty list', []],
  ['a list of lists', [[]]],
])('%s is in no dialect', (_case, payload) => {
  expect(recognise(payload, main)).toBeUndefined();
});

test('a source may be narrowed to the dialects it speaks', () => {
  const source: Source = { ...main, dialects: ['cloudevents'] };
  expect(recognise(payloadOf('analytics-webhook/single.json'), source)).toBeUndefined();
});

test('an outcome above 200 KB is cut, says so, and points to where the whole of it is kept', () => {
  const keywords = Array.from({ length: 20_000 }, (_, index) => ({
    phrase: `phrase number ${index}`,
    count: 1,
  }));
  const complianceViolations = [{ code: 'PCI_CARD_SPOKEN', severity: 'critical' }];
  const event = only(split({ data: { ...item, keywords, complianceViolations } }).events);
  const { data, dataref, digest } = event.envelope as OutcomeEnvelope;
  expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThanOrEqual(200 * 1024);
  expect(data).toMatchObject({ truncated: true, complianceViolations });
  expect(data.keywords?.length).toBeGreaterThan(0);
  expect(dataref).toBe(`s3://deliveries/items/${digest}.json`);
  expect(JSON.parse(event.whole?.text ?? '')).toMatchObject({ keywords });
});

test('deliveries are named by source and bytes', () => {
  const body = fixture('analytics-webhook/single.json');
  expect(deliveryId('main', body)).toBe(deliveryId('main', Buffer.from(body)));
  expect(deliveryId('relay', body)).not.toBe(deliveryId('main', body));
});
