import { describe, expect, test } from '@jest/globals';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import {
  memoryFifoQueue,
  type PermanentError,
  type QueueMessage,
  sendAll,
  type SendBatch,
} from '@aftercall/queue';
import { type EventEnvelope, readEnvelope } from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import type { SQSRecord } from 'aws-lambda';
import { createCategoryNames } from './category-names.ts';
import { createHandler } from './handler.ts';
import { eventNames } from './read-event.ts';
import {
  BLUEPRINT,
  CATEGORIES,
  DETAIL,
  GENESYS,
  partnerEvent,
  RECORDED,
  recorded,
  SENTIMENT,
} from './sample-events.ts';

const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };
const outage = (): Error => Object.assign(new Error('busy'), { name: 'ThrottlingException' });

/** The function with its queues and Genesys Cloud in memory, its clock in the test's hand. */
function memoryPartnerIngest() {
  const clock = { now: new Date('2026-11-20T14:05:10.000Z') };
  const now = () => clock.now;
  const events = memoryFifoQueue({ now, visibilitySeconds: 60 });
  const dead: { message: QueueMessage; error: PermanentError }[] = [];
  const hidden: number[] = [];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const names = new Map([
    ['305a34ba-d517-44d0-bbbd-ae4687b112e8', 'Payment'],
    ['cat-1', 'Payment'],
    ['cat-2', 'Conduct'],
  ]);
  const faults = {
    keyring: async () => keyring,
    send: async (...call: Parameters<SendBatch>) => events.sendBatch(...call),
    lookUp: async (_org: string, _ids: readonly string[]): Promise<ReadonlyMap<string, string>> => names,
  };
  const circuits = memoryConsumerCircuits(now);
  const handler = createHandler({
    circuits,
    sources: new Map([
      [GENESYS, { key: 'genesys', org: 'main' }],
      [BLUEPRINT, { key: 'blueprint' }],
    ]),
    retentionSeconds: 10 * 366 * 86_400,
    traceparent: () => `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
    keyring: () => faults.keyring(),
    send: (entries, signal) =>
      sendAll(entries, {
        sendBatch: (...call) => faults.send(...call),
        signal,
        attempts: 2,
        concurrency: 8,
        pauseMillis: () => 0,
      }),
    categoryNames: createCategoryNames({
      orgs: new Set(['main']),
      lookUp: (org, ids) => faults.lookUp(org, ids),
      now,
    }),
    changeVisibility: async (_handle, seconds) => void hidden.push(seconds),
    deadLetter: async (message, error) => void dead.push({ message, error }),
    backoff: { baseSeconds: 4, maxSeconds: 60 },
    log: createLogger({ function: 'partner-ingest', destination: { write } }),
    metrics: createMetrics({ function: 'partner-ingest', write, now }),
    random: () => 0.99,
    now,
  });
  let received = 0;
  const record = (body: string): SQSRecord => ({
    messageId: `m${(received += 1)}`,
    receiptHandle: `h${received}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(clock.now.getTime() - 1_000),
      SenderId: 'events',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:aftercall-test-partner-inbox',
    awsRegion: 'eu-west-1',
  });
  /** One batch; answers which of its messages go back, by their place in it. */
  async function handle(...bodies: readonly string[]): Promise<readonly number[]> {
    const Records = bodies.map(record);
    const { batchItemFailures } = await handler({ Records }, { getRemainingTimeInMillis: () => 10_000 });
    return batchItemFailures.map(({ itemIdentifier }) =>
      Records.findIndex(({ messageId }) => messageId === itemIdentifier),
    );
  }
  /** What the processor would read, in the order in which it lies on the queue. */
  const sent = (): readonly EventEnvelope[] =>
    events.messages().map(({ body, attributes }) => {
      expect(checkSeal(body, attributes['seal'], keyring, now())).toBe('valid');
      const read = readEnvelope(body);
      if (read.outcome !== 'event') throw new Error(read.outcome);
      return read.envelope;
    });
  const metric = (name: string) =>
    lines
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((line) => '_aws' in line && name in line);
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  return { circuits, handle, sent, events, dead, hidden, lines, metric, names, faults, later };
}

