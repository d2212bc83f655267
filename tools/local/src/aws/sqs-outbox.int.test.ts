import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { clientConfig } from './clients.ts';
import { arn } from './identity.ts';
import { startSqsAndS3 } from './sqs-and-s3.ts';
import type { SqsAndS3 } from './sqs-and-s3.ts';
import { createSqsOutbox } from './sqs-outbox.ts';

let server: SqsAndS3;
let sqs: SQSClient;
let calls: string[] = [];

beforeAll(async () => {
  server = await startSqsAndS3();
  sqs = new SQSClient({ ...clientConfig(server.sqs.url), maxAttempts: 1 });
  sqs.middlewareStack.add((next, { commandName }) => async (args) => {
    calls.push(String(commandName));
    return next(args);
  });
});
afterAll(async () => {
  sqs.destroy();
  await server.close();
});

async function queue(name: string, attributes: Record<string, string> = {}) {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
  calls = [];
  const { send } = createSqsOutbox({ sqs, sqsUrl: server.sqs.url, signal: new AbortController().signal });
  const received = async () => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    });
    return (await sqs.send(command)).Messages ?? [];
  };
  return {
    received,
    send: (body: string, more: { groupId?: string; attributes?: Record<string, string> } = {}) =>
      send(arn('sqs', name), { body, ...more }),
  };
}

const sent = () => calls.filter((name) => name === 'SendMessageBatchCommand').length;

test('messages that wait together go together, ten at most, in their order', async () => {
  const { send, received } = await queue('together');
  const results = await Promise.all(Array.from({ length: 25 }, (_, n) => send(String(n))));
  expect(results).toEqual(Array(25).fill({ outcome: 'delivered' }));
  expect(sent()).toBe(3);
  const bodies = [...(await received()), ...(await received()), ...(await received())].map(
    ({ Body }) => Body,
  );
  expect(bodies).toEqual(Array.from({ length: 25 }, (_, n) => String(n)));
});

test('a message alone does not wait long', async () => {
  const { send } = await queue('alone');
  const started = Date.now();
  await send('x');
  expect(Date.now() - started).toBeLessThan(1_000);
});

test('a batch is at most one MiB, attributes and all', async () => {
  const { send } = await queue('large');
  const body = 'x'.repeat(300_000);
  const results = await Promise.all(Array.from({ length: 7 }, () => send(body)));
  expect(results).toEqual(Array(7).fill({ outcome: 'delivered' }));
  expect(sent()).toBe(3);
});

test('a message that the queue does not take fails alone, and again it would', async () => {
  const { send, received } = await queue('mixed');
  const results = await Promise.all([
    send('good'),
    send('bad\u0000'),
    send('x'.repeat(1_100_000)),
    send('fine'),
  ]);
  expect(results).toEqual([
    { outcome: 'delivered' },
    {
      outcome: 'failed',
      retry: 'never',
      code: 'SDK_CLIENT_ERROR',
      message: expect.stringContaining('nvalid'),
    },
    {
      outcome: 'failed',
      retry: 'never',
      code: 'SDK_CLIENT_ERROR',
      message: expect.stringContaining('longer'),
    },
    { outcome: 'delivered' },
  ]);
  expect((await received()).map(({ Body }) => Body)).toEqual(['good', 'fine']);
});

test('attributes and group go along', async () => {
  const { send, received } = await queue('with.fifo', {
    FifoQueue: 'true',
    ContentBasedDeduplication: 'true',
  });
  await send('x', { groupId: 'g', attributes: { ERROR_CODE: 'C' } });
  expect(await received()).toMatchObject([
    { Body: 'x', MessageAttributes: { ERROR_CODE: { DataType: 'String', StringValue: 'C' } } },
  ]);
});

test('while the queue is not there, every message may be tried later', async () => {
  const { send } = createSqsOutbox({ sqs, sqsUrl: server.sqs.url, signal: new AbortController().signal });
  const body = 'x';
  const results = await Promise.all([1, 2].map(() => send(arn('sqs', 'nowhere'), { body })));
  expect(results).toMatchObject([{ retry: 'later' }, { retry: 'later' }]);
});
