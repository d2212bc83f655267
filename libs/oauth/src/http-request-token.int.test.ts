import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from '@jest/globals';
import { httpRequestToken, tokenEndpoint, TokenRefusedError, TokenUnavailableError } from './index.ts';
import { startTestEndpoint } from './test-endpoint.ts';

const credentials = { clientId: 'a1b2', clientSecret: 'correct-horse-battery-staple' };
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
});

async function setUp(
  answer: (response: ServerResponse) => void,
  { scope, timeoutMillis = 10_000 }: { scope?: string; timeoutMillis?: number } = {},
) {
  const endpoint = await startTestEndpoint(answer);
  opened.push(endpoint);
  const request = httpRequestToken({
    endpoint: tokenEndpoint({ baseUrl: endpoint.url }),
    timeoutMillis,
    fetch,
    ...(scope !== undefined && { scope }),
  });
  return { endpoint, request: () => request(credentials) };
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));

async function failure(promise: Promise<unknown>): Promise<TokenRefusedError | TokenUnavailableError> {
  const error: unknown = await promise.catch((thrown: unknown) => thrown);
  if (error instanceof TokenRefusedError || error instanceof TokenUnavailableError) return error;
  throw new Error('there was no failure, or not one of ours', { cause: error });
}

describe('a request for a token', () => {
  const token = { access_token: 'opaque-token', token_type: 'bearer', expires_in: 86_399 };

  test('is a form with Basic authentication and without a scope', async () => {
    const { endpoint, request } = await setUp(json(200, token));
    expect(await request()).toEqual({ accessToken: 'opaque-token', lifetimeMillis: 86_399_000 });
    const [sent] = endpoint.requests;
    expect(sent).toMatchObject({
      method: 'POST',
      path: '/oauth/token',
      body: 'grant_type=client_credentials',
    });
    const basic = Buffer.from('a1b2:correct-horse-battery-staple').toString('base64');
    expect(sent?.headers).toMatchObject({
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
    });
  });

  test('names a scope where one is configured', async () => {
    const { endpoint, request } = await setUp(json(200, token), { scope: 'analytics:readonly recordings' });
    await request();
    expect(endpoint.requests[0]?.body).toBe(
      'grant_type=client_credentials&scope=analytics%3Areadonly+recordings',
    );
  });

  test.each([
    ['is missing', {}, 300_000],
    ['is negative', { expires_in: -60 }, 0],
    ['is zero', { expires_in: 0 }, 0],
    ['is no number', { expires_in: 'a day' }, 300_000],
  ])('that is answered with a lifetime that %s never has a negative one', async (_case, lifetime, millis) => {
    const { request } = await setUp(json(200, { access_token: 'opaque-token', ...lifetime }));
    expect(await request()).toEqual({ accessToken: 'opaque-token', lifetimeMillis: millis });
  });

  test.each([
    [400, { error: 'invalid_client', description: 'client not found: a1b2' }],
    [401, { error: 'invalid_client' }],
    [401, 'what?'],
  ])('that is refused with %d says whose credentials to correct, and shows none', async (status, body) => {
    const { request } = await setUp(json(status, body));
    const error = await failure(request());
    expect(error).toMatchObject({ name: 'TokenRefusedError', code: 'invalid-client' });
    expect(error.message).toContain('store the id and secret of an active OAuth client');
    expect(error.message).not.toMatch(/a1b2|correct-horse/);
  });

  test.each([
    ['404', json(404, {})],
    ['403', json(403, {})],
    ['a redirect', json(302, {}, { location: 'https://elsewhere.example.com/' })],
  ])('that is answered with %s says to correct the address', async (_case, answer) => {
    const { request } = await setUp(answer);
    const error = await failure(request());
    expect(error).toMatchObject({ name: 'TokenRefusedError', code: 'wrong-endpoint' });
    expect(error.message).toContain('correct the region or the URL');
  });

  test('does not follow a redirect with the credentials', async () => {
    const elsewhere = await setUp(json(200, token));
    const { request } = await setUp(json(307, {}, { location: elsewhere.endpoint.url }));
    await failure(request());
    expect(elsewhere.endpoint.requests).toEqual([]);
  });

  const html = (status: number) => (response: ServerResponse) =>
    void response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end('<html>Sorry</html>');

  test.each([
    ['429 with seconds to wait', json(429, {}, { 'retry-after': '17' }), 17],
    ['429 with nonsense to wait', json(429, {}, { 'retry-after': 'a while' }), undefined],
    ['500', json(500, {}), undefined],
    ['503 with seconds to wait', json(503, {}, { 'retry-after': '5' }), 5],
    ['408', json(408, {}), undefined],
    ['a web page instead of a token', html(200), undefined],
    ['a web page instead of a refusal', html(401), undefined],
    ['a web page that says 403', html(403), undefined],
    ['JSON without a token', json(200, { hello: 'world' }), undefined],
    ['a list', json(200, []), undefined],
    ['a token that no header can bear', json(200, { access_token: 'two\nlines' }), undefined],
    ['an empty token', json(200, { access_token: '' }), undefined],
    ['too much', json(200, { ...token, padding: 'x'.repeat(100_000) }), undefined],
    [
      'a gzip bomb',
      (response: ServerResponse) =>
        void response
          .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
          .end(gzipSync(Buffer.alloc(50_000_000, 0x20))),
      undefined,
    ],
    ['a broken connection', (response: ServerResponse) => void response.destroy(), undefined],
    [
      'half an answer',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' }).write('{"access_');
        setTimeout(() => response.destroy(), 20);
      },
      undefined,
    ],
  ])('that is answered with %s may be tried again later', async (_case, answer, retryAfterSeconds) => {
    const { request } = await setUp(answer);
    const error = await failure(request());
    expect(error.name).toBe('TokenUnavailableError');
    expect(error).toHaveProperty('retryAfterSeconds', retryAfterSeconds);
    expect(error.message).not.toMatch(/opaque-token|correct-horse|Sorry/);
    expect(error.cause).toBeUndefined();
  });

  test('that is not answered in time may be tried again later', async () => {
    const { request } = await setUp(() => undefined, { timeoutMillis: 100 });
    expect((await failure(request())).message).toMatch(/gave no token: TimeoutError$/);
  });

  test('that reaches nobody may be tried again later, and names what is wrong', async () => {
    const { endpoint, request } = await setUp(json(200, token));
    await endpoint.close();
    expect((await failure(request())).message).toMatch(/^127\.0\.0\.1:\d+ gave no token: ECONNREFUSED$/);
  });
});
