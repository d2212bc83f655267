import { expect, test } from '@jest/globals';
import { checkSeal, type Keyring } from '@aftercall/signing';
import { archivedMessage } from './archived-message.ts';
import type { QueueMessage } from './queue-message.ts';

const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };
const now = new Date('2026-11-20T14:00:00Z');
const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/aftercall-dev-events.fifo';
const message: QueueMessage = {
  messageId: 'm-1',
  body: '{"id":"é"}',
  groupId: 'main/c-1',
  seal: 'v1:k1:its-own',
  attributes: {},
  sentAt: now,
  receiveCount: 3,
  receiptHandle: 'handle of this receive',
};
const archived = (changes: Partial<QueueMessage> = {}) =>
  archivedMessage(
    { ...message, ...changes },
    {
      queueUrl,
      downstream: 'dynamodb',
      names: { source: 'main' },
      keyring,
    },
  );

test('keeps body, seal, queue and group as they were', () => {
  expect(archived()).toMatchObject({
    kind: 'archive',
    source: 'main',
    reason: 'circuit-open',
    seal: 'v1:k1:its-own',
    queue: 'aftercall-dev-events.fifo',
    group: 'main/c-1',
    detail: 'dynamodb',
  });
  expect(Buffer.from(archived().body).toString()).toBe(message.body);
});

test('has one id however often it is received, and another one for another message with that body', () => {
  expect(archived({ receiptHandle: 'another', receiveCount: 4 }).id).toBe(archived().id);
  expect(archived({ messageId: 'm-2' }).id).not.toBe(archived().id);
});

test('is sealed by the stage where its queue is not sealed', () => {
  const { seal, ...kept } = archived({ seal: undefined, groupId: undefined });
  expect(checkSeal(message.body, seal, keyring, now)).toBe('valid');
  expect(kept).not.toHaveProperty('group');
});

test('gets no seal of ours where it should have come with one: nobody has looked at it yet', () => {
  expect(checkSeal(message.body, archived({ seal: undefined }).seal, keyring, now)).not.toBe('valid');
});
