import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';

import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import dynalite from 'dynalite';
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';

import { startFaultProxy } from './fault-proxy.ts';
import type { FaultProxy } from './fault-proxy.ts';

const base = {
  region: 'eu-west-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
};

const listen = (server: Server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const portOf = (server: Server) => (server.address() as AddressInfo).port;
const close = async (server: Server) => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

describe('in front of SQS', () => {
  let server: FauxqsServer;
  let proxy: FaultProxy;
  let client: SQSClient;
  let queueUrl: string;

  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false });
    proxy = await startFaultProxy({ target: `http://127.0.0.1:${server.port}` });
  });
  afterAll(async () => {
    await proxy.stop();
    await server.stop();
  });
  beforeEach(() => {
    proxy.reset();
    queueUrl = proxy.rewriteQueueUrl(server.createQueue('events').queueUrl);
    client = new SQSClient({ ...base, endpoint: proxy.url });
  });
  afterEach(() => {
    client.destroy();
    server.deleteQueue('events', { region: 'us-east-1' });
    server.reset();
  });

  const send = () => client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'ü' }));
  const sendBatch = (count: number) =>
    client.send(
      new SendMessageBatchCommand({
        QueueUrl: queueUrl,
        Entries: Array.from({ length: count }, (_entry, index) => ({
          Id: `id-${index}`,
          MessageBody: `body-${index}`,
        })),
      }),
    );
  const bodies = () => server.inspectQueue('events')?.messages.ready.map(({ body }) => body) ?? [];

  test('a call goes through unchanged and is counted', async () => {
    await send();
    const received = await client.send(new ReceiveMessageCommand({ QueueUrl: queueUrl }));
    expect(received.Messages?.map(({ Body }) => Body)).toEqual(['ü']);
    expect(proxy.calls.map(({ service, operation }) => `${service} ${operation}`)).toEqual([
      'sqs SendMessage',
      'sqs ReceiveMessage',
    ]);
    expect([proxy.count('SendMessage'), proxy.count('DeleteMessage'), proxy.count()]).toEqual([1, 0, 2]);
  });

  test('a rewritten queue URL leads through the proxy', () => {
    expect(queueUrl.startsWith(`${proxy.url}/`)).toBe(true);
    expect(queueUrl.endsWith('/events')).toBe(true);
  });

  test('a crash before has no effect', async () => {
    proxy.fail({ kind: 'crash-before', operation: 'SendMessage', nth: 1 });
    await expect(send()).rejects.toThrow();
    expect(bodies()).toEqual([]);
    expect(proxy.calls[0]).toMatchObject({ operation: 'SendMessage', fault: 'crash-before' });
  });

  test('a crash after has its effect, and the caller does not know', async () => {
    proxy.fail({ kind: 'crash-after', operation: 'SendMessage', nth: 1 });
    await expect(send()).rejects.toThrow();
    expect(bodies()).toEqual(['ü']);
    await send();
    expect(bodies()).toEqual(['ü', 'ü']);
  });

  test('a time-out has no effect and never answers', async () => {
    proxy.fail({ kind: 'timeout', operation: 'SendMessage' });
    const requestHandler = { requestTimeout: 300, throwOnRequestTimeout: true };
    const impatient = new SQSClient({ ...base, requestHandler, endpoint: proxy.url });
    const command = new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'late' });
    await expect(impatient.send(command)).rejects.toMatchObject({ name: 'TimeoutError' });
    impatient.destroy();
    expect(bodies()).toEqual([]);
  });

  test('throttling is what the SDK retries, and every attempt is counted', async () => {
    proxy.fail({ kind: 'throttle', operation: 'SendMessage', nth: 1 });
    await expect(send()).rejects.toMatchObject({
      name: 'ThrottlingException',
      $metadata: { httpStatusCode: 400 },
    });
    proxy.reset();
    proxy.fail({ kind: 'throttle', operation: 'SendMessage', nth: 1 });
    const patient = new SQSClient({ ...base, endpoint: proxy.url, maxAttempts: 2 });
    await patient.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'again' }));
    patient.destroy();
    expect(proxy.count('SendMessage')).toBe(2);
    expect(bodies()).toEqual(['again']);
  });

  test('unavailable is 503', async () => {
    proxy.fail({ kind: 'unavailable' });
    await expect(send()).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
    expect(bodies()).toEqual([]);
  });

  test('slow waits, then goes through', async () => {
    proxy.fail({ kind: 'slow', delayMillis: 100 });
    const startedAt = performance.now();
    await send();
    expect(performance.now() - startedAt).toBeGreaterThan(95);
    expect(bodies()).toEqual(['ü']);
  });

  test('a partial batch reports the failed entries and forwards the others', async () => {
    proxy.fail({ kind: 'partial', operation: 'SendMessageBatch', entries: [1], nth: 1 });
    const answer = await sendBatch(3);
    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['id-0', 'id-2']);
    expect(answer.Failed).toEqual([
      { Id: 'id-1', SenderFault: false, Code: 'InternalError', Message: 'The entry failed.' },
    ]);
    expect(bodies()).toEqual(['body-0', 'body-2']);
    expect((await sendBatch(1)).Failed ?? []).toEqual([]);
  });

  test('a batch of which every entry fails reaches nobody', async () => {
    proxy.fail({ kind: 'partial', entries: [0, 1] });
    const answer = await sendBatch(2);
    expect(answer.Failed?.map(({ Id }) => Id)).toEqual(['id-0', 'id-1']);
    expect(bodies()).toEqual([]);
  });

  test('reset takes counts and rules away', async () => {
    proxy.fail({ kind: 'unavailable' });
    await expect(send()).rejects.toThrow();
    proxy.reset();
    await send();
    expect(proxy.count()).toBe(1);
  });
});

