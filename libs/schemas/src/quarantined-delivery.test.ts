import { expect, test } from '@jest/globals';
import { quarantinedItems, quarantinedWhole } from './quarantined-delivery.ts';

const origin = {
  source: 'main',
  org: 'main',
  deliveryid: 'd1',
  receivedtime: '2026-11-20T14:05:01.310Z',
  signedid: undefined,
};
const body = Uint8Array.of(0xff, 0x00, 0x7b);
const errors = [{ pointer: '/data/3', message: 'must be object' }];

test('a whole delivery is kept to the byte, readable or not', () => {
  const kept = JSON.parse(quarantinedWhole(origin, body, errors));
  expect(kept).toMatchObject({ source: 'main', deliveryid: 'd1', errors });
  expect(Buffer.from(kept.body, 'base64')).toEqual(Buffer.from(body));
});

test('bad items are kept alone, each with its faults', () => {
  const kept = JSON.parse(quarantinedItems(origin, body, [{ value: 7, errors }]));
  expect(kept.items).toEqual([{ value: 7, errors }]);
  expect(kept).not.toHaveProperty('body');
});

test('an item too deep to be written again is kept as the bytes it came in', () => {
  const value: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
  const kept = JSON.parse(quarantinedItems(origin, body, [{ value, errors }]));
  expect(Buffer.from(kept.body, 'base64')).toEqual(Buffer.from(body));
  expect(kept.errors).toEqual(errors);
});
