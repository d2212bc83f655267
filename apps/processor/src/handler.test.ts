import { describe, expect, test } from '@jest/globals';
import { createConsumerCircuits, memoryCircuitsStore } from '@aftercall/circuit-breaker';
import { createLedger, memoryLedgerStore } from '@aftercall/idempotency';
import {
  isUnavailable,
  memoryFifoQueue,
  type PermanentError,
  type QueueMessage,
  sealedEntry,
} from '@aftercall/queue';
import {
  ANALYTICS_TYPES,
  type EventEnvelope,
  type Fact,
  type StoredDeliveryEnvelope,
  validateTranscriptReady,
} from '@aftercall/schemas';
import { type Keyring, seal } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { createHandler } from './handler.ts';
import type { Conversation } from './merge-conversation.ts';
import { recordEvent } from './record-event.ts';
import { conversationEvent, outcomeEvent, transcriptReadyEvent } from './sample-events.ts';

const keyOf = (byte: number) => ({ key: Buffer.alloc(32, byte).toString('base64') });
const keyring: Keyring = { current: 'k1', keys: { k1: keyOf(1) } };
const outage = (): Error => Object.assign(new Error('busy'), { name: 'ThrottlingException' });

/** The processor on an in-process FIFO queue, everything around it in memory, its clock in the test's hand. */
function memoryProcessor() {
  const clock = { now: new Date('2026-11-20T14:05:10.000Z') };
  const now = () => clock.now;
  const queue = memoryFifoQueue({ now, visibilitySeconds: 60 });
  const conversations = new Map<string, { conversation: Conversation; revision: number }>();
  const facts: Fact[] = [];
  const dead: { message: QueueMessage; error: PermanentError }[] = [];
  const split: StoredDeliveryEnvelope[] = [];
  const lines: string[] = [];
  const faults = {
    publish: undefined as (() => Promise<void>) | undefined,
    keyring,
    ledgerWrites: 0,
    refresh: 'refreshed' as 'refreshed' | 'unavailable',
    complete: undefined as (() => Promise<boolean>) | undefined,
    remainingMillis: () => 10_000,
  };
  const store = memoryLedgerStore();
  const counted = {
    ...store,
    insert: (...record: Parameters<typeof store.insert>) => (
      (faults.ledgerWrites += 1),
      store.insert(...record)
    ),
    complete: (...claim: Parameters<typeof store.complete>) =>
      faults.complete?.() ?? store.complete(...claim),
  };
  let owners = 0;
  const recordDeps = {
    readConversation: async (key: string) =>
      conversations.get(key) ?? { conversation: undefined, revision: 0 },
    writeConversation: async (conversation: Conversation, readRevision: number) => {
      const { revision } = conversations.get(conversation.conversationId) ?? { revision: 0 };
      if (revision !== readRevision) return 'moved-on' as const;
      conversations.set(conversation.conversationId, { conversation, revision: revision + 1 });
      return 'written' as const;
    },
    publish: async (published: readonly Fact[]) => {
      await faults.publish?.();
      facts.push(...published);
    },
    defaultOrg: 'main',
    sentimentScores: new Map([['negative', -1]]),
    sentimentScales: new Map([['genesys-event', 1]]),
    rawPayload: 'dropped' as const,
  };
  const write = (line: string) => void lines.push(line);
  const log = createLogger({ function: 'processor', destination: { write } });
  const metrics = createMetrics({ function: 'processor', write, now });
  const archived: string[] = [];
  const circuits = createConsumerCircuits({
    function: 'processor',
    store: memoryCircuitsStore(),
    maxHeldSeconds: 7_200,
    isUnavailable,
    archive: async ({ body }) => void archived.push(body),
    publish: async () => undefined,
    metrics,
    log,
    now,
    random: () => 0.5,
  });
  const handler = createHandler({
    keyring: { current: async () => faults.keyring, refresh: async () => faults.refresh },
    ledger: createLedger({
      store: counted,
      consumer: 'processor',
      now,
      newOwner: () => `owner-${(owners += 1)}`,
      retentionSeconds: 70 * 86_400,
    }),
    maxAttempts: 3,
    recordEvent: (envelope) =>
      recordEvent(envelope, { ...recordDeps, publish: circuits.watch('events', recordDeps.publish) }),
    circuits,
    splitStoredDelivery: async (envelope) => {
      split.push(envelope);
      return { children: 3, refused: 0 };
    },
    changeVisibility: queue.changeVisibility,
    deadLetter: async (message, error) => void dead.push({ message, error }),
    backoff: { baseSeconds: 1, maxSeconds: 5 },
    log,
    metrics,
    random: () => 0.99,
    now,
  });
  const poll = () =>
    queue.poll((event) => handler(event, { getRemainingTimeInMillis: () => faults.remainingMillis() }));
  const later = (seconds: number) => void (clock.now = new Date(clock.now.getTime() + seconds * 1000));
  let sent = 0;
  /** Sends as another delivery would: SQS's own deduplication does not see it. */
  const send = (envelope: EventEnvelope | StoredDeliveryEnvelope, changes: object = {}) =>
    queue.sendBatch([
      { entryId: '0', ...sealedEntry(envelope, keyring), deduplicationId: `d${(sent += 1)}`, ...changes },
    ]);
  return { queue, clock, poll, later, send, conversations, facts, dead, split, faults, lines, archived };
}

