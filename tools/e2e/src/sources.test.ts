import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from './eventually.ts';
import { genuineHeaders, requestUntilTaken } from './http.ts';
import { analytics, outcome, outcomeEventId } from './payloads.ts';
import type { Outcome } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage();
});
afterAll(() => stage.stop());

const SECRET_NAME = 'aftercall/local/sources/messaging';

test('a rotation of a secret in full traffic refuses no delivery of the old or the new one', async () => {
  const { url, scheme, secret: old } = stage.source('messaging');
  const next = randomBytes(32).toString('hex');
  stage.keepSecret(next);
  const answers: { readonly status: number; readonly data: Outcome; readonly eventId: string }[] = [];
  const send = async (secret: string): Promise<void> => {
    const [declared, data] = [`evt-${randomUUID()}`, outcome()];
    const body = analytics(declared, data);
    const { status } = await requestUntilTaken(url, {
      headers: genuineHeaders({ scheme, secret }, body, declared),
      body,
    });
    answers.push({ status, data, eventId: outcomeEventId(declared, data) });
  };
  const traffic = async (deliveries: number, secretOf: (index: number) => string): Promise<void> => {
    const sending = Array.from({ length: deliveries }, async (_delivery, index) => {
      await pause(index * 20);
      await send(secretOf(index));
    });
    await Promise.all(sending);
  };
  const rotation = async (): Promise<void> => {
    await pause(200);
    await stage.putSecret(SECRET_NAME, next);
  };
  await Promise.all([traffic(25, () => old), rotation()]);
  // The parts of a sender do not all change over at one moment.
  await traffic(25, (index) => (index % 2 === 0 ? next : old));
  await traffic(10, () => next);

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  await eventually(async () => {
    const rows = await Promise.all(answers.map(({ eventId }) => stage.ledgerRow(eventId, 'messaging')));
    expect(rows.filter((row) => row?.['status'] === 'COMPLETED')).toHaveLength(60);
  });
});

test('a secret that was replaced twice is worth nothing any more', async () => {
  const { url, scheme, secret: first } = stage.source('relay');
  const body = analytics(`evt-${randomUUID()}`, outcome());
  for (let rotation = 0; rotation < 2; rotation += 1) {
    await stage.putSecret('aftercall/local/sources/relay', `whsec_${randomBytes(32).toString('base64')}`);
  }
  const { status } = await requestUntilTaken(url, {
    headers: genuineHeaders({ scheme, secret: first }, body, 'late'),
    body,
  });
  expect(status).toBe(401);
});

test('a source added to the running stack works to the end', async () => {
  const { key, secret } = await stage.stack.addSource({ key: 'extra', scheme: 'genesys-webhook' });
  stage.keepSecret(secret);
  const [declared, data] = [`evt-${randomUUID()}`, outcome()];
  expect((await stage.deliver(key, analytics(declared, data))).status).toBe(200);
  await eventually(async () => {
    expect(await stage.ledgerRow(outcomeEventId(declared, data), key)).toMatchObject({ status: 'COMPLETED' });
    expect(await stage.conversation(`${key}/${data.conversationId}`)).toMatchObject({
      org: key,
      revision: 1,
    });
  });
});

test('no log holds a secret, a signature or a word of a conversation', async () => {
  expect(await stage.leaks()).toEqual([]);
});
