import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { dynamodbCall, eventsCall } from '@aftercall/aws-json/function';
import { sdkDynamodb } from '@aftercall/aws-json/sdk-dynamodb';
import { sdkEvents } from '@aftercall/aws-json/sdk-events';
import { isUnavailable } from '@aftercall/queue';
import { type CircuitBreaker, watchedCall, watchedClient } from './index.ts';

interface Answer {
  readonly status: number;
  readonly body: object;
}

const LOCAL = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const endpoint = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

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

type Watch = CircuitBreaker['watch'];

/** Calls of that server's DynamoDB and EventBridge, in both ways that functions make them. */
const WAYS = {
  'the SDK': (watch: Watch) => {
    const options = { ...LOCAL, endpoint: endpoint(), maxAttempts: 3 };
    const dynamodb = watchedClient({ watch }, 'dynamodb', new DynamoDBClient(options));
    return {
      events: sdkEvents(watchedClient({ watch }, 'events', new EventBridgeClient(options))),
      dynamodb: sdkDynamodb(DynamoDBDocumentClient.from(dynamodb)),
    };
  },
  'requests signed by hand': (watch: Watch) => {
    const reach = { access: { ...LOCAL, endpointOf: endpoint }, maxAttempts: 3, timeoutMillis: 5_000 };
    return {
      events: watchedCall({ watch }, 'events', eventsCall(reach)),
      dynamodb: watchedCall({ watch }, 'dynamodb', dynamodbCall(reach)),
    };
  },
};

/** What was counted of the calls: true for an outage. */
function counting(callsWith: (watch: Watch) => ReturnType<(typeof WAYS)['the SDK']>) {
  const counted: boolean[] = [];
  const calls = callsWith((_downstream, call, failed = () => false) => async (...args) => {
    const value = await call(...args).catch((error: unknown) => {
      counted.push(isUnavailable(error));
      throw error;
    });
    counted.push(failed(value));
    return value;
  });
  const put = () => calls.events('PutEvents', { Entries: [{ Detail: '{}' }, { Detail: '{}' }] });
  const get = () => calls.dynamodb('BatchGetItem', { RequestItems: { t: { Keys: [{ id: '1' }] } } });
  return { counted, put, get };
}

describe.each(Object.entries(WAYS))('with %s', (_way, callsWith) => {
  test('a call that fails counts once, whatever it took of tries and entries', async () => {
    const { counted, put, get } = counting(callsWith);
    answer = { status: 503, body: { __type: 'ServiceUnavailable' } };
    requests = 0;
    await expect(put()).rejects.toThrow();
    expect([counted, requests]).toEqual([[true], 3]);
    await expect(get()).rejects.toThrow();
    expect(counted).toEqual([true, true]);
  });

  test('a refusal is a downstream that works', async () => {
    const { counted, get } = counting(callsWith);
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
    const { counted, put } = counting(callsWith);
    answer = { status: 200, body: { FailedEntryCount: 1, Entries: [{ EventId: '1' }, { ErrorCode }] } };
    await put();
    expect(counted).toEqual([isOutage]);
  });

  test('keys that DynamoDB did not get to are an outage', async () => {
    const { counted, get } = counting(callsWith);
    answer = { status: 200, body: { Responses: {}, UnprocessedKeys: { t: { Keys: [{ id: { S: '1' } }] } } } };
    await get();
    answer = { status: 200, body: { Responses: {}, UnprocessedKeys: {} } };
    await get();
    expect(counted).toEqual([true, false]);
  });
});
