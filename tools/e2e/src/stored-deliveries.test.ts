import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { seal } from '@aftercall/signing';
import { createHash, randomUUID } from 'node:crypto';
import { eventually } from './eventually.ts';
import { analytics, outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

/** For six hundred events on two busy cores. */
const PATIENCE_SECONDS = 55;

const idOf = (source: string, body: string): string =>
  createHash('sha256').update(`${source}\n${body}`).digest('hex');

/** The bytes that ingest has kept of a delivery. */
async function storedBody(deliveryId: string): Promise<string | undefined> {
  const objects = await stage.storedDeliveries();
  return objects.find(({ key }) => key === `deliveries/main/${deliveryId}`)?.body.toString();
}

test('six hundred events in one delivery are kept, split and each recorded exactly once, a bad one set aside', async () => {
  const good = Array.from({ length: 600 }, () => outcome());
  const body = analytics(`evt-${randomUUID()}`, [...good, outcome(randomUUID(), { timestamp: 'never' })]);
  const deliveryId = idOf('main', body);
  const answer = await stage.deliver('main', body);
  expect([answer.status, answer.body]).toEqual([
    200,
    { status: 'accepted', deliveryId, events: 601, refused: 0 },
  ]);
  expect(await storedBody(deliveryId)).toBe(body);
  const conversationIds = good.map(({ conversationId }) => conversationId).sort();
  await eventually(() => expect(stage.facts().length).toBe(1_200), PATIENCE_SECONDS);
  const items = await stage.conversations();
  expect(items.map(({ conversationId }) => conversationId).sort()).toEqual(conversationIds);
  expect(items.filter(({ revision }) => revision !== 1)).toEqual([]);
  expect(new Set(stage.facts().map(({ id }) => id)).size).toBe(1_200);
  await eventually(async () => {
    expect(await stage.ledgerRow(deliveryId)).toMatchObject({ status: 'COMPLETED' });
    const rows = await stage.ledgerRows();
    expect([rows.length, rows.filter(({ status }) => status !== 'COMPLETED')]).toEqual([601, []]);
  });
  expect(await stage.setAsideRows()).toContainEqual(
    expect.objectContaining({ pk: 'quarantine', reason: 'bad-item', id: deliveryId }),
  );
  expect(await stage.deadLetters()).toEqual([]);
});

test('a stored delivery that is not the one that was sealed goes no further', async () => {
  const body = analytics(
    `evt-${randomUUID()}`,
    Array.from({ length: 501 }, () => outcome()),
  );
  const key = `deliveries/main/${idOf('main', body)}`;
  const forged = analytics('evt-forged', [outcome()]);
  const { envelope, seal } = await sealedReference(
    body,
    `s3://${stage.local.resources.deliveriesBucket}/${key}`,
  );
  await stage.storeDelivery(key, forged);
  await stage.enqueue({ body: envelope, groupId: 'main/forged', attributes: { seal } });
  await eventually(async () => {
    const letters = (await stage.deadLetters()).filter((letter) => letter.body === envelope);
    expect(letters).toMatchObject([{ attributes: { reason: 'effect-refused' } }]);
  });
});

/** The message that ingest queues for a delivery it has stored. */
async function sealedReference(body: string, dataref: string) {
  const [id, digest, time] = [
    idOf('main', body),
    createHash('sha256').update(body).digest('hex'),
    new Date().toISOString(),
  ];
  const envelope = JSON.stringify({
    ...{
      specversion: '1.0',
      id,
      source: 'genesys/main',
      type: 'aftercall.delivery.stored',
      subject: id,
      time,
      org: 'main',
    },
    ...{
      digest,
      deliveryid: id,
      receivedtime: time,
      dataref,
      datasha256: digest,
      datalength: Buffer.byteLength(body),
    },
  });
  return { envelope, seal: seal(envelope, await stage.keyring()) };
}

/** The first turn of a large delivery, on a busy laptop. */
const SPLIT_SECONDS = 40;

test('twenty thousand events in one delivery are acknowledged in time, kept to the byte, and split', async () => {
  const timestamp = new Date().toISOString();
  const items = Array.from({ length: 20_000 }, (_item, index) => ({
    conversationId: `minimal-${index}`,
    timestamp,
  }));
  const body = analytics(`evt-${randomUUID()}`, items);
  expect(body.length).toBeLessThan(4_400_000);
  const answer = await stage.deliver('main', body);
  const deliveryId = idOf('main', body);
  expect([answer.status, answer.body]).toMatchObject([200, { deliveryId, events: 20_000, refused: 0 }]);
  expect((await storedBody(deliveryId)) === body).toBe(true);
  // It takes several turns: each ends in time and hands the rest to the next, so nothing starts again from the front.
  await eventually(async () => {
    expect(await stage.ledgerRow(deliveryId)).toMatchObject({ status: 'COMPLETED', attempts: 1 });
  }, SPLIT_SECONDS);
  expect(await stage.deadLetters()).toHaveLength(1);
});

test('no log holds a secret, a signature or a word of a conversation', async () => {
  expect(await stage.leaks()).toEqual([]);
});