const at = '2026-11-20T14:03:27.418Z';
const started = conversationEvent({ id: 's#c1/-', time: at, type: 'genesys.conversation.started' });
const other = {
  ...conversationEvent({ id: 's#c2/-', time: at, type: 'genesys.conversation.started' }),
  subject: 'c2',
};
const outcome = outcomeEvent({
  id: 'o#c1/-',
  time: at,
  data: { complianceViolations: [{ code: 'PCI_CARD_SPOKEN', severity: 'critical' }] },
});

describe('an event', () => {
  test('has its effect: the conversation, then the facts, then nothing is left on the queue', async () => {
    const { send, poll, queue, conversations, facts, dead } = memoryProcessor();
    await send(outcome);
    await poll();
    expect(conversations.get('c1')?.conversation).toMatchObject({ status: 'active', violationCount: 1 });
    expect(facts.map(({ id, type }) => [id, type])).toEqual([
      ['main/o#c1/-/aftercall.conversation.changed', 'aftercall.conversation.changed'],
      ['main/o#c1/-/aftercall.outcome.recorded', 'aftercall.outcome.recorded'],
    ]);
    expect([queue.messages(), dead]).toEqual([[], []]);
  });

  test.each(ANALYTICS_TYPES)('of type %s is an outcome of its own, known by its type', async (type) => {
    const { send, poll, facts } = memoryProcessor();
    await send({ ...outcome, type });
    await poll();
    expect(facts[1]).toMatchObject({
      type: 'aftercall.outcome.recorded',
      data: { event_id: 'o#c1/-', event_type: type },
    });
  });

  test('that says a transcript is ready touches the conversation and tells who fetches it', async () => {
    const { send, poll, conversations, facts } = memoryProcessor();
    const ready = transcriptReadyEvent({ id: 't#c1/k1', time: at, data: { communicationId: 'k1' } });
    await send(ready);
    await poll();
    expect(conversations.get('c1')?.conversation).toMatchObject({ status: 'active', lastEventId: ready.id });
    expect(facts[1]).toMatchObject({
      id: 'main/t#c1/k1/aftercall.transcript.ready',
      type: 'aftercall.transcript.ready',
      subject: 'c1',
      time: at,
    });
    expect(facts[1]?.data).toEqual({ conversationId: 'c1', communicationId: 'k1' });
    expect(validateTranscriptReady(facts[1]?.data)).toBe(true);
  });

  test('has it once, however often it comes; a repeat costs one conditional write and nothing else', async () => {
    const { send, poll, facts, faults, conversations } = memoryProcessor();
    await send(started);
    await poll();
    faults.ledgerWrites = 0;
    const before = structuredClone(conversations);
    for (let n = 0; n < 5; n += 1) {
      await send(started);
      await poll();
    }
    expect(facts).toHaveLength(1);
    expect(conversations).toEqual(before);
    expect(faults.ledgerWrites).toBe(5);
  });

  test('of another org has a conversation of its own', async () => {
    const { send, poll, conversations } = memoryProcessor();
    await send({ ...started, org: 'acme' });
    await send(started);
    await poll();
    await poll();
    expect([...conversations.keys()].sort()).toEqual(['acme/c1', 'c1']);
  });

  test('with other business data under the same id is a conflict: set aside, counted, not processed twice', async () => {
    const { send, poll, facts, dead, queue, lines } = memoryProcessor();
    await send(started);
    await poll();
    await send({ ...started, digest: 'b'.repeat(64) });
    await poll();
    expect(facts).toHaveLength(1);
    expect(dead.map(({ error }) => error.reason)).toEqual(['conflict']);
    expect(lines.join()).toContain(
      '"eventId":"s#c1/-","conversationId":"c1","deliveryId":"d1","source":"main","result":"dead-letter","reason":"conflict"',
    );
    expect(queue.messages()).toEqual([]);
  });
});

