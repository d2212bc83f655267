import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { checkSeal, schemeOf, signDelivery } from '@aftercall/signing';
import { SetAsideFullError } from '@aftercall/set-aside';
import { readEnvelope } from '@aftercall/schemas';
import fc from 'fast-check';
import { keyring, memoryStage, read, SECRET, signedEvent } from './memory-stage.ts';

const fixtures = new URL('../../../libs/schemas/src/fixtures/', import.meta.url);
const fixture = (name: string): Uint8Array => readFileSync(new URL(name, fixtures));
const item = { conversationId: 'c1', timestamp: '2026-11-20T14:03:27.418Z' };
const delivery = (data: unknown, webhookEventId = 'evt'): string => JSON.stringify({ webhookEventId, data });

describe('a good delivery', () => {
  test('is answered 200 once its events are on the queue, sealed', async () => {
    const { handler, queued } = memoryStage();
    const answer = await handler(signedEvent(fixture('analytics-webhook/single.json')));
    expect(read(answer)).toEqual({
      status: 200,
      body: {
        status: 'accepted',
        deliveryId: expect.stringMatching(/^[0-9a-f]{64}$/),
        events: 1,
        refused: 0,
      },
    });
    expect(answer.headers).toMatchObject({ 'x-request-id': 'req-1' });
    expect(queued).toHaveLength(1);
    const { body, attributes, groupId } = queued[0]!;
    expect(checkSeal(body, attributes['seal'], keyring, new Date())).toBe('valid');
    expect(readEnvelope(body)).toMatchObject({ outcome: 'event', envelope: { source: 'genesys/main' } });
    expect(groupId).toBe('main/47eaa099-2cb6-416d-86dc-283cf0480ff9');
  });

  test.each([
    ['analytics-webhook/batch.json', 12],
    ['analytics-webhook/minimal.json', 1],
    ['analytics-webhook/without-event-id.json', 1],
    ['conversation-webhook/created.json', 1],
    ['conversation-webhook/updated.json', 1],
    ['conversation-webhook/ended.json', 1],
    ['conversation-webhook/unsupported.json', 0],
    ['conversation-webhook/updated-email.json', 0],
  ])('%s gives %i events', async (name, events) => {
    const { handler, queued } = memoryStage();
    expect(read(await handler(signedEvent(fixture(name))))).toMatchObject({ status: 200, body: { events } });
    expect(queued).toHaveLength(events);
  });

  test('is the same over payload format 1.0, with headers in any case and several values', async () => {
    const { handler, queued } = memoryStage();
    const body = delivery(item);
    const { 'content-type': _type, ...signature } = signedEvent(body).headers;
    const upper = Object.entries(signature).map(([name, value]) => [name.toUpperCase(), [value!]]);
    const answer = await handler({
      httpMethod: 'POST',
      pathParameters: { source: 'main' },
      headers: {},
      multiValueHeaders: Object.fromEntries([
        ['Content-Type', ['application/json; charset=utf-8']],
        ...upper,
      ]),
      body,
      isBase64Encoded: false,
      requestContext: { requestId: 'req-1', requestTimeEpoch: Date.parse('2026-11-20T14:05:01.300Z') },
    } as never);
    expect(read(answer)).toMatchObject({ status: 200 });
    expect(queued).toHaveLength(1);
  });

  test('may come base64-encoded: the signature is over the bytes', async () => {
    const { handler } = memoryStage();
    const event = signedEvent(delivery({ ...item, agentId: 'Zoë' }), { isBase64Encoded: true });
    expect(read(await handler(event))).toMatchObject({ status: 200 });
  });

  test('may come by any scheme that its source is configured for', async () => {
    const { handler, clock } = memoryStage();
    const body = delivery(item);
    for (const [source, scheme] of [
      ['messaging', 'open-messaging'],
      ['relay', 'standard-webhooks'],
    ] as const) {
      const signature = signDelivery(Buffer.from(body), schemeOf(scheme), SECRET, {
        id: 'msg',
        now: clock.now,
      });
      const headers = { 'content-type': 'application/json', ...signature };
      expect(read(await handler(signedEvent(body, { source, headers })))).toMatchObject({ status: 200 });
    }
  });
});