const detail = (name: string, body: object, id: string) => partnerEvent(`${DETAIL}.${name}`, body, { id });

describe('a recorded event', () => {
  test('of every kind goes through, sealed, in its conversation’s group', async () => {
    const { handle, sent, events, dead } = memoryPartnerIngest();
    expect(await handle(...RECORDED.map(recorded))).toEqual([]);
    expect(dead).toEqual([]);
    expect(sent().map(({ type, org }) => `${org} ${type}`)).toEqual(
      expect.arrayContaining([
        'blueprint genesys.conversation.started',
        'blueprint genesys.conversation.ended',
        'main genesys.conversation.ended',
        'main genesys.analytics.sentiment',
        'main genesys.analytics.topics',
        'main genesys.analytics.categories',
        'main genesys.transcript.ready',
      ]),
    );
    expect(sent()).toHaveLength(RECORDED.length);
    expect(new Set(events.messages().map(({ groupId }) => groupId))).toEqual(
      new Set([
        'main/47eaa099-2cb6-416d-86dc-283cf0480ff9',
        'blueprint/2f7bf00a-0fc2-4d6a-9b56-92238191433e',
      ]),
    );
  });

  test('again is the same event to SQS and to the ledger, and was received when it came', async () => {
    const { handle, sent, events, later } = memoryPartnerIngest();
    await handle(recorded('customer-end'));
    const [first] = sent();
    later(60);
    await handle(recorded('customer-end'));
    expect(events.messages()).toHaveLength(1);
    later(400);
    await handle(recorded('customer-end'));
    expect(sent().map(({ id, digest }) => [id, digest])).toEqual([
      [first?.id, first?.digest],
      [first?.id, first?.digest],
    ]);
    expect(first).toMatchObject({
      id: 'f3d6415b-395a-4e27-8bc6-6fa8cc3b99ef#47eaa099-2cb6-416d-86dc-283cf0480ff9/-',
      source: 'genesys/genesys',
      deliveryid: 'f3d6415b-395a-4e27-8bc6-6fa8cc3b99ef',
      receivedtime: '2026-11-20T14:05:09.000Z',
    });
  });
});

test('the events of a conversation are sent in the order received, whatever waits for names', async () => {
  const { handle, sent } = memoryPartnerIngest();
  const conversations = ['c1', 'c2', 'c3'];
  const bodies = ['acd.start', 'user.start', 'user.end', 'customer.end'].flatMap((name) => [
    ...conversations.map((conversationId) => detail(name, { conversationId }, `${name}-${conversationId}`)),
    partnerEvent(CATEGORIES, { conversationId: 'c2', categoryIds: ['cat-1'] }, { id: `after-${name}` }),
  ]);
  expect(await handle(...bodies)).toEqual([]);
  const idsOf = (conversation: string) =>
    sent()
      .filter(({ subject }) => subject === conversation)
      .map(({ id }) => id.split('#')[0]);
  expect(idsOf('c1')).toEqual(['acd.start-c1', 'user.start-c1', 'user.end-c1', 'customer.end-c1']);
  expect(idsOf('c2')).toEqual([
    ...['acd.start-c2', 'after-acd.start', 'user.start-c2', 'after-user.start'],
    ...['user.end-c2', 'after-user.end', 'customer.end-c2', 'after-customer.end'],
  ]);
});

