import { createHash } from 'node:crypto';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type OnRequest, startRawServer } from './raw-server.ts';
import { createS3Call } from './s3-call.ts';
import { s3Request } from './s3-request.ts';

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'hidden', sessionToken: 'token' };
const OBJECT = { Bucket: 'lake', Key: 'a b/ü=1' };

let server: Awaited<ReturnType<typeof startRawServer>> | undefined;
afterEach(() => server?.close());

/** S3 that answers each request as told, the last answer to all that follow. */
async function callTo(...answers: readonly (string | OnRequest)[]) {
  const onRequest: OnRequest = (socket, nth) => {
    const answer = answers[nth] ?? answers.at(-1);
    if (typeof answer === 'function') answer(socket, nth);
    else socket.write(answer ?? '');
  };
  server = await startRawServer(onRequest);
  const call = createS3Call({
    ...{ endpoint: server.endpoint.href, region: 'eu-west-1', credentials },
    ...{ timeoutMillis: 300, bodyMillis: 100, maxAttempts: 2, maxObjectBytes: 1_000, random: () => 0 },
  });
  return { call, server };
}

const answer = (status: number, body = '', headers = '') =>
  `HTTP/1.1 ${status} Any\r\n${headers}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const found = (body: string) => answer(200, body, 'ETag: "1"\r\n');
const refused = (status: number, code: string, message = 'Because') =>
  answer(
    status,
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message><Key>a</Key></Error>`,
  );

test('an object is read as bytes, with its ETag', async () => {
  const { call, server } = await callTo(found('{"ü":1}'));
  await expect(call('GetObject', { ...OBJECT, IfNoneMatch: '"0"', VersionId: 'v/1' })).resolves.toEqual({
    ...{ Body: Buffer.from('{"ü":1}'), ETag: '"1"' },
  });
  expect(server.requests[0]).toMatch(/^GET \/lake\/a%20b\/%C3%BC%3D1\?versionId=v%2F1 HTTP\/1\.1\r\n/);
  expect(server.requests[0]).toContain('\r\nif-none-match: "0"\r\n');
  expect(server.requests[0]).toContain('SignedHeaders=host;if-none-match;x-amz-content-sha256;x-amz-date;');
});

test('an object is written as it is, with its conditions, and its hash is signed', async () => {
  const { call, server } = await callTo(found(''));
  const Body = Buffer.from([0, 13, 10, 255]);
  const form = { ContentType: 'application/json', ContentEncoding: 'gzip' };
  await expect(call('PutObject', { ...OBJECT, Body, ...form, IfMatch: '"0"' })).resolves.toEqual({
    ETag: '"1"',
  });
  await call('PutObject', { ...OBJECT, Body: 'ü', IfNoneMatch: '*' });
  expect(server.bodies).toEqual([Body, Buffer.from('ü')]);
  const [first = '', second = ''] = server.requests;
  expect(first).toMatch(/^PUT \/lake\/a%20b\/%C3%BC%3D1 HTTP\/1\.1\r\n/);
  const sha256 = createHash('sha256').update(Body).digest('hex');
  for (const line of [
    'content-encoding: gzip',
    'content-length: 4',
    'content-type: application/json',
    'if-match: "0"',
    `x-amz-content-sha256: ${sha256}`,
    'x-amz-security-token: token',
  ])
    expect(first).toContain(`\r\n${line}\r\n`);
  expect(first).toMatch(/SignedHeaders=content-encoding;content-length;content-type;host;if-match;x-amz-/);
  expect(second).toContain('\r\nif-none-match: *\r\n');
});

