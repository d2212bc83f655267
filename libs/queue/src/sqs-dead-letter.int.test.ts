import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { PermanentError } from './permanent-error.ts';
import type { QueueMessage } from './queue-message.ts';
import { sqsDeadLetter } from './sqs-dead-letter.ts';
import { startSqs, stringAttributesOf, type SqsTestServer } from './sqs-test-server.ts';

const message: QueueMessage = {
  messageId: '5fea7756-0ea4-451a-a703-a558b933e274',
  body: '{"specversion":"1.0","text":"Grüße"}',
  groupId: 'main#conv-1',
  seal: 'v1:k1:c2VhbA==',
  attributes: { seal: 'v1:k1:c2VhbA==', other: 'dropped' },
  sentAt: new Date('2026-11-20T14:00:00Z'),
  receiveCount: 7,
  receiptHandle: 'handle',
};
const sender = { function: 'processor', now: () => new Date('2026-11-20T14:05:00Z') };

describe('a dead letter', () => {
  let server: SqsTestServer;
  let queues = 0;

  beforeAll(async () => {
    server = await startSqs();
  });
  afterAll(() => server.close());

  const sent = async (error: PermanentError, changes: Partial<QueueMessage> = {}, suffix = '.fifo') => {
    const queueUrl = server.createQueue(`dead-${(queues += 1)}${suffix}`);
    const deadLetter = sqsDeadLetter(server.call, queueUrl, sender);
    await deadLetter({ ...message, ...changes }, error);
    return { queueUrl, deadLetter, received: await server.drain(queueUrl) };
  };

  test('keeps body and seal and says why, where, when and after how many attempts', async () => {
    const { received } = await sent(new PermanentError('conflict', 'first digest 1a2b', { attempts: 2 }));
    expect(received).toHaveLength(1);
    expect(received[0]?.Body).toBe(message.body);
    expect(stringAttributesOf(received[0] ?? {})).toEqual({
      seal: 'v1:k1:c2VhbA==',
      reason: 'conflict',
      detail: 'first digest 1a2b',
      function: 'processor',
      failedAt: '2026-11-20T14:05:00.000Z',
      attempts: '2',
    });
  });

  test('has no seal and no detail when there is none, and no attempts when it was never tried', async () => {
    const { received } = await sent(new PermanentError('bad-seal'), { seal: undefined });
    expect(stringAttributesOf(received[0] ?? {})).toEqual({
      reason: 'bad-seal',
      function: 'processor',
      failedAt: '2026-11-20T14:05:00.000Z',
      attempts: '0',
    });
  });

  test('names the replay that its message came from', async () => {
    const { received } = await sent(new PermanentError('conflict'), { replayRun: 'run-7' });
    expect(stringAttributesOf(received[0] ?? {})).toMatchObject({ replayrun: 'run-7' });
  });

  test('keeps its group and is one letter however often it is sent', async () => {
    const error = new PermanentError('bad-schema');
    const { queueUrl, deadLetter, received } = await sent(error);
    await deadLetter(message, error);
    await expect(server.drain(queueUrl)).resolves.toEqual([]);
    expect(received[0]?.Attributes).toMatchObject({
      MessageGroupId: 'main#conv-1',
      MessageDeduplicationId: createHash('sha256').update(`${queueUrl}\n${message.messageId}`).digest('hex'),
    });
  });

  test('stays apart from another message with the same body', async () => {
    const { queueUrl, deadLetter } = await sent(new PermanentError('bad-schema'));
    await deadLetter({ ...message, messageId: 'another' }, new PermanentError('bad-schema'));
    await expect(server.drain(queueUrl)).resolves.toHaveLength(1);
  });

  test('needs no group where the dead-letter queue is a standard queue', async () => {
    const { received } = await sent(new PermanentError('bad-schema'), { groupId: undefined }, '');
    expect(received[0]?.Attributes?.MessageGroupId).toBeUndefined();
  });

  test('is a group of its own where a standard queue has a FIFO dead-letter queue', async () => {
    const { received } = await sent(new PermanentError('bad-schema'), { groupId: undefined });
    expect(received[0]?.Attributes?.MessageGroupId).toBe(message.messageId);
  });

  test('cuts its detail at 512 characters without splitting one', async () => {
    const { received } = await sent(new PermanentError('bad-schema', '🙂'.repeat(600)));
    expect(stringAttributesOf(received[0] ?? {}).detail).toBe('🙂'.repeat(512));
  });

  test('replaces characters that SQS would refuse the whole letter for', async () => {
    const { received } = await sent(new PermanentError('bad-schema', 'at "\u0000\uD800\uFFFF"\n'));
    expect(stringAttributesOf(received[0] ?? {}).detail).toBe('at "\uFFFD\uFFFD\uFFFD"\n');
  });

  test('throws when the queue cannot take it', async () => {
    const nowhere = `${server.endpoint}/000000000000/nowhere.fifo`;
    const sending = sqsDeadLetter(server.call, nowhere, sender)(message, new PermanentError('bad-schema'));
    await expect(sending).rejects.toThrow(expect.objectContaining({ name: 'QueueDoesNotExist' }));
  });
});