describe('categories', () => {
  const body = partnerEvent(CATEGORIES, { categoryIds: ['cat-1', 'cat-2', 'cat-9'] });

  test('go by their names, one that nobody knows by its id; it is one event', async () => {
    const { handle, sent } = memoryPartnerIngest();
    await handle(body);
    expect(sent()).toMatchObject([{ data: { categories: ['Payment', 'Conduct', 'cat-9'] } }]);
  });

  test('renamed in between are the same event, not one that contradicts itself', async () => {
    const { handle, sent, names, later } = memoryPartnerIngest();
    await handle(body);
    names.set('cat-1', 'Card data');
    later(2 * 3_600);
    await handle(body);
    const [before, after] = sent();
    expect(after?.data).toMatchObject({ categories: ['Card data', 'Conduct', 'cat-9'] });
    expect([after?.id, after?.digest]).toEqual([before?.id, before?.digest]);
  });

  test('wait while Genesys Cloud is down; other events do not', async () => {
    const { handle, sent, dead, faults, hidden } = memoryPartnerIngest();
    const lookUp = faults.lookUp;
    faults.lookUp = async () => {
      throw Object.assign(new Error('down'), { name: 'GenesysUnavailableError' });
    };
    const other = detail('customer.end', { conversationId: 'c2' }, 'e2');
    const sameConversation = detail('customer.end', {}, 'e3');
    expect(await handle(body, other, sameConversation)).toEqual([0]);
    expect(sent().map(({ id }) => id)).toEqual(['e2#c2/-', 'e3#c1/-']);
    expect([dead, hidden]).toEqual([[], [4]]);
    faults.lookUp = lookUp;
    expect(await handle(body)).toEqual([]);
    expect(sent().at(-1)).toMatchObject({ id: 'e1#c1/-', type: 'genesys.analytics.categories' });
  });

  test('of an organisation whose Genesys Cloud is not configured stay ids, and nobody is asked', async () => {
    const { handle, sent, faults } = memoryPartnerIngest();
    faults.lookUp = () => Promise.reject(new Error('asked'));
    expect(await handle(partnerEvent(CATEGORIES, { categoryIds: ['cat-1'] }, { source: BLUEPRINT }))).toEqual(
      [],
    );
    expect(sent()).toMatchObject([{ org: 'blueprint', data: { categories: ['cat-1'] } }]);
  });

  test('that are none, and every other event, ask nobody', async () => {
    const { handle, sent, faults } = memoryPartnerIngest();
    faults.lookUp = () => Promise.reject(new Error('asked'));
    expect(
      await handle(
        partnerEvent(CATEGORIES, { categoryIds: [] }),
        partnerEvent(SENTIMENT, { sentimentOverallScore: 0.5 }, { id: 'e2' }),
      ),
    ).toEqual([]);
    expect(sent()).toHaveLength(2);
  });

  test('in great numbers with long names are cut to what a message takes, and say so', async () => {
    const { handle, sent, faults } = memoryPartnerIngest();
    faults.lookUp = async (_org, ids) => new Map(ids.map((id) => [id, `${id} ${'ü'.repeat(120)}`]));
    const categoryIds = Array.from({ length: 2_000 }, (_, n) => `category-${n}`);
    expect(await handle(partnerEvent(CATEGORIES, { categoryIds }))).toEqual([]);
    expect(sent()).toMatchObject([{ data: { truncated: true } }]);
  });
});

describe('a message of no use is a dead letter at once, and says why', () => {
  test.each([
    ['no JSON', 'oops', 'bad-schema', 'body is not JSON'],
    ['no event', '{"id":"e1"}', 'bad-schema', "the event: must have required property 'source'"],
    [
      'an event without a conversation',
      partnerEvent(`${DETAIL}.acw`, { conversationId: 7 }),
      'bad-schema',
      '/detail/eventBody/conversationId: must be string',
    ],
    [
      'sentiment in words',
      partnerEvent(SENTIMENT, { sentimentOverallScore: 'secret' }),
      'bad-schema',
      '/detail/eventBody/sentimentOverallScore: must be number',
    ],
    [
      'an event of somebody else’s bus',
      partnerEvent(`${DETAIL}.acw`, {}, { source: 'aws.partner/genesys.com/cloud/secret/x' }),
      'unknown-source',
      '/source: is not configured',
    ],
    [
      'an event that the ledger has forgotten',
      partnerEvent(`${DETAIL}.acw`, { eventTime: 1_000 }),
      'bad-time',
      '/detail/eventBody/eventTime: is older than the ledger remembers',
    ],
    [
      'an event from 2099',
      partnerEvent(`${DETAIL}.acw`, { eventTime: '2099-01-01T00:00:00Z' }),
      'bad-time',
      '/detail/eventBody/eventTime: is more than 15 minutes ahead',
    ],
  ])('%s', async (_case, body, reason, detailText) => {
    const { handle, dead, sent, metric, lines } = memoryPartnerIngest();
    expect(await handle(body, recorded('customer-end'))).toEqual([]);
    expect(dead).toMatchObject([{ message: { body }, error: { reason } }]);
    expect(dead[0]?.error.detail).toContain(detailText);
    expect([dead[0]?.error.detail, ...lines].join()).not.toContain('secret');
    expect(metric('DeadLettered')).toMatchObject([{ Reason: reason }]);
    expect(sent()).toHaveLength(1);
  });
});

