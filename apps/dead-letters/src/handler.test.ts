import { describe, expect, test } from '@jest/globals';
import type { QueueEntry } from '@aftercall/queue';
import { type Fact, type NamesInMessage, quarantinedDelivery, type Source } from '@aftercall/schemas';
import { createSetAside, memoryIndexStore, memoryObjectStore, type SetAsideItem } from '@aftercall/set-aside';
import { memoryReviewStore } from '@aftercall/set-aside/reviews';
import { parseKeyring, seal } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import type { SQSRecord } from 'aws-lambda';
import { createHandler, TaskError } from './handler.ts';

const keyring = parseKeyring(
  JSON.stringify({ current: 'k1', keys: { k1: { key: Buffer.alloc(32, 7).toString('base64') } } }),
);
const main: Source = { key: 'main', scheme: 'genesys-webhook', secretName: 'none' };
const EVENTS = 'aftercall-test-events.fifo';
const EVENTS_DEAD = 'aftercall-test-events-dead.fifo';

const envelope = (id: string, conversation = 'c-1') =>
  JSON.stringify({
    specversion: '1.0',
    id: `${id}#${conversation}/-`,
    source: 'genesys/main',
    type: 'genesys.conversation.ended',
    subject: conversation,
    time: '2026-11-20T14:03:27.418Z',
    datacontenttype: 'application/json',
    dataschema: 'aftercall:conversation-event:1',
    org: 'main',
    digest: 'a'.repeat(64),
    deliveryid: 'delivery-1',
    receivedtime: '2026-11-20T14:05:01.310Z',
    data: { conversationId: conversation, timestamp: '2026-11-20T14:03:27.418Z' },
  });

/** The function over memory, with its clock and its outages in the test's hand. */
function memoryDeadLetters() {
  const clock = { now: new Date('2026-11-20T15:00:00.000Z'), remainingMillis: 60_000 };
  const now = () => clock.now;
  const objects = memoryObjectStore();
  const index = memoryIndexStore();
  const setAside = createSetAside({ objects, index, now, retentionSeconds: 45 * 86_400 });
  const reviews = memoryReviewStore();
  const sent: { queue: string; entry: QueueEntry }[] = [];
  const published: string[] = [];
  const facts: Fact[] = [];
  const forgotten: object[] = [];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const open = new Set<string>();
  const slept: number[] = [];
  const faults = {
    put: async (): Promise<void> => undefined,
    send: async (): Promise<void> => undefined,
    forget: async (): Promise<'forgotten' | 'held'> => 'forgotten',
  };
  const handler = createHandler({
    eventsQueue: EVENTS,
    deliveredQueues: new Set(['aftercall-test-crm']),
    sources: new Map([['main', main]]),
    retentionSeconds: 3_650 * 86_400,
    drainPerSecond: 10,
    keyring: async () => keyring,
    setAside,
    put: async (item) => {
      await faults.put();
      return setAside.put(item);
    },
    reviews,
    send: async (queue, entries) => {
      await faults.send();
      sent.push(...entries.map((entry) => ({ queue, entry })));
    },
    publish: async (body) => void published.push(body),
    publishFacts: async (some) => void facts.push(...some),
    forgetClaim: async (consumer, event) => {
      forgotten.push({ consumer, ...event });
      return faults.forget();
    },
    openCircuits: async () => open,
    storeObject: async () => undefined,
    objectRef: (key) => `s3://deliveries/${key}`,
    changeVisibility: () => async () => undefined,
    backoff: { baseSeconds: 1, maxSeconds: 2 },
    log: createLogger({ function: 'dead-letters', destination: { write } }),
    metrics: createMetrics({ function: 'dead-letters', write, now }),
    sleep: async (millis) => {
      slept.push(millis);
      clock.now = new Date(clock.now.getTime() + millis);
    },
    random: () => 0.5,
    now,
  });
  const call = (event: unknown) => handler(event, { getRemainingTimeInMillis: () => clock.remainingMillis });
  const collect = (records: readonly SQSRecord[]) => call({ Records: records });
  const replay = (selection: object, more: object = {}) =>
    call({ task: 'replay', run: 'run-1', by: 'kim', selection: { kinds: ['dead'], ...selection }, ...more });
  const entries = () => [...index.entries.values()];
  const keep = (item: Partial<SetAsideItem> & { id: string }) => {
    const body = item.body ?? Buffer.from(envelope(item.id));
    const kept: SetAsideItem = {
      kind: 'dead',
      source: 'main',
      reason: 'retries-exhausted',
      queue: EVENTS,
      group: 'main/c-1',
      seal: seal(body, keyring),
      ...item,
      body,
    };
    return setAside.put(kept);
  };
  const later = (seconds: number) => {
    clock.now = new Date(clock.now.getTime() + seconds * 1_000);
  };
  return {
    ...{ call, collect, replay, keep, entries, later, clock, faults, setAside, reviews, objects },
    ...{ sent, published, facts, forgotten, lines, open, slept },
  };
}