describe('a message that is not ours', () => {
  test.each([
    ['without a seal', { attributes: {} }, 'bad-seal'],
    ['with a seal over other bytes', { body: '{}' }, 'bad-seal'],
    ['with a seal that is none', { attributes: { seal: 'v1:k1:zz' } }, 'bad-seal'],
    ['sealed, but not an envelope', { body: '{}', attributes: { seal: seal('{}', keyring) } }, 'bad-schema'],
  ])('%s is a dead letter at once, and its group goes on', async (_case, changes, reason) => {
    const { send, poll, dead, facts } = memoryProcessor();
    await send(started, changes);
    await send(outcome);
    await poll();
    expect(dead.map(({ error }) => error.reason)).toEqual([reason]);
    expect(facts.map(({ id }) => id)).toContain('main/o#c1/-/aftercall.outcome.recorded');
  });

  test('of an unknown type is a dead letter that says so', async () => {
    const { send, poll, dead } = memoryProcessor();
    const body = JSON.stringify({ ...started, type: 'genesys.weather' });
    await send(started, { body, attributes: { seal: seal(body, keyring) } });
    await poll();
    expect(dead.map(({ error }) => error.reason)).toEqual(['unknown-type']);
  });

  test('sealed with a key not heard of waits ten minutes for the key, and opens when it comes', async () => {
    const { send, poll, later, dead, facts, faults } = memoryProcessor();
    faults.keyring = { current: 'k2', keys: { k2: keyOf(2) } };
    await send(started);
    await poll();
    later(590);
    await poll();
    expect([dead, facts]).toEqual([[], []]);
    faults.keyring = keyring;
    later(5);
    await poll();
    expect(facts).toHaveLength(1);
  });

  test('and waits on while the keyring cannot be refreshed', async () => {
    const { send, poll, later, dead, queue, faults } = memoryProcessor();
    faults.keyring = { current: 'k2', keys: { k2: keyOf(2) } };
    faults.refresh = 'unavailable';
    await send(started);
    later(3_600);
    await poll();
    expect(dead).toEqual([]);
    expect(queue.messages()).toHaveLength(1);
  });

  test('and is a dead letter when the key never comes', async () => {
    const { send, poll, later, dead, faults } = memoryProcessor();
    faults.keyring = { current: 'k2', keys: { k2: keyOf(2) } };
    await send(started);
    later(601);
    await poll();
    expect(dead.map(({ error }) => error.reason)).toEqual(['bad-seal']);
  });
});

