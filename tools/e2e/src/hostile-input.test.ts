import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.ts';
import { request } from './http.ts';
import { analytics, fixture, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

const [LONG_AGO, FAR_AHEAD] = ['2001-01-01T00:00:00Z', '2099-01-01T00:00:00Z'];

/** An outcome's JSON with one more member, written by hand because no serialiser writes such members. */
const outcomeWith = (member: string): string => JSON.stringify(outcome()).replace(/\}$/, `,${member}}`);
const delivery = (data: string): string => `{"webhookEventId":"evt-${randomUUID()}","data":${data}}`;
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('a signed body that is', () => {
  test.each<readonly [string, () => string | Uint8Array]>([
    ['empty', () => ''],
    ['white space', () => ' \r\n\t'],
    ['four megabytes of [', () => '['.repeat(4_000_000)],
    ['nested ten thousand deep', () => nested(10_000)],
    ['no JSON', () => '{"data":'],
    ['JSON with a NUL in it', () => '{"data":\0}'],
    ['a number', () => '17'],
    ['null', () => 'null'],
    ['an empty list', () => '[]'],
    ['in no dialect', () => '{"hello":"world"}'],
    ['without any event', () => analytics('evt-none', [])],
    ['only a __proto__', () => '{"__proto__":{"data":{"conversationId":"x"}}}'],
  ])('%s is a 400', async (_name, body) => {
    const answer = await stage.deliver('main', body());
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { status: 400, errors: [{ pointer: expect.any(String) }] },
    ]);
  });

  test('not UTF-8 is refused', async () => {
    const body = Buffer.concat([
      Buffer.from('{"data":"'),
      Buffer.from([0xc3, 0x28, 0xff]),
      Buffer.from('"}'),
    ]);
    // The HTTP API hands JSON on as text, so such bytes no longer match their signature.
    expect([400, 401]).toContain((await stage.deliver('main', body)).status);
  });

  test('larger than a function can take is a 413', async () => {
    expect((await stage.deliver('main', `{"data":"${'x'.repeat(4_400_000)}"}`)).status).toBe(413);
  });
});

describe('an item with', () => {
  test.each([
    ['data nested ten thousand deep', () => nested(10_000)],
    ['a number beyond every number', () => outcomeWith('"sentiment":{"score":1e400}')],
    ['an id of ten thousand characters', () => JSON.stringify(outcome('i'.repeat(10_000)))],
    ['an empty id', () => JSON.stringify(outcome(''))],
    ['a NUL in its id', () => JSON.stringify(outcome('a\0b'))],
    ['an id that is no text', () => JSON.stringify({ ...outcome(), conversationId: { toString: 'x' } })],
    ['no date', () => JSON.stringify({ conversationId: 'no-date' })],
    ['a date that is none', () => JSON.stringify({ ...outcome(), timestamp: '2026-13-45T99:00:00Z' })],
    ['a date that is too old', () => JSON.stringify({ ...outcome(), timestamp: LONG_AGO })],
    ['a date in 2099', () => JSON.stringify({ ...outcome(), timestamp: FAR_AHEAD })],
  ])('%s is a 400, and has no effect', async (_name, item) => {
    const answer = await stage.deliver('main', delivery(item()));
    expect([answer.status, answer.body]).toMatchObject([
      400,
      { errors: [{ pointer: expect.stringContaining('/data') }] },
    ]);
  });

  test('a declared id of ten thousand characters is a 400', async () => {
    const answer = await stage.deliver('main', analytics('e'.repeat(10_000), outcome()));
    expect([answer.status, answer.body]).toMatchObject([400, { errors: [{ pointer: '/webhookEventId' }] }]);
  });

  test.each([
    ['members nested ten thousand deep that nobody asked for', () => outcomeWith(`"more":${nested(10_000)}`)],
    ['a __proto__', () => outcomeWith('"__proto__":{"conversationId":"polluted","isAdmin":true}')],
    ['a lone surrogate in a phrase', () => outcomeWith('"keywords":[{"phrase":"\\ud800"}]')],
  ])('%s is accepted, and recorded as if it had none', async (_name, item) => {
    const data = item();
    const { conversationId } = JSON.parse(data) as { conversationId: string };
    expect((await stage.deliver('main', delivery(data))).status).toBe(200);
    await eventually(async () =>
      expect(await stage.conversation(conversationId)).toMatchObject({ conversationId, revision: 1 }),
    );
    expect(await stage.conversation('polluted')).toBeUndefined();
  });

  test('two values under one key counts with the last one', async () => {
    const [first, last] = [randomUUID(), randomUUID()];
    const data = outcomeWith(`"conversationId":"${last}"`).replace('{', `{"conversationId":"${first}",`);
    expect((await stage.deliver('main', delivery(data))).status).toBe(200);
    await eventually(async () => expect(await stage.conversation(last)).toMatchObject({ revision: 1 }));
    expect(await stage.conversation(first)).toBeUndefined();
  });

  test.each([
    ['an emoji', '👩‍💻 at work'],
    ['spaces', '  a  b  '],
    ['slashes, hashes and percent signs', '../a#b/%2f?c=d&e'],
    ['quotes and a backslash', '"a\\b\''],
    ['a lone surrogate', 'a\ud800b'],
    ['128 characters outside the basic plane', '𝒳'.repeat(128)],
    ['two characters that SQS takes in no message', 'a\uFFFEb\uFFFFc'],
  ])('an id with %s is recorded like any other', async (_name, id) => {
    await sendWithId(id);
    await eventually(() => expect(stage.recordedFacts(asKept(id))).toHaveLength(1));
  });

  /** What no service keeps as it is has become U+FFFD. */
  const asKept = (id: string) => id.toWellFormed().replace(/[\uFFFE\uFFFF]/g, '\uFFFD');

  async function sendWithId(id: string): Promise<void> {
    const data = { ...outcome(id), communicationId: id };
    expect((await stage.deliver('main', analytics(id, data))).status).toBe(200);
    const kept = asKept(id);
    await eventually(async () => {
      expect(await stage.ledgerRow(`${kept}#${kept}/${kept}`)).toMatchObject({
        status: 'COMPLETED',
        attempts: 1,
      });
      expect(await stage.conversation(kept)).toMatchObject({ revision: 1 });
    });
  }
});

