import { expect, test } from '@jest/globals';
import type { ArchivedMessage, ArchivedNames, QueueMessage } from '@aftercall/queue';
import { checkSeal, type Keyring, seal } from '@aftercall/signing';
import { archiveMessage } from './index.ts';

const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };
const NOW = new Date('2026-11-20T14:00:00Z');
const body = '{"detail":1}';

async function archived(names: ArchivedNames | undefined, ownSeal?: string): Promise<ArchivedMessage> {
  const items: ArchivedMessage[] = [];
  const message: QueueMessage = {
    messageId: 'm-1',
    body,
    groupId: undefined,
    seal: ownSeal,
    attributes: {},
    sentAt: NOW,
    receiveCount: 1,
    receiptHandle: 'r-1',
  };
  await archiveMessage(message, 's3', {
    queueUrl: 'https://sqs/1/lake',
    keyring: async () => keyring,
    put: async (item) => void items.push(item),
    namesOf: () => names,
  });
  const [item] = items;
  if (!item) throw new Error('nothing was archived');
  return item;
}

test('a message is archived under the names it is known by, with the seal that it came with', async () => {
  const own = seal(body, keyring);
  const item = await archived({ source: 'main', eventId: 'e#c1/-', conversationId: 'c1' }, own);
  expect(item).toMatchObject({
    source: 'main',
    eventId: 'e#c1/-',
    conversationId: 'c1',
    seal: own,
    queue: 'lake',
  });
});

test('one that says nothing is kept too, and one without a seal under the stage’s own', async () => {
  const item = await archived(undefined);
  expect(item).toMatchObject({ source: 'unknown', kind: 'archive', reason: 'circuit-open' });
  expect(checkSeal(item.body.toString(), item.seal, keyring, NOW)).toBe('valid');
});