describe('what is not signed', () => {
  const body = delivery(item);
  test.each([
    ['no signature', {}],
    ['another signature', { 'x-genesys-signature': 'a'.repeat(64) }],
    [
      'a signature with something behind it',
      { 'x-genesys-signature': `${signedEvent(body).headers['x-genesys-webhook-signature'] ?? ''}zz` },
    ],
    ['65,536 characters', { 'x-genesys-signature': 'a'.repeat(65_536) }],
  ])('%s is 401 without detail, and nothing is kept', async (_case, signature) => {
    const { handler, queued, quarantined } = memoryStage();
    const headers = { 'content-type': 'application/json', ...signature };
    expect(read(await handler(signedEvent(body, { headers })))).toEqual({
      status: 401,
      body: {
        type: 'about:blank',
        title: 'The signature is missing or wrong',
        status: 401,
        requestId: 'req-1',
      },
    });
    expect([queued, quarantined]).toEqual([[], []]);
  });

  test('a forged event with a real id does not stand in the way of the real one', async () => {
    const { handler, queued } = memoryStage();
    const forged = signedEvent(body, {
      headers: { 'content-type': 'application/json', 'x-genesys-signature': 'b'.repeat(64) },
    });
    expect(read(await handler(forged))).toMatchObject({ status: 401 });
    expect(read(await handler(signedEvent(body)))).toMatchObject({ status: 200 });
    expect(queued).toHaveLength(1);
  });

  test('two sources with one event id are two events', async () => {
    const { handler, queued, clock } = memoryStage();
    await handler(signedEvent(body));
    const signature = signDelivery(Buffer.from(body), schemeOf('open-messaging'), SECRET, {
      id: 'msg',
      now: clock.now,
    });
    await handler(
      signedEvent(body, {
        source: 'messaging',
        headers: { 'content-type': 'application/json', ...signature },
      }),
    );
    expect(new Set(queued.map(({ deduplicationId }) => deduplicationId)).size).toBe(2);
    expect(new Set(queued.map(({ groupId }) => groupId)).size).toBe(2);
  });
});

describe('what is turned away at the door', () => {
  test.each([
    ['another method', { method: 'GET' }, 405],
    ['another content type', { headers: { 'content-type': 'text/plain' } }, 415],
    ['no content type', { headers: {} }, 415],
    ['an unknown source', { source: 'nobody' }, 404],
  ])('%s', async (_case, changes, status) => {
    const { handler, store } = memoryStage();
    const answer = await handler(signedEvent(delivery(item), changes));
    expect(read(answer)).toMatchObject({ status, body: { status, requestId: 'req-1' } });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(store.reads()).toEqual([]);
  });

  test('one byte above 4.4 MB is too large, and 4.4 MB is not', async () => {
    const { handler } = memoryStage();
    const bare = delivery({ ...item, padding: '' });
    const padded = (bytes: number) => delivery({ ...item, padding: 'x'.repeat(bytes - bare.length) });
    expect(read(await handler(signedEvent(padded(4_400_001))))).toMatchObject({ status: 413 });
    expect(read(await handler(signedEvent(padded(4_400_000))))).toMatchObject({ status: 200 });
  });
});