describe('in front of S3', () => {
  let server: FauxqsServer;
  let proxy: FaultProxy;
  let client: S3Client;

  beforeAll(async () => {
    server = await startFauxqs({ port: 0, logger: false });
    server.createBucket('bucket');
    proxy = await startFaultProxy({ target: `http://127.0.0.1:${server.port}` });
    client = new S3Client({ ...base, endpoint: proxy.url, forcePathStyle: true });
  });
  afterAll(async () => {
    client.destroy();
    await proxy.stop();
    await server.stop();
  });
  beforeEach(() => proxy.reset());

  const head = (key: string) => client.send(new HeadObjectCommand({ Bucket: 'bucket', Key: key }));

  test('a body of megabytes streams through both ways, byte for byte', async () => {
    const body = Buffer.alloc(3 * 1024 * 1024, 'ü0123456789');
    await client.send(
      new PutObjectCommand({
        Bucket: 'bucket',
        Key: 'a b/ü',
        Body: Readable.from([body]),
        ContentLength: body.length,
        Metadata: { seal: 's' },
      }),
    );
    const read = await client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'a b/ü' }));
    expect(Buffer.compare(Buffer.from((await read.Body?.transformToByteArray()) ?? []), body)).toBe(0);
    expect(read.Metadata).toEqual({ seal: 's' });
    expect((await head('a b/ü')).ContentLength).toBe(body.length);
    expect(proxy.calls.map(({ operation }) => operation)).toEqual(['PutObject', 'GetObject', 'HeadObject']);
  });

  test('throttling is SlowDown', async () => {
    proxy.fail({ kind: 'throttle' });
    await expect(client.send(new GetObjectCommand({ Bucket: 'bucket', Key: 'k' }))).rejects.toMatchObject({
      name: 'SlowDown',
    });
    await expect(head('k')).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } });
  });

  test('a crash after leaves the object there', async () => {
    proxy.fail({ kind: 'crash-after', operation: 'PutObject' });
    await expect(
      client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'kept', Body: 'x' })),
    ).rejects.toThrow();
    expect((await head('kept')).ContentLength).toBe(1);
  });

  test('a crash before leaves nothing there', async () => {
    proxy.fail({ kind: 'crash-before', operation: 'PutObject' });
    await expect(
      client.send(new PutObjectCommand({ Bucket: 'bucket', Key: 'gone', Body: 'x' })),
    ).rejects.toThrow();
    await expect(head('gone')).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
  });
});

