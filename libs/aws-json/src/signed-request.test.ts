import { expect, test } from '@jest/globals';
import aws4 from 'aws4';
import fc from 'fast-check';
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
        const { headers } = createRequestSigner(endpoint, service, { region, credentials })(
          operation,
          body,
          at,
        );
        const seen = headersOf(headers);
        expect(seen).toEqual(reference(operation, body, seen['x-amz-date'], sessionToken));
      },
    ),
  );
});

test('a signer that lives through midnight signs with the key of the new day', () => {
  const sign = createRequestSigner(endpoint, service, { region, credentials: keys });
  for (const at of ['2026-11-30T23:59:59Z', '2026-12-01T00:00:00Z', '2026-11-30T23:59:59Z']) {
    const seen = headersOf(sign('SendMessageBatch', '{}', new Date(at)).headers);
    expect(seen).toEqual(reference('SendMessageBatch', '{}', seen['x-amz-date']));
  }
});
