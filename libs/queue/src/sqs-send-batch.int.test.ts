import { createServer } from 'node:http';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { SQSClient } from '@aws-sdk/client-sqs';
import { sendBatchContract } from './send-batch-contract.ts';
import { sqsSendBatch } from './sqs-send-batch.ts';
import { startSqs, stringAttributesOf } from './sqs-test-server.ts';

sendBatchContract('sending a batch through the SDK, against fauxqs', async () => {
  const server = await startSqs();
  const queueUrl = server.createQueue('send-batch.fifo');
  return {
    sendBatch: sqsSendBatch(server.client, queueUrl),
    drain: async () =>
      (await server.drain(queueUrl)).map((message) => ({
        body: message.Body ?? '',
        groupId: message.Attributes?.MessageGroupId,
        attributes: stringAttributesOf(message),
      })),
    close: server.close,
  };
});

const entry = { entryId: 'e1', body: '{}', attributes: {} };
const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };

describe('sending a batch through the SDK', () => {
  test('needs no group on a standard queue', async () => {
    const server = await startSqs();
    const queueUrl = server.createQueue('standard');
    await expect(sqsSendBatch(server.client, queueUrl)([entry])).resolves.toEqual([]);
    await expect(server.drain(queueUrl)).resolves.toHaveLength(1);
    await server.close();
  });

  test('throws when the queue does not exist', async () => {
    const server = await startSqs();
    const nowhere = sqsSendBatch(server.client, `${server.endpoint}/000000000000/nowhere`);
    await expect(nowhere([entry])).rejects.toThrow(expect.objectContaining({ name: 'QueueDoesNotExist' }));
    await server.close();
  });

  test('counts an entry that the answer does not mention as failed', async () => {
    const client = new SQSClient(local);
    client.middlewareStack.add(() => async () => ({ response: {}, output: { $metadata: {}, Failed: [] } }), {
      step: 'initialize',
      priority: 'high',
    });
    const sending = sqsSendBatch(client, 'http://127.0.0.1/000000000000/forgetful')([entry]);
    await expect(sending).resolves.toEqual([{ entryId: 'e1', code: 'NoAnswer' }]);
  });

  test('breaks a running call off when the signal fires', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const endpoint = `http://127.0.0.1:${port}`;
    const client = new SQSClient({ ...local, endpoint });
    const abort = new AbortController();
    silent.once('request', () => abort.abort());

    const sending = sqsSendBatch(client, `${endpoint}/000000000000/silent`)([entry], abort.signal);
    await expect(sending).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
    client.destroy();
    silent.closeAllConnections();
    silent.close();
  });
});
