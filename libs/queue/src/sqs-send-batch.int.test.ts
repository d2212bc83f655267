import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { sqsCall } from '@aftercall/aws-json/function';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { sendBatchContract } from './send-batch-contract.ts';
import { sqsSendBatch } from './sqs-send-batch.ts';
import { LOCAL, startSqs, stringAttributesOf } from './sqs-test-server.ts';

const entry = { entryId: 'e1', body: '{}', attributes: {} };

/** Both ways to speak to SQS, held to the same. */
const WAYS: readonly [string, (queueUrl: string) => AwsCall][] = [
  [
    'the SDK',
    (queueUrl) => sdkSqs(new SQSClient({ ...LOCAL, endpoint: new URL(queueUrl).origin, maxAttempts: 1 })),
  ],
  [
    'a request signed by hand',
    (queueUrl) => sqsCall(queueUrl, { access: LOCAL, maxAttempts: 1, timeoutMillis: 5_000 }),
  ],
];

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** The URL of a queue at a server that answers as told. */
async function queueAt(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : undefined}/000000000000/q`;
}

describe.each(WAYS)('with %s', (title, callOf) => {
  const sendBatchTo = (queueUrl: string) => sqsSendBatch(callOf(queueUrl), queueUrl);

  sendBatchContract(`${title}, against fauxqs`, async () => {
    const server = await startSqs();
    const queueUrl = server.createQueue('send-batch.fifo');
    return {
      sendBatch: sendBatchTo(queueUrl),
      drain: async () =>
        (await server.drain(queueUrl)).map((message) => ({
          body: message.Body ?? '',
          groupId: message.Attributes?.MessageGroupId,
          attributes: stringAttributesOf(message),
        })),
      close: server.close,
    };
  });

  test('a standard queue needs no group', async () => {
    const server = await startSqs();
    closing.push(server.close);
    const queueUrl = server.createQueue('standard');
    await expect(sendBatchTo(queueUrl)([entry])).resolves.toEqual([]);
    await expect(server.drain(queueUrl)).resolves.toHaveLength(1);
  });

  test('a queue that does not exist is an error by its name', async () => {
    const server = await startSqs();
    closing.push(server.close);
    const nowhere = sendBatchTo(`${server.endpoint}/000000000000/nowhere`);
    await expect(nowhere([entry])).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
      $metadata: { httpStatusCode: 400 },
    });
  });

  test('an entry that the answer does not mention counts as failed', async () => {
    const queueUrl = await queueAt((_request, response) => {
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end('{"Failed":[]}');
    });
    await expect(sendBatchTo(queueUrl)([entry])).resolves.toEqual([{ entryId: 'e1', code: 'NoAnswer' }]);
  });

  test('a running call is broken off when the signal fires', async () => {
    const abort = new AbortController();
    const queueUrl = await queueAt(() => abort.abort());
    await expect(sendBatchTo(queueUrl)([entry], abort.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
