import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from './eventually.ts';
import { analytics, conversationStep, outcome, outcomeEventId } from './payloads.ts';
import { startStage } from './stage.ts';
import type { Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await startStage({ proxied: ['processor'] });
  // A claim that is not given back keeps its message hidden too, for the stage's whole minute.
  await stage.setEventsVisibility(5);
});
afterAll(() => stage.stop());

/** The function's ten seconds, its lease's margin of ten, and the visibility of the messages. */
const PATIENCE_SECONDS = 45;

test('a bus that hangs is given up before the function is killed, and the event has lost no attempt', async () => {
  const [declared, data] = [`evt-${randomUUID()}`, outcome()];
  const bus = stage.proxy('processor', 'events');
  const mend = bus.fail({ kind: 'timeout', operation: 'PutEvents' });
  expect((await stage.deliver('main', analytics(declared, data))).status).toBe(200);
  await eventually(() => expect(bus.calls.length).toBeGreaterThan(3), PATIENCE_SECONDS);
  mend();
  await eventually(async () => {
    const row = await stage.ledgerRow(outcomeEventId(declared, data));
    expect(row).toMatchObject({ status: 'COMPLETED', attempts: 1 });
  }, PATIENCE_SECONDS);
  await eventually(() => expect(stage.recordedFacts(data.conversationId)).toHaveLength(1));
  expect(await stage.deadLetters()).toEqual([]);
});

test('an event whose claim could not be given back is taken over when the lease ends, before what came after it', async () => {
  const [declared, data] = [`evt-${randomUUID()}`, outcome()];
  const eventId = outcomeEventId(declared, data);
  const mendBus = stage.proxy('processor', 'events').fail({ kind: 'unavailable', operation: 'PutEvents' });
  // Releasing is the only update while the bus is down.
  const ledger = stage.proxy('processor', 'dynamodb');
  ledger.reset();
  const mendLedger = ledger.fail({ kind: 'unavailable', operation: 'UpdateItem' });
  expect((await stage.deliver('main', analytics(declared, data))).status).toBe(200);
  // The client's three tries of one release.
  await eventually(() => expect(ledger.count('UpdateItem')).toBeGreaterThanOrEqual(3));
  expect(
    (await stage.deliver('main', conversationStep(data.conversationId, 3_599, 'connected'))).status,
  ).toBe(200);
  const held = await stage.ledgerRow(eventId);
  expect(held).toMatchObject({ status: 'IN_PROGRESS', attempts: 1 });
  mendBus();
  mendLedger();
  await eventually(async () => {
    expect(await stage.ledgerRow(eventId)).toMatchObject({ status: 'COMPLETED', attempts: 2 });
    expect(stage.changedFacts(data.conversationId)).toHaveLength(2);
  }, PATIENCE_SECONDS);

  const taken = await stage.ledgerRow(eventId);
  expect(taken?.['owner']).not.toBe(held?.['owner']);
  expect(Number(taken?.['claimedAt'])).toBeGreaterThanOrEqual(Number(held?.['leaseUntil']));
  expect(await stage.conversation(data.conversationId)).toMatchObject({ revision: 2, state: 'connected' });
  expect(stage.recordedFacts(data.conversationId)).toHaveLength(1);
  const order = stage
    .logs('processor')
    .flatMap(({ result, eventId: id }) => (result === 'processed' ? [id] : []))
    .slice(-2);
  expect(order).toEqual([eventId, expect.not.stringContaining(declared)]);
  expect(await stage.deadLetters()).toEqual([]);
});

test('no log holds a secret, a signature or a word of a conversation', async () => {
  expect(await stage.leaks()).toEqual([]);
});