describe('when the work fails', () => {
  test('three attempts by the ledger’s count, then the dead-letter queue', async () => {
    const { send, poll, later, dead, faults, queue } = memoryProcessor();
    faults.publish = () => Promise.reject(new TypeError('a bug'));
    await send(started);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      expect(dead).toEqual([]);
      await poll();
      later(10);
    }
    expect(dead.map(({ error }) => [error.reason, error.attempts])).toEqual([['retries-exhausted', 3]]);
    expect(queue.messages()).toEqual([]);
  });

  test('an outage downstream is no attempt: nothing is dead-lettered for its sake', async () => {
    const { send, poll, later, dead, faults, facts } = memoryProcessor();
    faults.publish = () => Promise.reject(outage());
    await send(started);
    for (let n = 0; n < 20; n += 1) {
      await poll();
      later(10);
    }
    expect(dead).toEqual([]);
    faults.publish = undefined;
    for (let n = 0; n < 30; n += 1) {
      later(5);
      await poll();
    }
    expect(facts).toHaveLength(1);
  });

  test('a downstream that hangs is given up in time, and is no attempt either', async () => {
    const { send, poll, later, dead, faults, facts } = memoryProcessor();
    let asked = 0;
    // Enough to start, and soon too little to go on.
    faults.remainingMillis = () => ((asked += 1) % 3 === 0 ? 2_010 : 10_000);
    faults.publish = () => new Promise(() => undefined);
    await send(started);
    for (let n = 0; n < 5; n += 1) {
      await poll();
      later(10);
    }
    expect([dead, facts]).toEqual([[], []]);
    faults.publish = undefined;
    await poll();
    expect(facts).toHaveLength(1);
  });

  test('an outage of the ledger after the effect dead-letters nothing', async () => {
    const { send, poll, later, dead, faults, facts, queue } = memoryProcessor();
    faults.complete = () => Promise.reject(outage());
    await send(started);
    for (let n = 0; n < 5; n += 1) {
      await poll();
      later(70);
    }
    expect(dead).toEqual([]);
    faults.complete = undefined;
    await poll();
    expect(queue.messages()).toEqual([]);
    expect(new Set(facts.map(({ id }) => id)).size).toBe(1);
  });

  test('what was given up can come back when the fault is mended', async () => {
    const { send, poll, later, dead, faults, facts } = memoryProcessor();
    faults.publish = () => Promise.reject(new TypeError('a bug'));
    await send(started);
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      await poll();
      later(10);
    }
    expect(dead).toHaveLength(1);
    faults.publish = undefined;
    await send(started);
    await poll();
    expect(facts).toHaveLength(1);
  });

  test('a worker that died in the middle is taken over when its lease is past', async () => {
    const { send, poll, later, faults, facts } = memoryProcessor();
    let died = false;
    faults.publish = () => new Promise(() => (died = true));
    await send(started);
    void poll();
    while (!died) await new Promise(setImmediate);
    faults.publish = undefined;
    later(61);
    await poll();
    expect(facts).toHaveLength(1);
  });

  test('while another worker holds the claim, the message waits and does not count', async () => {
    const { send, poll, later, faults, facts, dead } = memoryProcessor();
    let died = false;
    faults.publish = () => new Promise(() => (died = true));
    await send(started);
    void poll();
    while (!died) await new Promise(setImmediate);
    faults.publish = undefined;
    await send(started, { groupId: 'redriven-elsewhere' });
    await poll();
    expect([facts, dead]).toEqual([[], []]);
    later(61);
    await poll();
    expect(facts).toHaveLength(1);
  });

  test('a poison conversation holds back no other', async () => {
    const { send, poll, faults, facts, conversations } = memoryProcessor();
    let first = true;
    faults.publish = async () => {
      if (!first) return;
      first = false;
      throw new TypeError('a bug');
    };
    await send(started);
    await send(other);
    await poll();
    await poll();
    expect(facts.map(({ subject }) => subject)).toEqual(['c2']);
    expect(conversations.has('c2')).toBe(true);
  });
});