describe('in front of DynamoDB', () => {
  let server: Server;
  let proxy: FaultProxy;
  let client: DynamoDBClient;

  beforeAll(async () => {
    server = dynalite({ createTableMs: 0 });
    await listen(server);
    proxy = await startFaultProxy({ target: `http://127.0.0.1:${portOf(server)}` });
    client = new DynamoDBClient({ ...base, endpoint: proxy.url });
    await client.send(
      new CreateTableCommand({
        TableName: 'table',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
    await waitUntilTableExists(
      { client, minDelay: 0.05, maxDelay: 0.2, maxWaitTime: 10 },
      { TableName: 'table' },
    );
  });
  afterAll(async () => {
    client.destroy();
    await proxy.stop();
    await close(server);
  });
  beforeEach(() => proxy.reset());

  const put = (pk: string) =>
    client.send(new PutItemCommand({ TableName: 'table', Item: { pk: { S: pk } } }));
  const isThere = async (pk: string) =>
    (
      await client.send(
        new GetItemCommand({ TableName: 'table', Key: { pk: { S: pk } }, ConsistentRead: true }),
      )
    ).Item !== undefined;

  test('throttling is ProvisionedThroughputExceededException and writes nothing', async () => {
    proxy.fail({ kind: 'throttle', operation: 'PutItem' });
    await expect(put('a')).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' });
    expect(await isThere('a')).toBe(false);
  });

  test('a crash after has written, a crash before has not', async () => {
    proxy.fail({ kind: 'crash-after', operation: 'PutItem', nth: 1 });
    proxy.fail({ kind: 'crash-before', operation: 'PutItem', nth: 2 });
    await expect(put('b')).rejects.toThrow();
    await expect(put('c')).rejects.toThrow();
    expect([await isThere('b'), await isThere('c')]).toEqual([true, false]);
  });

  test('a partial batch write gives back what was not written', async () => {
    proxy.fail({ kind: 'partial', operation: 'BatchWriteItem', entries: [0] });
    const requests = ['d', 'e'].map((pk) => ({ PutRequest: { Item: { pk: { S: pk } } } }));
    const answer = await client.send(new BatchWriteItemCommand({ RequestItems: { table: requests } }));
    expect(answer.UnprocessedItems).toEqual({ table: [requests[0]] });
    expect([await isThere('d'), await isThere('e')]).toEqual([false, true]);
  });
});

describe('in front of services without an emulator', () => {
  let server: Server;
  let proxy: FaultProxy;
  const received: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      void buffer(request).then((body) => {
        received.push(body.toString());
        const { Entries = [] } = JSON.parse(body.toString()) as { Entries?: unknown[] };
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(
          JSON.stringify({
            SecretString: 's',
            FailedEntryCount: 0,
            Entries: Entries.map(() => ({ EventId: 'e' })),
          }),
        );
      });
    });
    await listen(server);
    proxy = await startFaultProxy({ target: `http://127.0.0.1:${portOf(server)}` });
  });
  afterAll(async () => {
    await proxy.stop();
    await close(server);
  });
  beforeEach(() => {
    proxy.reset();
    received.length = 0;
  });

  test('Secrets Manager, EventBridge and SSM are throttled in their own words', async () => {
    const at = { ...base, endpoint: proxy.url };
    const calls = [
      () => new SecretsManagerClient(at).send(new GetSecretValueCommand({ SecretId: 's' })),
      () => new EventBridgeClient(at).send(new PutEventsCommand({ Entries: [{ Detail: '{}' }] })),
      () => new SSMClient(at).send(new GetParameterCommand({ Name: 'p' })),
    ];
    proxy.fail({ kind: 'throttle' });
    for (const call of calls) await expect(call()).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(received).toEqual([]);
    expect(proxy.calls.map(({ service }) => service)).toEqual(['secretsmanager', 'events', 'ssm']);
    proxy.reset();
    expect(await calls[0]?.()).toMatchObject({ SecretString: 's' });
  });

  test('an entry of PutEvents fails alone', async () => {
    proxy.fail({ kind: 'partial', operation: 'PutEvents', entries: [0] });
    const client = new EventBridgeClient({ ...base, endpoint: proxy.url });
    const answer = await client.send(
      new PutEventsCommand({ Entries: [{ Detail: '{"n":0}' }, { Detail: '{"n":1}' }] }),
    );
    expect(answer).toMatchObject({
      FailedEntryCount: 1,
      Entries: [{ ErrorCode: 'InternalError' }, { EventId: 'e' }],
    });
    expect(received).toEqual(['{"Entries":[{"Detail":"{\\"n\\":1}"}]}']);
  });
});

test('a target that is down looks like a broken connection', async () => {
  const proxy = await startFaultProxy({ target: 'http://127.0.0.1:9' });
  await expect(fetch(proxy.url)).rejects.toThrow('fetch failed');
  await proxy.stop();
});

test('stopping ends calls that hang', async () => {
  const proxy = await startFaultProxy({ target: 'http://127.0.0.1:9' });
  proxy.fail({ kind: 'timeout' });
  const hanging = expect(fetch(proxy.url)).rejects.toThrow('fetch failed');
  while (proxy.count() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  await proxy.stop();
  await hanging;
});

test('a target that is not plain HTTP is refused', async () => {
  await expect(startFaultProxy({ target: 'https://sqs.eu-west-1.amazonaws.com' })).rejects.toThrow(
    'plain HTTP',
  );
});