test('what is not for us is counted and gone', async () => {
  const { handle, sent, dead, metric } = memoryPartnerIngest();
  const ongoing = { status: { status: 'SESSION_ONGOING' }, transcripts: [{ words: 'secret' }] };
  expect(
    await handle(
      partnerEvent('v2.users.{id}.presence', {}),
      partnerEvent('v2.conversations.{id}.transcription', ongoing),
    ),
  ).toEqual([]);
  expect([sent(), dead]).toEqual([[], []]);
  expect(metric('Rejected').map(({ Reason }) => Reason)).toEqual(['unknown-topic', 'session-ongoing']);
});

describe('nothing is acknowledged that is not on the queue', () => {
  test('when the keyring is not to be had, all come again', async () => {
    const { handle, faults, dead } = memoryPartnerIngest();
    faults.keyring = async () => {
      throw outage();
    };
    expect(await handle(recorded('customer-end'), recorded('sentiment'))).toEqual([0, 1]);
    expect(dead).toEqual([]);
  });

  test('when the queue takes some, the others come again', async () => {
    const { handle, faults, sent, hidden } = memoryPartnerIngest();
    const { send } = faults;
    faults.send = async (entries) => {
      const failed = entries.filter(({ body }) => body.includes('sentiment'));
      await send(entries.filter((entry) => !failed.includes(entry)));
      return failed.map(({ entryId }) => ({ entryId, code: 'InternalError' }));
    };
    const bodies = ['customer-end', 'sentiment', 'blueprint-conversation-end-event'] as const;
    expect(await handle(...bodies.map(recorded))).toEqual([1]);
    expect(sent().map(({ type }) => type)).toEqual([
      'genesys.conversation.ended',
      'genesys.conversation.ended',
    ]);
    expect(hidden).toEqual([4]);
  });
});

test('an event is one line of log, by its names, and counted by its source', async () => {
  const { handle, lines, metric } = memoryPartnerIngest();
  await handle(detail('wrapup', { wrapupNotes: 'secret', ani: 'secret', userId: 'a1' }, 'e1'));
  const [line] = lines.map((text) => JSON.parse(text) as object).filter((each) => !('_aws' in each));
  expect(line).toMatchObject({
    eventId: 'e1#c1/-',
    conversationId: 'c1',
    deliveryId: 'e1',
    source: 'genesys',
    topic: 'v2.detail.events.conversation.{id}.wrapup',
    result: 'accepted',
  });
  expect(lines.join()).not.toContain('secret');
  expect(metric('Accepted')).toMatchObject([{ Source: 'genesys', Accepted: 1 }]);
});

test('while SQS is known to be down nothing is sent, and events are held', async () => {
  const { circuits, handle, events, hidden, dead } = memoryPartnerIngest();
  await circuits.open('sqs');
  expect(await handle(recorded('customer-end'))).toEqual([0]);
  expect([events.messages(), dead]).toEqual([[], []]);
  expect(hidden).toHaveLength(1);
});

test('what an archived event is known by is its source', () => {
  const sources = new Map([[GENESYS, { key: 'genesys' }]]);
  expect(eventNames(partnerEvent(`${DETAIL}.sentiment`, {}, { id: '1' }), sources)).toEqual({
    source: 'genesys',
  });
  for (const body of ['nonsense', '{}']) expect(eventNames(body, sources)).toBeUndefined();
});
