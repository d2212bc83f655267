import { expect, test } from '@jest/globals';
import { quarantinedDelivery, readQuarantinedDelivery } from './quarantined-delivery.ts';

const origin = {
  source: 'main',
  org: 'main',
  deliveryid: 'd1',
  receivedtime: '2026-11-20T14:05:01.310Z',
  signedid: undefined,
};

test('a delivery is kept to the byte, readable or not, with where its faults are', () => {
  const body = Uint8Array.of(0xff, 0x00, 0x7b);
  const errors = [{ pointer: '/data/3', message: 'must be object' }];
  const kept = JSON.parse(quarantinedDelivery(origin, body, errors));
  expect(kept).toMatchObject({ source: 'main', deliveryid: 'd1', errors });
  expect(Buffer.from(kept.body, 'base64')).toEqual(Buffer.from(body));
});

test('what was kept is read back, and nothing else is', () => {
  const text = quarantinedDelivery({ ...origin, signedid: 'msg_1' }, Buffer.from('{'), []);
  expect(readQuarantinedDelivery(text)).toEqual(JSON.parse(text));
  expect(readQuarantinedDelivery('{"source":"main"}')).toBeUndefined();
  expect(readQuarantinedDelivery('{')).toBeUndefined();
});