test.each([
  [304, 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', 'Unknown', 'S3 answered 304'],
  [404, answer(404), 'NotFound', 'S3 answered 404'],
  [404, refused(404, 'NoSuchKey'), 'NoSuchKey', 'Because'],
  [409, refused(409, 'ConditionalRequestConflict'), 'ConditionalRequestConflict', 'Because'],
  [
    412,
    refused(412, 'PreconditionFailed', 'a &lt; &quot;b&quot; &amp;amp;'),
    'PreconditionFailed',
    'a < "b" &amp;',
  ],
  [403, answer(403, '<html><Code>Nothing</Code></html>'), 'Unknown', 'S3 answered 403'],
  [204, 'HTTP/1.1 204 No Content\r\n\r\n', 'Unknown', 'S3 answered 204'],
])('%d is told at once, under its own name, as the SDK has it', async (status, bytes, name, message) => {
  const { call, server } = await callTo(bytes);
  const error = { name, message, $metadata: { httpStatusCode: status } };
  await expect(call('GetObject', OBJECT)).rejects.toMatchObject(error);
  await expect(call('GetObject', OBJECT)).rejects.toMatchObject(error);
  expect(server.requests).toHaveLength(2);
  // Where such an answer ends is certain, and its connection serves the next call.
  expect(server.sockets).toHaveLength(1);
});

const half = (socket: Socket) => socket.end(found('half').slice(0, -1));

test.each<[string, string | OnRequest]>([
  ['SlowDown', refused(503, 'SlowDown')],
  ['InternalError', refused(500, 'InternalError')],
  ['a request that came too slowly', refused(400, 'RequestTimeout')],
  ['a page from something in between', answer(200, '<html>')],
  ['an answer that is cut', half],
  ['an answer that stalls', (socket) => socket.write(found('half').slice(0, -1))],
])('%s is tried again, once', async (_case, behaviour) => {
  const { call, server } = await callTo(behaviour, found('whole'));
  await expect(call('GetObject', OBJECT)).resolves.toMatchObject({ Body: Buffer.from('whole') });
  expect(server.requests).toHaveLength(2);
  server.close();
  const worse = await callTo(behaviour, behaviour, found('whole'));
  await expect(worse.call('GetObject', OBJECT)).rejects.toThrow();
});

test('a write that nobody gave an ETag for is no write', async () => {
  const { call } = await callTo(answer(200));
  await expect(call('PutObject', { ...OBJECT, Body: '' })).rejects.toMatchObject({
    name: 'UnreadableAnswer',
  });
});

test('an object that is too large is not read, and not asked for again', async () => {
  const { call, server } = await callTo((socket) =>
    socket.write('HTTP/1.1 200 OK\r\nETag: "1"\r\ncontent-length: 1001\r\n\r\n'),
  );
  await expect(call('GetObject', OBJECT)).rejects.toMatchObject({ name: 'AnswerTooLargeError' });
  expect(server.requests).toHaveLength(1);
});

describe('where an object is', () => {
  const placeOf = (endpoint: string, Bucket: string) => {
    const { origin, request } = s3Request(new URL(endpoint), 'GetObject', { Bucket, Key: 'a/b' });
    return `${origin.origin}${request.path}`;
  };

  test.each([
    ['https://s3.eu-west-1.amazonaws.com', 'lake', 'https://lake.s3.eu-west-1.amazonaws.com/a/b'],
    ['https://s3.cn-north-1.amazonaws.com.cn', 'lake', 'https://lake.s3.cn-north-1.amazonaws.com.cn/a/b'],
    ['https://s3.eu-west-1.amazonaws.com', 'my.lake', 'https://s3.eu-west-1.amazonaws.com/my.lake/a/b'],
    ['http://127.0.0.1:4566', 'lake', 'http://127.0.0.1:4566/lake/a/b'],
    [
      'https://s3.eu-west-1.amazonaws.com.example.org',
      'lake',
      'https://s3.eu-west-1.amazonaws.com.example.org/lake/a/b',
    ],
  ])('at %s the bucket %s is in %s', (endpoint, bucket, place) => {
    expect(placeOf(endpoint, bucket)).toBe(place);
  });

  test.each([
    ['another operation', 'DeleteObject', OBJECT],
    ['no key, which would be the bucket', 'PutObject', { ...OBJECT, Key: '', Body: '' }],
    ['a bucket that is another host', 'GetObject', { ...OBJECT, Bucket: 'evil.example.org/' }],
    ['a field that would be left out', 'PutObject', { ...OBJECT, Body: '', StorageClass: 'GLACIER' }],
    ['a body that is a stream', 'PutObject', { ...OBJECT, Body: {} }],
  ])('%s is refused', (_case, operation, input) => {
    expect(() => s3Request(new URL('https://s3.eu-west-1.amazonaws.com'), operation, input)).toThrow(
      TypeError,
    );
  });
});
