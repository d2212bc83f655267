import { expect, test } from '@jest/globals';
import type { QueueMessage } from '@aftercall/queue';
import { type Keyring, seal } from '@aftercall/signing';
import { outcomeEvent } from './sample-events.ts';
import { vouchedNames } from './vouched-names.ts';

const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };
const NOW = new Date('2026-11-20T14:00:00Z');
const body = JSON.stringify(outcomeEvent({ id: 'o#c1/-', time: '2026-11-20T14:03:27.418Z' }));

function namesIn(changes: Partial<QueueMessage>) {
  const message: QueueMessage = {
    messageId: 'm-1',
    body,
    groupId: 'main/c1',
    seal: seal(body, keyring),
    attributes: {},
    sentAt: NOW,
    receiveCount: 1,
    receiptHandle: 'r-1',
    ...changes,
  };
  return vouchedNames(message, keyring, NOW);
}

test('a sealed message is known by the names in it', () => {
  expect(namesIn({})).toMatchObject({ eventId: 'o#c1/-', conversationId: 'c1' });
});

test.each([
  ['without a seal', { seal: undefined }],
  ['with a wrong one', { seal: 'v1:k1:AAAA' }],
  ['that is no envelope', { body: '{}', seal: seal('{}', keyring) }],
])('of a message %s nothing it says is believed', (_case, changes) => {
  expect(namesIn(changes)).toBeUndefined();
});
