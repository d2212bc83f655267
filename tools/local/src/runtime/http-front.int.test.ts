import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { request } from 'node:http';
import type { InvokeResult } from './execution-environment.ts';
import { startHttpFront } from './http-front.ts';
import type { HttpFront } from './http-front.ts';

let front: HttpFront;
let seen: APIGatewayProxyEventV2 | undefined;
let result: InvokeResult | Promise<InvokeResult>;
const answered: number[] = [];

const answers = (payload: unknown): void => {
  result = { outcome: 'returned', payload: JSON.stringify(payload) };
};

beforeAll(async () => {
  front = await startHttpFront(0, {
    now: () => new Date('2026-11-22T01:25:00.000Z'),
    invoke: async (_name, event) => {
      seen = JSON.parse(event) as APIGatewayProxyEventV2;
      return result;
    },
    answered: (status) => void answered.push(status),
  });
});
afterAll(() => front.close());

test('until there are routes, nothing is available', async () => {
  const answer = await fetch(`${front.url}/webhooks/main`, { method: 'POST' });
  expect([answer.status, await answer.text()]).toEqual([503, '{"message":"Service Unavailable"}']);
  expect(answered).toEqual([503]);
});

describe('with routes', () => {
  beforeAll(() =>
    front.serve(
      ['POST /webhooks/{source}', 'ANY /webhooks/{source}'].map((key) => ({
        key,
        functionName: 'f',
        timeoutMillis: 100,
      })),
    ),
  );

  test('a request arrives as payload format 2.0', async () => {
    answers({
      statusCode: 200,
      headers: { 'X-Request-Id': 'r', 'content-type': 'application/json' },
      body: '{"ok":true}',
    });
    const answer = await fetch(`${front.url}/webhooks/main?a=1&a=2&b=%20`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json; charset=utf-8',
        Cookie: 'x=1; y=2',
        'User-Agent': 'test',
      },
      body: '{"text":"ä"}',
    });
    expect([answer.status, answer.headers.get('x-request-id'), await answer.json()]).toEqual([
      200,
      'r',
      { ok: true },
    ]);
    expect(seen).toMatchObject({
      version: '2.0',
      routeKey: 'POST /webhooks/{source}',
      rawPath: '/webhooks/main',
      rawQueryString: 'a=1&a=2&b=%20',
      queryStringParameters: { a: '1,2', b: ' ' },
      pathParameters: { source: 'main' },
      cookies: ['x=1', 'y=2'],
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: '{"text":"ä"}',
      isBase64Encoded: false,
      requestContext: {
        http: {
          method: 'POST',
          path: '/webhooks/main',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'test',
        },
        routeKey: 'POST /webhooks/{source}',
        stage: '$default',
        time: '22/Nov/2026:01:25:00 +0000',
        timeEpoch: Date.parse('2026-11-22T01:25:00.000Z'),
      },
    });
    expect(seen?.headers['cookie']).toBeUndefined();
  });

  test('a header that comes twice is one, joined by a comma', async () => {
    answers({ statusCode: 204 });
    await new Promise<void>((resolve) => {
      const sent = request(
        `${front.url}/webhooks/main`,
        { method: 'POST', headers: { 'X-Signature': ['a', 'b'] } },
        () => resolve(),
      );
      sent.end();
    });
    expect(seen?.headers['x-signature']).toBe('a,b');
    expect(seen?.isBase64Encoded).toBe(false);
    expect(seen?.body).toBeUndefined();
  });

  test.each([
    ['application/octet-stream', true],
    ['application/x-www-form-urlencoded', true],
    ['text/plain', false],
    ['application/vnd.api+json; v=1', false],
    ['application/jsonish', true],
  ])('a body of type %s travels as base64: %s', async (type, isBase64Encoded) => {
    answers({ statusCode: 200 });
    await fetch(`${front.url}/webhooks/main`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: 'abc',
    });
    expect([seen?.isBase64Encoded, seen?.body]).toEqual([isBase64Encoded, isBase64Encoded ? 'YWJj' : 'abc']);
  });

  test('answers may be base64, have cookies, or be any JSON', async () => {
    answers({ statusCode: 201, body: 'AAEC', isBase64Encoded: true, cookies: ['a=1', 'b=2'] });
    const binary = await fetch(`${front.url}/webhooks/main`);
    expect([
      binary.status,
      [...new Uint8Array(await binary.arrayBuffer())],
      binary.headers.getSetCookie(),
    ]).toEqual([201, [0, 1, 2], ['a=1', 'b=2']]);
    answers({ hello: 1 });
    const plain = await fetch(`${front.url}/webhooks/main`);
    expect([plain.status, plain.headers.get('content-type'), await plain.json()]).toEqual([
      200,
      'application/json',
      { hello: 1 },
    ]);
    answers({ statusCode: 'odd' });
    expect((await fetch(`${front.url}/webhooks/main`)).status).toBe(500);
  });

  test.each([
    [
      'an error of the function',
      { outcome: 'failed', errorType: 'E', message: 'secret' },
      500,
      'Internal Server Error',
    ],
    ['a function at its limit', { outcome: 'throttled' }, 429, 'Too Many Requests'],
    ['an event above 6 MB', { outcome: 'too-large' }, 413, 'Request Entity Too Large'],
    [
      'a function that answers too late',
      new Promise<InvokeResult>(() => undefined),
      503,
      'Service Unavailable',
    ],
  ] as const)('%s is answered without detail', async (_name, outcome, status, message) => {
    result = outcome;
    const answer = await fetch(`${front.url}/webhooks/main`, { method: 'POST' });
    expect([answer.status, await answer.json()]).toEqual([status, { message }]);
  });

  test('an unknown route is not found, and no function hears of it', async () => {
    seen = undefined;
    const answer = await fetch(`${front.url}/else`);
    expect([answer.status, await answer.json(), seen]).toEqual([404, { message: 'Not Found' }, undefined]);
  });

  test('a body above 10 MB is refused after it was read', async () => {
    answers({ statusCode: 200 });
    const post = (bytes: number) =>
      fetch(`${front.url}/webhooks/main`, { method: 'POST', body: Buffer.alloc(bytes) });
    expect((await post(10 * 1024 * 1024 + 1)).status).toBe(413);
    expect((await post(10 * 1024 * 1024)).status).toBe(200);
  });
});
