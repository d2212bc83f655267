import { hash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import aws4 from 'aws4';
import fc from 'fast-check';
import { s3Request } from './s3-request.ts';
import { createRequestSigner } from './signed-request.ts';

const endpoint = new URL('https://sqs.eu-west-1.amazonaws.com/000000000000/events.fifo');
const service = { name: 'sqs', target: 'AmazonSQS', version: '1.0' } as const;
const region = 'eu-west-1';
const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };

/** Names and values as an object: what a server sees. */
function headersOf(flat: readonly string[]): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (let at = 0; at < flat.length; at += 2) headers[flat[at] ?? ''] = flat[at + 1] ?? '';
  return headers;
}

/** As `createAwsJsonCall` makes it. */
const jsonRequest = (operation: string, body: string) =>
  ({
    ...{ method: 'POST', path: '/', query: '', body, bodySha256: hash('sha256', body) },
    headers: [
      ['content-length', String(Buffer.byteLength(body))],
      ['content-type', `application/x-amz-json-${service.version}`],
      ['x-amz-target', `${service.target}.${operation}`],
    ],
  }) as const;

/** What aws4 makes of the same call at the same time. */
function reference(operation: string, body: string, time: string | undefined, sessionToken?: string) {
  const { headers = {} } = aws4.sign(
    {
      ...{ service: service.name, region, method: 'POST', path: '/', body },
      headers: {
        host: endpoint.host,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-date': time,
        'x-amz-target': `${service.target}.${operation}`,
      },
    },
    { ...keys, ...(sessionToken !== undefined && { sessionToken }) },
  );
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
}

const now = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
const token = fc.option(fc.base64String({ minLength: 4 }), { nil: undefined });

test('signs as aws4 does: any operation, any text, any second, with a session token or without', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 1, unit: fc.constantFrom(...'abcXYZ') }),
      // The least is `{}`.
      fc.string({ unit: 'binary', minLength: 1 }),
      now,
      token,
      (operation, body, at, sessionToken) => {
        const credentials = sessionToken === undefined ? keys : { ...keys, sessionToken };
        const sign = createRequestSigner(endpoint, service.name, { region, credentials });
        const { headers } = sign(jsonRequest(operation, body), at);
        const seen = headersOf(headers);
        expect(seen).toEqual(reference(operation, body, seen['x-amz-date'], sessionToken));
      },
    ),
  );
});

test('a signer that lives through midnight signs with the key of the new day', () => {
  const sign = createRequestSigner(endpoint, service.name, { region, credentials: keys });
  for (const at of ['2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z', '2026-11-30T23:59:59Z']) {
    const seen = headersOf(sign(jsonRequest('SendMessageBatch', '{}'), new Date(at)).headers);
    expect(seen).toEqual(reference('SendMessageBatch', '{}', seen['x-amz-date']));
  }
});

/** Bytes and signs that something on the way might read otherwise, or encode twice. */
const key = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...'aZ09 +/=~%-_.!\'()*&?#:@,;$"<>ü🙂') }),
    fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  )
  .filter((text) => text !== '');
const etag = fc.option(fc.constantFrom('*', '"33a64df551425fcc55e4d42a148795d9"'), { nil: undefined });
const version = fc.option(fc.string({ minLength: 1, unit: fc.constantFrom(...'aZ.+/=') }), {
  nil: undefined,
});

test('signs requests of S3 as aws4 does: any key, any bytes, conditions and versions', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('https://s3.eu-west-1.amazonaws.com', 'http://127.0.0.1:9000'),
      fc.constantFrom('GetObject', 'PutObject'),
      key,
      ...([fc.uint8Array(), etag, version, now, token] as const),
      (at, operation, Key, Body, IfMatch, VersionId, time, sessionToken) => {
        const put = { Body, ContentType: 'application/json', ContentEncoding: 'gzip' };
        const input = {
          ...{ Bucket: 'bucket', Key, IfMatch, IfNoneMatch: '*', VersionId },
          ...(operation === 'PutObject' && put),
        };
        const { origin, request } = s3Request(new URL(at), operation, input);
        const credentials = sessionToken === undefined ? keys : { ...keys, sessionToken };
        const signed = createRequestSigner(origin, 's3', { region, credentials })(request, time);
        const { authorization, ...headers } = headersOf(signed.headers);
        const reference = aws4.sign(
          {
            ...{ service: 's3', region, method: signed.method, path: signed.target },
            headers,
            // Whose hash is among the headers.
            body: signed.body as Buffer,
          },
          credentials,
        );
        expect(authorization).toBe(reference.headers?.['Authorization']);
      },
    ),
  );
});

test('a key is encoded once, a part at a time', () => {
  const { request } = s3Request(new URL('https://s3.eu-west-1.amazonaws.com'), 'GetObject', {
    ...{ Bucket: 'b-1', Key: "a b/+=~%2F/!'()*/ü/../" },
  });
  expect(request.path).toBe('/a%20b/%2B%3D~%252F/%21%27%28%29%2A/%C3%BC/../');
});

/** Of "Signature Calculations for the Authorization Header", with its keys. */
const published = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};

test.each([
  {
    ...{ method: 'GET', path: '/test.txt', query: '', body: '', more: [['range', 'bytes=0-9']] as const },
    signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
  {
    ...{ method: 'PUT', path: '/test%24file.text', query: '', body: 'Welcome to Amazon S3.' },
    more: [
      ['date', 'Fri, 24 May 2013 00:00:00 GMT'],
      ['x-amz-storage-class', 'REDUCED_REDUNDANCY'],
    ] as const,
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    ...{ method: 'GET', path: '/', query: 'lifecycle=', body: '', more: [] },
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
])(
  'signs $method $path as AWS publishes it',
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
  ({ more, signature, ...request }) => {
    const bodySha256 = hash('sha256', request.body);
    const host = new URL('https://examplebucket.s3.amazonaws.com');
    const sign = createRequestSigner(host, 's3', { region: 'us-east-1', credentials: published });
    const headers = [...more, ['x-amz-content-sha256', bodySha256] as const];
    const signed = sign({ ...request, headers, bodySha256 }, new Date('2013-05-24T00:00:00Z'));
    expect(signed.headers.at(-1)?.split('Signature=')[1]).toBe(signature);
  },
);
