import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { BatchGetCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { isUnavailable } from '@aftercall/queue';
import { watchedClient } from './index.ts';

interface Answer {
  readonly status: number;
  readonly body: object;
}

let answer: Answer = { status: 200, body: {} };
let requests = 0;
const server = createServer((request, response) => {
  requests += 1;
  request.resume().on('end', () => {
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(JSON.stringify(answer.body));
  });
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => void server.close());

/** Clients of that server, and what was counted of their calls: true for an outage. */
function clients() {
  const counted: boolean[] = [];
  const watch = <Args extends readonly unknown[], T>(
    _downstream: string,
    call: (...args: Args) => Promise<T>,
    failed: (value: T) => boolean = () => false,
  ) => {
    return async (...args: Args): Promise<T> => {
      const value = await call(...args).catch((error: unknown) => {
        counted.push(isUnavailable(error));
        throw error;
      });
      counted.push(failed(value));
      return value;
    };
  };
  const { port } = server.address() as AddressInfo;
  const options = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 3,
  };
  const bus = watchedClient({ watch }, 'events', new EventBridgeClient(options));
  const documents = DynamoDBDocumentClient.from(
    watchedClient({ watch }, 'dynamodb', new DynamoDBClient(options)),
  );
  const put = () => bus.send(new PutEventsCommand({ Entries: [{ Detail: '{}' }, { Detail: '{}' }] }));
  const get = () => documents.send(new BatchGetCommand({ RequestItems: { t: { Keys: [{ id: '1' }] } } }));
  return { counted, put, get };
}

test('a call that fails counts once, whatever it took of tries and entries', async () => {
  const { counted, put, get } = clients();
  answer = { status: 503, body: { __type: 'ServiceUnavailable' } };
  requests = 0;
  await expect(put()).rejects.toThrow();
  expect([counted, requests]).toEqual([[true], 3]);
  await expect(get()).rejects.toThrow();
  expect(counted).toEqual([true, true]);
});

test('a refusal is a downstream that works', async () => {
  const { counted, get } = clients();
  answer = { status: 400, body: { __type: 'com.amazonaws.dynamodb#ConditionalCheckFailedException' } };
  await expect(get()).rejects.toThrow();
  expect(counted).toEqual([false]);
});

test.each([
  ['ThrottlingException', true],
  ['InternalFailure', true],
  ['MalformedDetail', false],
  [undefined, false],
])('an entry refused with %s is an outage: %s', async (ErrorCode, isOutage) => {
  const { counted, put } = clients();
  answer = { status: 200, body: { FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode }] } };
  await put();
  expect(counted).toEqual([isOutage]);
});

test('keys that DynamoDB did not get to are an outage', async () => {
  const { counted, get } = clients();
  answer = { status: 200, body: { Responses: {}, UnprocessedKeys: { t: { Keys: [{ id: { S: '1' } }] } } } };
  await get();
  answer = { status: 200, body: { Responses: {}, UnprocessedKeys: {} } };
  await get();
  expect(counted).toEqual([true, false]);
});
