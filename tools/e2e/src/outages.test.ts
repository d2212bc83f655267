import type { FaultProxy } from '@aftercall/fault-proxy';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { eventually } from './eventually.ts';
import { genuineHeaders, request } from './http.ts';
import type { Answer } from './http.ts';
import { analytics, outcome, outcomeEventId } from './payloads.ts';
import type { Outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

/** Of the local stage; in an outage more tries than these must cost an event nothing. */
const MAX_ATTEMPTS = 3;

let stage: Stage;
let tables: FaultProxy;
let bus: FaultProxy;
let sending: FaultProxy;
beforeAll(async () => {
  const variables = { processor: { BACKOFF_BASE_SECONDS: '1', BACKOFF_MAX_SECONDS: '1' } };
  stage = await startStage({ proxied: ['ingest', 'processor'], variables });
  tables = stage.proxy('processor', 'dynamodb');
  bus = stage.proxy('processor', 'events');
  sending = stage.proxy('ingest', 'sqs');
});
afterEach(() => [tables, bus, sending].forEach((proxy) => proxy.reset()));
afterAll(() => stage.stop());

interface Sent {
  readonly eventId: string;
  readonly data: Outcome;
  readonly body: string;
}

function newEvent(): Sent {
  const [declared, data] = [`evt-${randomUUID()}`, outcome()];
  return { eventId: outcomeEventId(declared, data), data, body: analytics(declared, data) };
}

async function send(event: Sent = newEvent()): Promise<Sent> {
  expect((await stage.deliver('main', event.body)).status).toBe(200);
  return event;
}

/** Without the sender's retries. */
function sendOnce(body: string): Promise<Answer> {
  const { url, ...signing } = stage.source('main');
  return request(url, { headers: genuineHeaders(signing, body, 'delivery'), body });
}

/** A circuit that has been probed in vain waits longer for the next probe, and what it holds comes back after that. */
const PROBED_SECONDS = 90;

/** Another container's circuit may still be open from the test before, and holds what comes to it until its own probe. */
const HELD_SECONDS = 50;

/** Each event took effect once: one completed row, one revision, its two facts (an id may come again, another may not). */
async function expectOneEffect(...events: readonly Sent[]): Promise<void> {
  for (const { eventId, data } of events) {
    await eventually(async () => {
      expect(await stage.ledgerRow(eventId)).toMatchObject({ status: 'COMPLETED' });
      expect(await stage.conversation(data.conversationId)).toMatchObject({
        lastEventId: eventId,
        revision: 1,
      });
      const ids = stage
        .facts()
        .filter(({ subject }) => subject === data.conversationId)
        .map(({ id }) => id);
      expect([...new Set(ids)].sort()).toEqual([
        `main/${eventId}/aftercall.conversation.changed`,
        `main/${eventId}/aftercall.outcome.recorded`,
      ]);
    }, HELD_SECONDS);
  }
  await eventually(async () => expect(await stage.eventsQueued()).toBe(0));
  expect(await stage.deadLetters()).toEqual([]);
}

test('a duplicate costs one conditional write and no other call', async () => {
  const event = await send();
  await expectOneEffect(event);
  [tables, bus].forEach((proxy) => proxy.reset());
  const [entry] = await stage.entriesOf('main', event.body);
  if (!entry) throw new Error('unreachable');
  await stage.enqueue(entry);
  await eventually(async () => {
    expect(tables.calls).not.toEqual([]);
    expect(await stage.eventsQueued()).toBe(0);
  });
  // dynalite, the stand-in where dynoxide has no binary, does not give back the old item with a failed condition.
  const read = stage.stack.summary.aws.includes('dynoxide') ? [] : ['GetItem'];
  expect(tables.calls.map(({ operation }) => operation)).toEqual(['PutItem', ...read]);
  expect(bus.calls).toEqual([]);
  await expectOneEffect(event);
});

describe('a call that takes effect though its answer is lost', () => {
  test.each([
    ['the claim', 'PutItem', 1],
    ['the conversation', 'PutItem', 2],
    ['the end of the claim', 'UpdateItem', 1],
  ])('changes nothing when it is %s', async (_name, operation, nth) => {
    tables.fail({ kind: 'crash-after', operation, nth });
    const event = await send();
    await expectOneEffect(event);
    expect(tables.calls.filter(({ fault }) => fault === 'crash-after')).toHaveLength(1);
  });

  test('repeats facts under their own ids when it is their publication', async () => {
    bus.fail({ kind: 'crash-after', operation: 'PutEvents', nth: 1 });
    const event = await send();
    await expectOneEffect(event);
    // The bus may be behind the processor.
    await eventually(async () =>
      expect(
        stage.facts().filter(({ subject }) => subject === event.data.conversationId).length,
      ).toBeGreaterThan(2),
    );
  });

  test('queues an event once when it is the sending of it', async () => {
    sending.fail({ kind: 'crash-after', operation: 'SendMessageBatch', nth: 1 });
    const event = await send();
    await expectOneEffect(event);
    expect(sending.count('SendMessageBatch')).toBe(2);
    expect(await stage.ledgerRow(event.eventId)).toMatchObject({ attempts: 1 });
  });
});

describe('an outage', () => {
  /** Lets the calls fail until the event has been tried more often than it may be for faults of its own. */
  async function outlast(proxy: FaultProxy, end: () => void, operation: string): Promise<void> {
    const triesOfTheSdk = 3;
    await eventually(() => {
      expect(proxy.count(operation)).toBeGreaterThan(triesOfTheSdk * (MAX_ATTEMPTS + 1));
    });
    end();
  }

  test('of the bus costs an event no attempt, however long it lasts', async () => {
    const end = bus.fail({ kind: 'crash-after', operation: 'PutEvents' });
    const event = await send();
    await outlast(bus, end, 'PutEvents');
    await expectOneEffect(event);
    expect(await stage.ledgerRow(event.eventId)).toMatchObject({ attempts: 1 });
  });

  test('of the tables holds events back and dead-letters none', async () => {
    const end = tables.fail({ kind: 'throttle' });
    const events = await Promise.all([send(), send(), send()]);
    await outlast(tables, end, 'PutItem');
    await expectOneEffect(...events);
  });

  test('of the bus opens its circuit: what waits is held and not attempted, and is processed once it heals', async () => {
    const end = bus.fail({ kind: 'unavailable' });
    const first = await Promise.all(Array.from({ length: 6 }, () => send()));
    await eventually(() =>
      expect(stage.logs('processor')).toContainEqual(
        expect.objectContaining({ msg: 'circuit', downstream: 'events', result: 'open' }),
      ),
    );
    const late = await Promise.all([send(), send()]);
    end();
    await eventually(async () => expect(await stage.eventsQueued()).toBe(0), PROBED_SECONDS);
    await expectOneEffect(...first, ...late);
    for (const { eventId } of first) expect(await stage.ledgerRow(eventId)).toMatchObject({ attempts: 1 });
  }, 120_000);

  test.each([
    ['is down', { kind: 'unavailable' }],
    ['hangs', { kind: 'timeout' }],
  ] as const)(
    'of the queue that %s is a 503 before the sender hangs up, and the retry is accepted',
    async (_name, fault) => {
      const end = sending.fail({ ...fault, operation: 'SendMessageBatch' });
      const event = newEvent();
      const startedAt = Date.now();
      const refused = await sendOnce(event.body);
      expect(Date.now() - startedAt).toBeLessThan(2_900);
      expect(refused.status).toBe(503);
      expect(refused.headers.get('content-type')).toBe('application/problem+json');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await stage.ledgerRow(event.eventId)).toBeUndefined();
      end();
      await send(event);
      await expectOneEffect(event);
    },
  );

  test('of a part of a batch is made up for before the answer', async () => {
    sending.fail({ kind: 'partial', operation: 'SendMessageBatch', nth: 1, entries: [0, 2] });
    const events = Array.from({ length: 4 }, () => outcome());
    const declared = `evt-${randomUUID()}`;
    expect((await sendOnce(analytics(declared, events))).status).toBe(200);
    expect(sending.count('SendMessageBatch')).toBe(2);
    await expectOneEffect(
      ...events.map((data) => ({ eventId: outcomeEventId(declared, data), data, body: '' })),
    );
  });

  test('of Secrets Manager at a cold start, in the middle of a rotation, is a 503 and then forgotten', async () => {
    const {
      key,
      url,
      scheme,
      secret: old,
    } = await stage.stack.addSource({ key: 'cold', scheme: 'genesys-webhook' });
    const next = randomBytes(32).toString('hex');
    stage.keepSecret(old, next);
    await stage.putSecret(`aftercall/local/sources/${key}`, next);
    const deliver = async (secret: string): Promise<number> => {
      const { body } = newEvent();
      return (await request(url, { headers: genuineHeaders({ scheme, secret }, body, 'delivery'), body }))
        .status;
    };
    const end = stage.proxy('ingest', 'secretsmanager').fail({ kind: 'unavailable' });
    expect(await deliver(old)).toBe(503);
    end();
    expect([await deliver(old), await deliver(next), await deliver('guessed')]).toEqual([200, 200, 401]);
  });

  test('of Secrets Manager refuses no delivery whose secret is known, and no other for good', async () => {
    await send();
    const end = stage.proxy('ingest', 'secretsmanager').fail({ kind: 'unavailable' });
    const event = await send();
    const { url, scheme } = stage.source('main');
    const headers = genuineHeaders({ scheme, secret: 'perhaps a new one' }, event.body, 'delivery');
    expect((await request(url, { headers, body: event.body })).status).toBe(503);
    end();
    await expectOneEffect(event);
  });
});

test('a round of broken calls everywhere ends with one effect an event', async () => {
  const broken = [
    [tables, 'PutItem', [3, 8, 11, 20, 31]],
    [tables, 'BatchGetItem', [2, 9, 17]],
    [tables, 'UpdateItem', [4, 5, 6, 15]],
    [bus, 'PutEvents', [2, 3, 4, 13, 24]],
    [sending, 'SendMessageBatch', [3, 7]],
  ] as const;
  for (const [proxy, operation, places] of broken) {
    places.forEach((nth, index) =>
      proxy.fail({ kind: index % 2 === 0 ? 'crash-after' : 'crash-before', operation, nth }),
    );
  }
  const events = await Promise.all(Array.from({ length: 25 }, () => send()));
  await expectOneEffect(...events);
  for (const [proxy, operation] of broken) {
    expect(
      proxy.calls.filter((call) => call.operation === operation && call.fault !== undefined).length,
    ).toBeGreaterThan(0);
  }
});

test('no log holds a secret, a signature or a word of a conversation', async () => {
  expect(await stage.leaks()).toEqual([]);
});