describe('a request', () => {
  const JSON_TYPE = { 'content-type': 'application/json' };

  test.each([
    ['for a source that is not there', 404, '/webhooks/nobody', { headers: JSON_TYPE, body: '{}' }],
    ['for a source that every object has', 404, '/webhooks/constructor', { headers: JSON_TYPE, body: '{}' }],
    ['that climbs', 404, '/webhooks/..%2Fmain', { headers: JSON_TYPE, body: '{}' }],
    ['for another path', 404, '/', { method: 'GET' }],
    ['by GET', 405, '/webhooks/main', { method: 'GET' }],
    ['by PUT', 405, '/webhooks/main', { method: 'PUT', headers: JSON_TYPE, body: '{}' }],
    ['by DELETE', 405, '/webhooks/main', { method: 'DELETE' }],
    ['with text', 415, '/webhooks/main', { headers: { 'content-type': 'text/plain' }, body: '{}' }],
    [
      'with a form',
      415,
      '/webhooks/main',
      { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' },
    ],
    [
      'of a type that only begins like JSON',
      415,
      '/webhooks/main',
      { headers: { 'content-type': 'application/jsonp' }, body: '{}' },
    ],
    ['without a signature', 401, '/webhooks/main', { headers: JSON_TYPE, body: '{}' }],
  ])('%s is a %d', async (_name, status, path, wanted) => {
    const answer = await request(`${stage.local.http}${path}`, wanted);
    expect(answer.status).toBe(status);
    if (status === 405) expect(answer.headers.get('allow')).toBe('POST');
  });

  test('with a signature header of sixteen kilobytes, or many of them, is a 401 or refused as a whole', async () => {
    for (const signature of ['f'.repeat(15_000), '\u00ff'.repeat(64), 'sha256=']) {
      const headers = { ...JSON_TYPE, 'x-genesys-webhook-signature': signature };
      expect([401, 431]).toContain((await request(stage.source('main').url, { headers, body: '{}' })).status);
    }
  });

  test('is never answered with a fault of ours, whatever its bytes', async () => {
    const recorded = ['single', 'batch', 'minimal'].map((name) => fixture(`analytics-webhook/${name}.json`));
    const mutated = fc
      .tuple(
        fc.constantFrom(...recorded),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      )
      .map(([body, changes]) => {
        const bytes = Buffer.from(body);
        for (const [place, value] of changes) bytes[place % bytes.length] = value;
        return bytes;
      });
    const anything = fc.oneof(
      mutated,
      fc.jsonValue().map((value) => Buffer.from(JSON.stringify(value))),
    );
    const property = fc.asyncProperty(anything, async (body) => {
      expect([200, 400, 401]).toContain((await stage.deliver('main', body)).status);
    });
    await fc.assert(property, { numRuns: 150, seed: 20261122 });
  });
});

test('the stack works on as if nothing had been', async () => {
  for (const source of ['main', 'messaging', 'relay']) {
    const [declared, data] = [`evt-${randomUUID()}`, outcome()];
    expect((await stage.deliver(source, analytics(declared, data))).status).toBe(200);
    await eventually(async () => {
      expect(await stage.ledgerRow(outcomeEventId(declared, data), source)).toMatchObject({
        status: 'COMPLETED',
        attempts: 1,
      });
    });
  }
  await eventually(async () => expect(await stage.eventsQueued()).toBe(0));
  const { reasons, errors } = {
    reasons: (await stage.deadLetters()).map(({ attributes }) => attributes['reason']),
    errors: [...stage.logs('ingest'), ...stage.logs('processor')].filter(
      ({ level }) => level === 'error' || typeof level === 'number',
    ),
  };
  expect(new Set(reasons.filter((reason) => reason !== 'conflict'))).toEqual(new Set());
  expect(errors).toEqual([]);
});

test('no log holds a secret, a signature or a word of a conversation', async () => {
  expect(await stage.leaks()).toEqual([]);
});