describe('what is signed but not understood', () => {
  test.each([
    ['an empty body', '', 'unreadable'],
    ['4 MB of [', '['.repeat(4_000_000), 'unreadable'],
    ['a raw NUL', '{"a":"\u0000"}', 'unreadable'],
    ['a number', '7', 'unknown-dialect'],
    ['10,000 levels of nesting', '['.repeat(10_000) + ']'.repeat(10_000), 'unknown-dialect'],
    ['another product’s webhook', '{"hello":"world"}', 'unknown-dialect'],
    ['an empty list of outcomes', delivery([]), 'bad-item'],
    ['an outcome without a conversation', delivery({ timestamp: item.timestamp }), 'bad-item'],
    [
      'a number that is none',
      `{"data":{"conversationId":"c","timestamp":"${item.timestamp}","empathyScore":1e400}}`,
      'bad-item',
    ],
    ['a date in 2099', delivery({ ...item, timestamp: '2099-01-01T00:00:00Z' }), 'bad-item'],
  ])('%s is kept to the byte, sealed, and then answered 400', async (_case, body, reason) => {
    const { handler, queued, quarantined } = memoryStage();
    const { status, body: problem } = read(await handler(signedEvent(body)));
    expect(status).toBe(400);
    expect(problem).toMatchObject({ errors: [{ pointer: expect.any(String), message: expect.any(String) }] });
    expect(queued).toEqual([]);
    expect(quarantined).toMatchObject([{ kind: 'quarantine', source: 'main', reason }]);
    const kept = quarantined[0]!;
    expect(checkSeal(kept.body, kept.seal, keyring, new Date())).toBe('valid');
    const { body: bytes } = JSON.parse(Buffer.from(kept.body).toString()) as { body: string };
    expect(Buffer.from(bytes, 'base64').equals(Buffer.from(body))).toBe(true);
  });

  test('a signed body that is replayed once the ledger has forgotten it is kept, and not worked on', async () => {
    const { handler, queued, quarantined, clock } = memoryStage();
    const captured = signedEvent(delivery(item));
    expect(read(await handler(captured))).toMatchObject({ status: 200 });
    clock.now = new Date(clock.now.getTime() + 71 * 86_400_000);
    const replayed = signedEvent(delivery(item), { timeEpoch: clock.now.getTime() });
    expect(replayed.headers).toEqual(captured.headers);
    expect(read(await handler(replayed))).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/data/timestamp' }] },
    });
    expect(queued).toHaveLength(1);
    expect(quarantined).toMatchObject([{ kind: 'quarantine', reason: 'bad-item' }]);
  });

  test('invalid UTF-8 is kept to the byte too', async () => {
    const { handler, quarantined } = memoryStage();
    const body = Uint8Array.of(0x22, 0xff, 0x22);
    expect(read(await handler(signedEvent(body, { isBase64Encoded: true })))).toMatchObject({ status: 400 });
    const { body: bytes } = JSON.parse(Buffer.from(quarantined[0]!.body).toString()) as { body: string };
    expect(Buffer.from(bytes, 'base64')).toEqual(Buffer.from(body));
  });

  test('one bad item among a hundred good ones is kept, in the bytes it came in; the others go on', async () => {
    const { handler, queued, quarantined } = memoryStage();
    const good = Array.from({ length: 100 }, (_, index) => ({ ...item, conversationId: `c${index}` }));
    const bad = { ...item, timestamp: 'never' };
    expect(read(await handler(signedEvent(delivery([...good, bad]))))).toMatchObject({
      status: 200,
      body: { events: 100, refused: 1 },
    });
    expect(queued).toHaveLength(100);
    const kept = JSON.parse(Buffer.from(quarantined[0]!.body).toString()) as {
      body: string;
      errors: unknown;
    };
    expect(kept.errors).toEqual([expect.objectContaining({ pointer: '/data/100/timestamp' })]);
    expect(Buffer.from(kept.body, 'base64').toString()).toBe(delivery([...good, bad]));
  });

  test('the same body is kept under the same id', async () => {
    const { handler, quarantined } = memoryStage();
    await handler(signedEvent('oops'));
    await handler(signedEvent('oops'));
    expect(quarantined[1]?.id).toBe(quarantined[0]?.id);
  });

  test('when quarantine is full or down, the sender is asked to come again', async () => {
    for (const error of [new SetAsideFullError('main', 1), new Error('down')]) {
      const { handler } = memoryStage({ quarantine: () => Promise.reject(error) });
      const answer = await handler(signedEvent('oops'));
      expect(read(answer)).toMatchObject({ status: 503 });
      expect(answer.headers).toMatchObject({ 'retry-after': expect.stringMatching(/^\d+$/) });
    }
  });
});

describe('large deliveries', () => {
  const items = (count: number, padding = '') =>
    delivery(
      Array.from({ length: count }, (_, index) => ({ ...item, conversationId: `c${index}`, padding })),
    );

  test('500 events go on one by one; 501 are stored and queued as one', async () => {
    const inline = memoryStage();
    await inline.handler(signedEvent(items(500)));
    expect([inline.queued.length, inline.stored.size]).toEqual([500, 0]);

    const { handler, queued, stored } = memoryStage();
    const body = items(501);
    expect(read(await handler(signedEvent(body)))).toMatchObject({
      status: 200,
      body: { events: 501, refused: 0 },
    });
    expect([...stored.values()]).toEqual([Buffer.from(body)]);
    const [key] = stored.keys();
    expect(readEnvelope(queued[0]!.body)).toMatchObject({
      outcome: 'stored-delivery',
      envelope: { dataref: `s3://deliveries/${key}`, datalength: Buffer.byteLength(body) },
    });
    expect(queued).toHaveLength(1);
  });

  test('so is one above 900 KB', async () => {
    const { handler, queued, stored } = memoryStage();
    await handler(signedEvent(items(10, 'x'.repeat(90_001))));
    expect([queued.length, stored.size]).toEqual([1, 1]);
  });

  test('sent again, it has the same name, so the queue and the ledger know it', async () => {
    const { handler, queued, stored, clock } = memoryStage();
    await handler(signedEvent(items(501)));
    clock.now = new Date(clock.now.getTime() + 60_000);
    await handler(signedEvent(items(501), { timeEpoch: clock.now.getTime() }));
    expect(stored.size).toBe(1);
    expect(queued[1]?.deduplicationId).toBe(queued[0]?.deduplicationId);
  });

  test('an item above 200 KB is kept whole before its cut event is queued', async () => {
    const { handler, queued, stored } = memoryStage();
    const keywords = Array.from({ length: 9_000 }, (_, index) => ({ phrase: `phrase number ${index}` }));
    await handler(signedEvent(delivery({ ...item, keywords })));
    expect(Buffer.byteLength(queued[0]!.body)).toBeLessThan(210_000);
    expect([...stored.keys()]).toEqual([expect.stringMatching(/^items\/[0-9a-f]{64}\.json$/)]);
  });
});