let letters = 0;
function letter(
  body: string,
  attributes: Readonly<Record<string, string>> = {},
  queue = EVENTS_DEAD,
): SQSRecord {
  letters += 1;
  return {
    messageId: `letter-${letters}`,
    receiptHandle: `handle-${letters}`,
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: '1795186800000',
      SenderId: 'test',
      ApproximateFirstReceiveTimestamp: '1795186800000',
      ...(queue.endsWith('.fifo') && {
        MessageGroupId: 'main/c-1',
        SequenceNumber: String(letters).padStart(20, '0'),
      }),
    },
    messageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]),
    ),
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:eu-west-1:000000000000:${queue}`,
    awsRegion: 'eu-west-1',
  };
}
const sealed = (body: string, attributes: Readonly<Record<string, string>> = {}) =>
  letter(body, { seal: seal(body, keyring), ...attributes });

describe('a dead letter', () => {
  test('is kept with its seal, its place and why it was given up', async () => {
    const { collect, entries, setAside } = memoryDeadLetters();
    const body = envelope('evt-1');
    const why = { reason: 'conflict', detail: 'seen before', function: 'processor', attempts: '2' };
    await expect(collect([sealed(body, why)])).resolves.toEqual({ batchItemFailures: [] });
    expect(entries()).toMatchObject([
      {
        ...{ kind: 'dead', state: 'OPEN', source: 'main', queue: EVENTS, group: 'main/c-1' },
        ...{ eventId: 'evt-1#c-1/-', conversationId: 'c-1', ...why, attempts: 2 },
      },
    ]);
    const [entry] = entries();
    const kept = await setAside.get('dead', entry?.sk ?? '');
    expect(Buffer.from(kept.body).toString()).toBe(body);
    expect(kept.seal).toBe(seal(body, keyring));
  });

  test('is one entry and is counted once, however often it comes', async () => {
    const { collect, entries, lines } = memoryDeadLetters();
    const record = sealed(envelope('evt-1'), { reason: 'conflict' });
    await collect([record]);
    await collect([record]);
    expect(entries()).toHaveLength(1);
    expect(lines.filter((line) => line.includes('"DeadLettered":1'))).toHaveLength(1);
  });

  test('that nobody vouches for says nothing of itself, and gets no seal of ours', async () => {
    const { collect, entries, setAside } = memoryDeadLetters();
    await collect([
      letter(envelope('evt-1'), { reason: 'bad-seal' }),
      letter('no json', { seal: 'v1:k1:AAAA' }),
    ]);
    for (const entry of entries()) {
      expect(entry).toMatchObject({ source: 'unknown' });
      expect(entry).not.toHaveProperty('eventId');
      expect((await setAside.get('dead', entry.sk)).seal).not.toMatch(seal(envelope('evt-1'), keyring));
    }
  });

  test('of EventBridge’s own says why in EventBridge’s words, and is named by its fact', async () => {
    const { collect, entries } = memoryDeadLetters();
    const fact = { org: 'main', subject: 'c-1', type: 'aftercall.outcome.recorded' };
    const data = { event_id: 'evt-1#c-1/-', source: 'relay' };
    const body = JSON.stringify({ source: 'aftercall', detail: { ...fact, data } });
    const why = { ERROR_CODE: 'SDK_CLIENT_ERROR', ERROR_MESSAGE: 'it answered 410' };
    await collect([letter(body, why, 'aftercall-test-crm-dead')]);
    expect(entries()).toMatchObject([
      {
        ...{ queue: 'aftercall-test-crm', reason: 'SDK_CLIENT_ERROR', detail: 'it answered 410' },
        ...{ source: 'relay', eventId: 'evt-1#c-1/-' },
      },
    ]);
  });

  test('that could not be kept comes again, and those behind it in its group with it', async () => {
    const { collect, entries, faults } = memoryDeadLetters();
    const [first, second] = [sealed(envelope('evt-1')), sealed(envelope('evt-2'))];
    faults.put = () => Promise.reject(new Error('connect ECONNREFUSED'));
    const returned = [first, second].map(({ messageId }) => ({ itemIdentifier: messageId }));
    await expect(collect([first, second])).resolves.toEqual({ batchItemFailures: returned });
    faults.put = async () => undefined;
    await collect([first, second]);
    expect(entries()).toHaveLength(2);
  });
});

describe('replay', () => {
  test('sends again to the queue it came from, under the run’s own name, and says so', async () => {
    const { keep, replay, sent, entries } = memoryDeadLetters();
    await keep({ id: 'evt-1' });
    await expect(replay({})).resolves.toMatchObject({ replayed: 1, refused: 0, busy: 0, left: false });
    expect(sent).toMatchObject([
      {
        queue: EVENTS,
        entry: {
          body: envelope('evt-1'),
          groupId: 'main/c-1',
          attributes: { seal: seal(envelope('evt-1'), keyring), replayrun: 'run-1' },
        },
      },
    ]);
    expect(entries()).toMatchObject([{ state: 'DONE', outcome: 'replayed', decidedBy: 'kim', run: 'run-1' }]);
  });

  test('keeps the order in which things were set aside, across kinds', async () => {
    const { keep, replay, sent, later } = memoryDeadLetters();
    await keep({ id: 'evt-1', kind: 'archive' });
    later(1);
    await keep({ id: 'evt-2' });
    later(1);
    await keep({ id: 'evt-3', kind: 'archive' });
    await replay({ kinds: ['dead', 'archive'] });
    expect(sent.map(({ entry }) => JSON.parse(entry.body) as NamesInMessage & { id: string })).toMatchObject([
      { id: 'evt-1#c-1/-' },
      { id: 'evt-2#c-1/-' },
      { id: 'evt-3#c-1/-' },
    ]);
  });

  test('is not repeated by a second replay, until it is asked for again; then it is a message of its own', async () => {
    const { keep, replay, sent } = memoryDeadLetters();
    await keep({ id: 'evt-1' });
    await replay({});
    await expect(replay({}, { run: 'run-2' })).resolves.toMatchObject({ replayed: 0 });
    await expect(replay({}, { run: 'run-2', again: true })).resolves.toMatchObject({ replayed: 1 });
    const [first, second] = sent.map(({ entry }) => entry.deduplicationId);
    expect(second).not.toBe(first);
  });

  test('by two operators at once sends everything once', async () => {
    const { keep, replay, sent } = memoryDeadLetters();
    for (let id = 1; id <= 20; id += 1) await keep({ id: `evt-${id}` });
    const runs = ['run-1', 'run-2'].map((run) => replay({}, { run, ratePerSecond: 1_000 }));
    const reports = (await Promise.all(runs)) as { replayed: number; busy: number }[];
    expect(sent).toHaveLength(20);
    expect(reports.reduce((sum, { replayed }) => sum + replayed, 0)).toBe(20);
  });

  test('that crashed before it could say what it did goes on under the same name', async () => {
    const { keep, replay, sent, faults, later, setAside } = memoryDeadLetters();
    await keep({ id: 'evt-1' });
    faults.send = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await expect(replay({})).rejects.toThrow('ECONNREFUSED');
    faults.send = async () => undefined;
    await expect(replay({}, { run: 'run-2' })).resolves.toMatchObject({ replayed: 0, busy: 1 });
    later(71);
    await expect(replay({}, { run: 'run-2' })).resolves.toMatchObject({ replayed: 1 });
    expect(sent[0]?.entry.attributes).toMatchObject({ replayrun: 'run-1' });
    expect(await setAside.list({ kind: 'dead' })).toMatchObject([{ state: 'DONE', run: 'run-1' }]);
  });

  test('lets nothing overtake what another one has taken in the same conversation', async () => {
    const { keep, replay, sent, faults, later } = memoryDeadLetters();
    for (const [id, group] of [
      ['evt-1', 'main/c-1'],
      ['evt-2', 'main/c-1'],
      ['evt-3', 'main/c-2'],
    ] as const) {
      await keep({ id, group });
      later(1);
    }
    faults.send = () => Promise.reject(new Error('connect ECONNREFUSED'));
    await expect(replay({})).rejects.toThrow('ECONNREFUSED');
    faults.send = async () => undefined;
    await expect(replay({}, { run: 'run-2' })).resolves.toMatchObject({ replayed: 1, busy: 2 });
    later(71);
    await expect(replay({}, { run: 'run-3' })).resolves.toMatchObject({ replayed: 2, busy: 0 });
    expect(sent.map(({ entry }) => /evt-\d/.exec(entry.body)?.[0])).toEqual(['evt-3', 'evt-1', 'evt-2']);
  });

  test('stops in time, and the next call goes on with what is left', async () => {
    const { keep, replay, sent, clock, faults } = memoryDeadLetters();
    for (let id = 1; id <= 3; id += 1) await keep({ id: `evt-${id}` });
    faults.send = async () => {
      clock.remainingMillis -= 30_000;
    };
    await expect(replay({})).resolves.toMatchObject({ replayed: 2, left: true });
    clock.remainingMillis = 60_000;
    await expect(replay({})).resolves.toMatchObject({ replayed: 1, left: false });
    expect(sent).toHaveLength(3);
  });

  test('goes no faster than it may', async () => {
    const { keep, replay, slept } = memoryDeadLetters();
    for (let id = 1; id <= 5; id += 1) await keep({ id: `evt-${id}` });
    await replay({}, { ratePerSecond: 4 });
    expect(slept.reduce((sum, millis) => sum + millis, 0)).toBe(1_000);
  });

  test.each([
    ['a seal that does not fit its body', { seal: 'v1:k1:AAAA' }, 'bad-seal'],
    ['a schema that is none any more', { body: Buffer.from('{"type":"genesys.old"}') }, 'bad-schema'],
    ['no queue', { queue: undefined }, 'unknown-queue'],
  ])('leaves what has %s, says why, and does not try again in this run', async (_name, changes, reason) => {
    const { keep, replay, sent, entries } = memoryDeadLetters();
    const { queue = EVENTS, ...rest } = { queue: EVENTS, ...changes };
    await keep({ id: 'evt-1', ...rest, ...('queue' in changes ? {} : { queue }) });
    if ('queue' in changes) {
      const [entry] = entries();
      if (entry) delete (entry as { queue?: string }).queue;
    }
    await expect(replay({})).resolves.toMatchObject({ replayed: 0, refused: 1, refusals: [{ reason }] });
    await expect(replay({})).resolves.toMatchObject({ refused: 0 });
    await expect(replay({}, { run: 'run-2' })).resolves.toMatchObject({ refused: 1 });
    expect(sent).toEqual([]);
    expect(entries()).toMatchObject([{ state: 'OPEN' }]);
  });

  test('leaves what has lost its body, and says so', async () => {
    const { keep, replay, objects } = memoryDeadLetters();
    await keep({ id: 'evt-1' });
    (objects.objects as Map<string, unknown>).clear();
    await expect(replay({})).resolves.toMatchObject({ refused: 1, refusals: [{ reason: 'body-gone' }] });
  });

  test('that is only tried out changes nothing', async () => {
    const { keep, replay, sent, entries } = memoryDeadLetters();
    await keep({ id: 'evt-1' });
    await keep({ id: 'evt-2', seal: 'none' });
    await expect(replay({}, { dryRun: true })).resolves.toMatchObject({ replayed: 1, refused: 1 });
    expect(sent).toEqual([]);
    expect(entries()).toMatchObject([{ state: 'OPEN' }, { state: 'OPEN' }]);
  });

  test('by force forgets the claim of the consumer that is named, and of no other', async () => {
    const { keep, replay, forgotten, sent, faults } = memoryDeadLetters();
    await keep({ id: 'evt-1' });
    faults.forget = async () => 'held';
    await expect(replay({}, { force: 'processor' })).resolves.toMatchObject({
      refusals: [{ reason: 'claim-held' }],
    });
    faults.forget = async () => 'forgotten';
    await replay({}, { run: 'run-2', force: 'processor' });
    expect(forgotten.at(-1)).toEqual({ consumer: 'processor', org: 'main', eventId: 'evt-1#c-1/-' });
    expect(sent).toHaveLength(1);
    await expect(
      replay({}, { run: 'run-3', again: true, force: 'transcript-fetcher' }),
    ).resolves.toMatchObject({ refusals: [{ reason: 'no-claim' }] });
  });

  test('tells the CRM by the bus, because it has no queue', async () => {
    const { keep, replay, published } = memoryDeadLetters();
    const body = Buffer.from('{"detail":{"id":"fact-1"}}');
    await keep({ id: 'evt-1', queue: 'aftercall-test-crm', body, seal: seal(body, keyring) });
    await expect(replay({})).resolves.toMatchObject({ replayed: 1 });
    expect(published).toEqual(['{"detail":{"id":"fact-1"}}']);
  });
});

describe('a quarantined delivery', () => {
  const outcomeItem = (id: string) => ({ conversationId: id, timestamp: '2026-11-20T14:03:27.418Z' });
  const quarantined = (delivery: unknown): SetAsideItem => {
    const origin = {
      ...{ source: 'main', org: 'main', deliveryid: 'delivery-1' },
      ...{ receivedtime: '2026-11-20T14:05:01.310Z', signedid: undefined },
    };
    const body = Buffer.from(quarantinedDelivery(origin, Buffer.from(JSON.stringify(delivery)), []));
    const kept = { kind: 'quarantine', source: 'main', reason: 'bad-item', id: 'delivery-1' } as const;
    return { ...kept, body, seal: seal(body, keyring) };
  };

  test('is validated again, and what is good of it goes on', async () => {
    const { setAside, replay, sent, entries } = memoryDeadLetters();
    const delivery = { webhookEventId: 'evt-9', data: [outcomeItem('c-1'), outcomeItem('c-2')] };
    await setAside.put(quarantined(delivery));
    await expect(replay({ kinds: ['quarantine'] })).resolves.toMatchObject({ replayed: 1 });
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ entry }) => entry.deduplicationId)).size).toBe(2);
    expect(entries()).toMatchObject([{ state: 'DONE' }]);
  });

  test('stays as long as something of it is bad, and says what', async () => {
    const { setAside, replay, sent, entries } = memoryDeadLetters();
    await setAside.put(quarantined({ webhookEventId: 'evt-9', data: [outcomeItem('c-1'), { oops: 1 }] }));
    await expect(replay({ kinds: ['quarantine'] }, { dryRun: true })).resolves.toMatchObject({ refused: 1 });
    await expect(replay({ kinds: ['quarantine'] })).resolves.toMatchObject({
      refusals: [{ kind: 'quarantine', reason: 'bad-item', detail: expect.stringMatching(/^\/data\/1/) }],
    });
    expect(sent).toHaveLength(1);
    expect(entries()).toMatchObject([{ state: 'OPEN' }]);
  });

  test('is trusted by the stage’s own seal alone', async () => {
    const { setAside, replay, sent } = memoryDeadLetters();
    await setAside.put({
      ...quarantined({ webhookEventId: 'evt-9', data: outcomeItem('c-1') }),
      seal: 'none',
    });
    await expect(replay({ kinds: ['quarantine'] })).resolves.toMatchObject({
      refusals: [{ reason: 'bad-seal' }],
    });
    expect(sent).toEqual([]);
  });
});

describe('discard', () => {
  test('says who and why, keeps the body, and can be taken back', async () => {
    const { keep, call, replay, entries, sent, setAside } = memoryDeadLetters();
    await keep({ id: 'evt-1' });
    const task = { task: 'discard', by: 'kim', reason: 'a test call', selection: { kinds: ['dead'] } };
    await expect(call(task)).resolves.toEqual({ discarded: 1, busy: 0, left: false });
    expect(entries()).toMatchObject([{ state: 'DONE', outcome: 'discarded', decision: 'a test call' }]);
    expect((await setAside.get('dead', 'evt-1')).body.byteLength).toBeGreaterThan(0);
    await replay({}, { again: true });
    expect(sent).toHaveLength(1);
  });
});

describe('the archive', () => {
  test('comes back by itself, slowly, once the circuit that held it is closed', async () => {
    const { keep, call, sent, open, slept } = memoryDeadLetters();
    await keep({ id: 'evt-1', kind: 'archive', detail: 'dynamodb' });
    await keep({ id: 'evt-2', kind: 'archive', detail: 'events' });
    await keep({ id: 'evt-3' });
    open.add('dynamodb');
    await expect(call({ task: 'drain' })).resolves.toMatchObject({ replayed: 1 });
    open.clear();
    await expect(call({ task: 'drain' })).resolves.toMatchObject({ replayed: 1 });
    expect(sent.map(({ entry }) => (JSON.parse(entry.body) as { id: string }).id)).toEqual([
      'evt-2#c-1/-',
      'evt-1#c-1/-',
    ]);
    await keep({ id: 'evt-4', kind: 'archive' });
    await keep({ id: 'evt-5', kind: 'archive' });
    await call({ task: 'drain' });
    expect(slept).toEqual([100]);
  });
});

describe('a review', () => {
  async function grouped() {
    const stage = memoryDeadLetters();
    await stage.keep({ id: 'evt-1', reason: 'conflict' });
    await stage.keep({ id: 'evt-2', reason: 'retries-exhausted' });
    stage.later(60);
    const answer = await stage.call({ task: 'group', execution: 'alarm-1' });
    const { reviews } = answer as { reviews: { id: string; reason: string; since: string; until: string }[] };
    const review = reviews.find(({ reason }) => reason === 'conflict');
    if (!review) throw new Error('unreachable');
    return { ...stage, list: reviews, review };
  }

  test('is made for each reason, once, and not again while somebody is asked', async () => {
    const { call, list } = await grouped();
    expect(list.map(({ reason }) => reason).toSorted()).toEqual(['conflict', 'retries-exhausted']);
    await expect(call({ task: 'group', execution: 'alarm-1' })).resolves.toEqual({ reviews: list });
    await expect(call({ task: 'group', execution: 'alarm-2' })).resolves.toEqual({ reviews: [] });
  });

  test('asks with a fact that holds no token, and keeps the token for whoever answers', async () => {
    const { call, review, facts, reviews, lines } = await grouped();
    await call({ task: 'notify', review, taskToken: 'the-token' });
    expect(facts).toMatchObject([
      { type: 'aftercall.review.requested', data: { review: review.id, reason: 'conflict', letters: 1 } },
    ]);
    expect(await reviews.get(review.id)).toMatchObject({ state: 'WAITING', taskToken: 'the-token' });
    expect(JSON.stringify([facts, lines])).not.toContain('the-token');
  });

  test('carries out what was decided, on the letters that it is about', async () => {
    const { call, review, sent, reviews, entries } = await grouped();
    const decision = { decision: 'replay', by: 'kim' };
    await expect(call({ task: 'replay', review, decision })).resolves.toEqual({ left: false });
    expect(sent).toHaveLength(1);
    expect(await reviews.get(review.id)).toMatchObject({
      state: 'DONE',
      decision: 'replay',
      decidedBy: 'kim',
    });
    await call({ task: 'replay', review, decision });
    expect(sent).toHaveLength(1);
    expect(entries().filter(({ state }) => state === 'OPEN')).toHaveLength(1);
  });

  test('discards with the reason that was given', async () => {
    const { call, review, entries } = await grouped();
    const decision = { decision: 'discard', by: 'kim', reason: 'a test call' };
    await expect(call({ task: 'discard', review, decision })).resolves.toEqual({ left: false });
    expect(entries()).toContainEqual(
      expect.objectContaining({ outcome: 'discarded', decision: 'a test call', reason: 'conflict' }),
    );
  });

  test('that nobody decided is told, and its letters come into the next one', async () => {
    const { call, review, facts, reviews } = await grouped();
    await call({ task: 'escalate', review, cause: 'States.Timeout' });
    expect(facts).toMatchObject([{ type: 'aftercall.review.escalated', data: { cause: 'States.Timeout' } }]);
    expect(await reviews.get(review.id)).toMatchObject({ state: 'ESCALATED' });
    await expect(call({ task: 'group', execution: 'alarm-2' })).resolves.toMatchObject({
      reviews: [{ reason: 'conflict' }],
    });
  });
});

test.each([
  [{ task: 'replay', run: 'run 1', by: 'kim', selection: { kinds: ['dead'] } }],
  [{ task: 'replay', run: 'r', by: 'kim', selection: { kinds: [] } }],
  [{ task: 'discard', by: 'kim', selection: { kinds: ['dead'] } }],
  [{ task: 'delete' }],
  [undefined],
])('what is no task is refused: %j', async (task) => {
  const { call } = memoryDeadLetters();
  await expect(call(task)).rejects.toThrow(TaskError);
});