test('a stored delivery is split once', async () => {
  const { send, poll, split } = memoryProcessor();
  const stored: StoredDeliveryEnvelope = {
    specversion: '1.0',
    id: 'd1',
    source: 'genesys/main',
    type: 'aftercall.delivery.stored',
    subject: 'd1',
    time: at,
    org: 'main',
    digest: 'b'.repeat(64),
    deliveryid: 'd1',
    receivedtime: at,
    dataref: 's3://deliveries/deliveries/main/d1',
    datasha256: 'b'.repeat(64),
    datalength: 1,
  };
  await send(stored);
  await poll();
  await send(stored);
  await poll();
  expect(split).toEqual([stored]);
});

test('one line of log for each message, without its data', async () => {
  const { send, poll, lines } = memoryProcessor();
  const said = outcomeEvent({
    id: 'o#c1/-',
    time: at,
    data: { keywords: [{ phrase: 'my card is 4111 1111 1111 1111' }] },
  });
  await send(said);
  await poll();
  const logged = lines.filter((line) => !line.includes('_aws'));
  expect(logged).toHaveLength(1);
  expect(JSON.parse(logged[0]!)).toMatchObject({
    function: 'processor',
    eventId: 'o#c1/-',
    conversationId: 'c1',
    deliveryId: 'd1',
    result: 'processed',
    attempt: 1,
  });
  expect(lines.join()).not.toContain('4111');
});

describe('while the bus is down', () => {
  /** Hours of outage, polled as an event source does. */
  async function outageOf(seconds: number) {
    const world = memoryProcessor();
    await world.send(outcome);
    await world.send({ ...outcome, id: 'o2#c1/-' });
    world.faults.publish = async () => Promise.reject(outage());
    let elapsed = 0;
    const pass = async (until: number) => {
      for (; elapsed < until; elapsed += 1) {
        await world.poll();
        world.later(1);
      }
    };
    await pass(seconds);
    return { ...world, pass, heal: () => void (world.faults.publish = undefined) };
  }

  test('messages are held without a claim, and all of them are processed once it is back', async () => {
    const { faults, facts, dead, queue, pass, heal, archived } = await outageOf(120);
    const writes = faults.ledgerWrites;
    heal();
    await pass(300);
    // Five failures and then a probe now and then, where each second would have been a claim.
    expect(writes).toBeLessThan(15);
    expect(facts.map(({ id }) => id)).toEqual([
      'main/o#c1/-/aftercall.conversation.changed',
      'main/o#c1/-/aftercall.outcome.recorded',
      'main/o2#c1/-/aftercall.conversation.changed',
      'main/o2#c1/-/aftercall.outcome.recorded',
    ]);
    expect([dead, archived, queue.messages()]).toEqual([[], [], []]);
  });

  test('what was held for two hours goes to the archive in its order, and nothing is lost or dead-lettered', async () => {
    const { archived, dead, queue } = await outageOf(7_200 + 120);
    expect(archived.map((body) => /"id":"([^"]*)"/.exec(body)?.[1])).toEqual(['o#c1/-', 'o2#c1/-']);
    expect([dead, queue.messages()]).toEqual([[], []]);
  });
});

test('violations of an event that is replayed were perhaps told before it was given up', async () => {
  const { send, poll, lines } = memoryProcessor();
  const { attributes } = sealedEntry(outcome, keyring);
  await send(outcome, { attributes: { ...attributes, replayrun: 'run-1' } });
  await poll();
  expect(lines.filter((line) => line.includes('"PossiblyRepeated":1'))).toHaveLength(1);
});

test.each([
  ['violations that were perhaps told before are counted', outcome, true, 1],
  ['what comes for the first time repeats nothing', outcome, false, 0],
  ['where there are none, none can be told twice', started, true, 0],
])('%s', async (_case, event, isTriedBefore, times) => {
  const { send, poll, later, lines, faults } = memoryProcessor();
  if (isTriedBefore) faults.complete = () => Promise.reject(outage());
  await send(event);
  if (isTriedBefore) await poll();
  faults.complete = undefined;
  later(60);
  await poll();
  expect(lines.filter((line) => line.includes('"PossiblyRepeated":1'))).toHaveLength(times);
});
