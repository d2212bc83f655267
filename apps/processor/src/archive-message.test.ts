import { expect, test } from '@jest/globals';
import type { ArchivedMessage, QueueMessage } from '@aftercall/queue';
import { type Keyring, seal } from '@aftercall/signing';
import { archiveMessage } from './archive-message.ts';
import { outcomeEvent } from './sample-events.ts';

const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };
const now = () => new Date('2026-11-20T14:00:00Z');
const body = JSON.stringify(outcomeEvent({ id: 'o#c1/-', time: '2026-11-20T14:03:27.418Z' }));

async function archived(changes: Partial<QueueMessage>): Promise<ArchivedMessage[]> {
  const items: ArchivedMessage[] = [];
  const message: QueueMessage = {
    messageId: 'm-1',
    body,
    groupId: 'main/c1',
    seal: seal(body, keyring),
    attributes: {},
    sentAt: now(),
    receiveCount: 1,
    receiptHandle: 'r-1',
    ...changes,
  };
  await archiveMessage(message, {
    queueUrl: 'https://sqs/1/events.fifo',
    keyring: async () => keyring,
    put: async (item) => void items.push(item),
    now,
  });
  return items;
}

test('a sealed message is archived under the names in it', async () => {
  expect(await archived({})).toMatchObject([
    { eventId: 'o#c1/-', conversationId: 'c1', queue: 'events.fifo' },
  ]);
});

test.each([
  ['without a seal', { seal: undefined }],
  ['with a wrong one', { seal: 'v1:k1:AAAA' }],
  ['that is no envelope', { body: '{}', seal: seal('{}', keyring) }],
])('a message %s is kept too, but nothing it says is believed', async (_case, changes) => {
  const [item] = await archived(changes);
  expect(item).toMatchObject({ source: 'unknown', kind: 'archive' });
  expect(item).not.toHaveProperty('eventId');
});
