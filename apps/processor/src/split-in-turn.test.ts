import { expect, test } from '@jest/globals';
import { isUnavailable } from '@aftercall/queue';
import type { StoredDeliveryEnvelope } from '@aftercall/schemas';
import { splitInTurn } from './split-in-turn.ts';

const delivery = (id: string): StoredDeliveryEnvelope => ({
  ...{ specversion: '1.0', id, source: 'genesys/main', type: 'aftercall.delivery.stored', subject: id },
  ...{ time: '2026-11-20T14:05:01.310Z', org: 'main', digest: 'f'.repeat(64), deliveryid: id },
  ...{ receivedtime: '2026-11-20T14:05:01.310Z', dataref: `s3://deliveries/${id}` },
  ...{ datasha256: 'f'.repeat(64), datalength: 1 },
});
const plenty = () => 30_000;

test('deliveries are split one after the other, and one that fails holds up no other', async () => {
  const steps: string[] = [];
  const split = splitInTurn(async ({ id }) => {
    steps.push(`${id} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    steps.push(`${id} ends`);
    if (id === 'd1') throw new Error('no such object');
    return { children: 1 };
  });
  const results = await Promise.allSettled(['d1', 'd2', 'd3'].map((id) => split(delivery(id), plenty)));
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  expect(steps).toEqual(['d1 begins', 'd1 ends', 'd2 begins', 'd2 ends', 'd3 begins', 'd3 ends']);
});

test('one whose turn comes too late is not begun, and its try does not count', async () => {
  const begun: string[] = [];
  const split = splitInTurn(async ({ id }) => {
    begun.push(id);
    return { children: 1 };
  });
  let remaining = 30_000;
  const remainingMillis = () => (remaining -= 26_000);
  const [, late] = await Promise.allSettled([
    split(delivery('d1'), plenty),
    split(delivery('d2'), remainingMillis),
  ]);
  expect(begun).toEqual(['d1']);
  expect(late.status === 'rejected' && isUnavailable(late.reason)).toBe(true);
});

test('the first is begun however little time there is: something must get on', async () => {
  const split = splitInTurn(async () => ({ children: 1 }));
  await expect(split(delivery('d1'), () => 1_000)).resolves.toEqual({ children: 1 });
  await expect(split(delivery('d2'), () => 1_000)).resolves.toEqual({ children: 1 });
});