describe('nothing is acknowledged that could not be kept', () => {
  test('when the queue is down: 503', async () => {
    const { handler } = memoryStage({ enqueue: () => Promise.reject(new Error('down')) });
    expect(read(await handler(signedEvent(delivery(item))))).toMatchObject({ status: 503 });
  });

  test('when the queue hangs: 503 at 2.5 s from the request’s own time', async () => {
    const { handler, clock } = memoryStage({ enqueue: () => new Promise(() => undefined) });
    const timeEpoch = clock.now.getTime() - 2_450;
    const before = performance.now();
    expect(read(await handler(signedEvent(delivery(item), { timeEpoch })))).toMatchObject({ status: 503 });
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  test('what is still under way when the answer is clear is told to stop', async () => {
    let told = false;
    const quarantine = (_item: unknown, signal: AbortSignal) =>
      new Promise<void>(() => signal.addEventListener('abort', () => (told = true)));
    const storeObject = () => Promise.reject(new Error('down'));
    const { handler } = memoryStage({ quarantine, storeObject });
    const keywords = Array.from({ length: 9_000 }, (_, index) => ({ phrase: `phrase number ${index}` }));
    const mixed = delivery([{ ...item, keywords }, 7]);
    expect(read(await handler(signedEvent(mixed)))).toMatchObject({ status: 503 });
    expect(told).toBe(true);
  });

  test('calls under way are told to stop at the deadline', async () => {
    let told = false;
    const enqueue = (_entries: unknown, signal: AbortSignal) =>
      new Promise<void>(() => signal.addEventListener('abort', () => (told = true)));
    const { handler, clock } = memoryStage({ enqueue });
    await handler(signedEvent(delivery(item), { timeEpoch: clock.now.getTime() - 2_450 }));
    expect(told).toBe(true);
  });

  test('when the budget is spent on arrival: 503 without a call', async () => {
    const { handler, store, clock } = memoryStage();
    const late = signedEvent(delivery(item), { timeEpoch: clock.now.getTime() - 2_500 });
    expect(read(await handler(late))).toMatchObject({ status: 503 });
    expect(store.reads()).toEqual([]);
  });

  test('when the secret cannot be read: 503, and the environment’s secret is no way around it', async () => {
    const { handler, store } = memoryStage({ webhookSecret: SECRET });
    store.become('down');
    expect(read(await handler(signedEvent(delivery(item))))).toMatchObject({ status: 503 });
  });
});

describe('secrets', () => {
  test('a cold start asks for both at once: while the first hangs, the other was asked for too', async () => {
    const { handler, store } = memoryStage();
    store.become('hanging');
    const answering = handler(
      signedEvent(delivery(item), { timeEpoch: Date.parse('2026-11-20T14:04:58.900Z') }),
    );
    await Promise.resolve();
    expect(store.reads()).toEqual(expect.arrayContaining(['sources/main AWSCURRENT', 'sealing AWSCURRENT']));
    expect((await answering).statusCode).toBe(503);
  });

  const signedWith = (secret: string) => {
    const body = delivery(item);
    const signature = signDelivery(Buffer.from(body), schemeOf('genesys-webhook'), secret, {
      id: 'm',
      now: new Date(),
    });
    return signedEvent(body, { headers: { 'content-type': 'application/json', ...signature } });
  };

  test('a rotation needs no deploy: the new secret is found on its first use, the previous one still verifies', async () => {
    const { handler, store } = memoryStage();
    await handler(signedWith(SECRET));
    store.put('sources/main', { AWSCURRENT: 'the-next-secret-0123456789', AWSPREVIOUS: SECRET });
    expect(read(await handler(signedWith('the-next-secret-0123456789')))).toMatchObject({ status: 200 });
    expect(read(await handler(signedWith(SECRET)))).toMatchObject({ status: 200 });
  });

  test('the line of log says which version of the secret verified, and never the secret', async () => {
    const { handler, store, lines } = memoryStage();
    const next = 'the-next-secret-0123456789';
    store.put('sources/main', { AWSCURRENT: next, AWSPREVIOUS: SECRET });
    for (const secret of [SECRET, next, 'not-the-secret-0123456789']) await handler(signedWith(secret));
    const logged = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(logged.filter(({ msg }) => msg === 'delivery').map((line) => line['secretVersion'])).toEqual([
      'AWSPREVIOUS',
      'AWSCURRENT',
      undefined,
    ]);
    expect(lines.join()).not.toContain(next);
  });

  test('so it does for the secret of the environment', async () => {
    const { handler, store, lines } = memoryStage({ webhookSecret: 'the-secret-of-document-002' });
    store.put('sources/main', {});
    await handler(signedWith('the-secret-of-document-002'));
    expect(lines.join()).toContain('"secretVersion":"environment"');
  });

  test('a flood of forgeries asks for the secret once in ten seconds', async () => {
    const { handler, store } = memoryStage();
    for (let n = 0; n < 50; n += 1) await handler(signedWith('not-the-secret-0123456789'));
    expect(store.reads().filter((each) => each.startsWith('sources/main'))).toHaveLength(3);
  });

  test('a mismatch while the secret cannot be refreshed proves nothing: 503', async () => {
    const { handler, store } = memoryStage();
    await handler(signedWith(SECRET));
    store.become('down');
    expect(read(await handler(signedWith('perhaps-the-next-secret-01')))).toMatchObject({ status: 503 });
    expect(read(await handler(signedWith(SECRET)))).toMatchObject({ status: 200 });
  });

  test('a secret that was stored in a form its scheme cannot use: 503, for that is our fault', async () => {
    const { handler, store, clock } = memoryStage();
    store.put('sources/relay', { AWSCURRENT: 'whsec_not base64!' });
    const body = delivery(item);
    const signature = signDelivery(Buffer.from(body), schemeOf('standard-webhooks'), SECRET, {
      id: 'm',
      now: clock.now,
    });
    const headers = { 'content-type': 'application/json', ...signature };
    expect(read(await handler(signedEvent(body, { source: 'relay', headers })))).toMatchObject({
      status: 503,
    });
  });

  test('the environment’s secret counts only where there is none in Secrets Manager', async () => {
    const environment = 'the-secret-of-document-002';
    const without = memoryStage({ webhookSecret: environment });
    without.store.put('sources/main', {});
    expect(read(await without.handler(signedWith(environment)))).toMatchObject({ status: 200 });
    const withBoth = memoryStage({ webhookSecret: environment });
    expect(read(await withBoth.handler(signedWith(environment)))).toMatchObject({ status: 401 });
    const withNone = memoryStage();
    withNone.store.put('sources/main', {});
    expect(read(await withNone.handler(signedWith(environment)))).toMatchObject({ status: 503 });
  });
});

test('a header called __proto__ is just a header', async () => {
  const { handler } = memoryStage();
  const headers = JSON.parse('{"__proto__":"x","content-type":"application/json"}') as Record<string, string>;
  expect(read(await handler(signedEvent(delivery(item), { headers })))).toMatchObject({ status: 401 });
});

test('whatever API Gateway hands over, the handler answers', async () => {
  const { handler } = memoryStage();
  const anything = fc.oneof(
    fc.anything(),
    fc
      .record({ headers: fc.dictionary(fc.string(), fc.string()), body: fc.string() })
      .map((odd) => ({ ...signedEvent('{}'), ...odd })),
    fc.json().map((json) => signedEvent(json)),
    fc.uint8Array().map((bytes) => signedEvent(bytes, { isBase64Encoded: true })),
  );
  await fc.assert(
    fc.asyncProperty(anything, async (event) => {
      const { statusCode } = await handler(event as never);
      expect([200, 400, 401, 404, 405, 413, 415, 503]).toContain(statusCode);
    }),
    { numRuns: 500 },
  );
});

test('no body, secret or signature is in any line of log', async () => {
  const { handler, lines } = memoryStage();
  const body = delivery({ ...item, keywords: [{ phrase: 'my card is 4111 1111 1111 1111' }] });
  await handler(signedEvent(body));
  await handler(signedEvent('{"card": 4111 1111'));
  const signature = signedEvent(body).headers['x-genesys-webhook-signature'] ?? '-';
  const log = lines.join('\n');
  expect(log).toContain('"result":"accepted"');
  for (const never of ['4111', SECRET, signature]) expect(log).not.toContain(never);
});
