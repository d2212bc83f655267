import { createHash, createHmac } from 'node:crypto';
import { afterEach, expect, test } from '@jest/globals';
import { type AwsCallDeps, createAwsJsonCall } from './aws-json-call.ts';
import { type Behaviour, type SeenRequest, startAwsJsonServer } from './aws-json-server.ts';

const service = { name: 'sqs', target: 'AmazonSQS', version: '1.0' } as const;
const credentials = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI',
  sessionToken: 'a/token=',
};
const good = { status: 200, body: '{"Successful":[]}' };

let server: Awaited<ReturnType<typeof startAwsJsonServer>> | undefined;
afterEach(() => server?.close());

async function callTo(behaviours: readonly Behaviour[], deps: Partial<AwsCallDeps> = {}) {
  server = await startAwsJsonServer(...behaviours);
  const call = createAwsJsonCall(service, {
    endpoint: `${server.endpoint}/000000000000/events.fifo`,
    region: 'eu-west-1',
    credentials,
    timeoutMillis: 300,
    maxAttempts: 2,
    random: () => 0,
    ...deps,
  });
  return { call, server };
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** The signature that AWS computes of what it received. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function expectedSignature({ headers, body }: SeenRequest): string {
  const [, scope = '', signed = ''] =
    /Credential=[^/]+\/([^,]+), SignedHeaders=([^,]+),/.exec(headers.authorization ?? '') ?? [];
  const canonicalHeaders = signed.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = ['POST', '/', '', canonicalHeaders.join(''), signed, sha256(body)].join('\n');
  const [date = '', region = '', name = ''] = scope.split('/');
  const key = [region, name, 'aws4_request'].reduce(hmac, hmac(`AWS4${credentials.secretAccessKey}`, date));
  const toSign = ['AWS4-HMAC-SHA256', String(headers['x-amz-date']), scope, sha256(canonical)].join('\n');
  return hmac(key, toSign).toString('hex');
}

test('a call is a POST of JSON under the operation and signed as AWS computes it', async () => {
  const { call, server } = await callTo([good]);
  await expect(call('SendMessageBatch', { QueueUrl: 'q', text: 'Grüße \u{1F642}' })).resolves.toEqual({
    Successful: [],
  });
  const [request] = server.seen;
  expect(request?.headers).toMatchObject({
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'AmazonSQS.SendMessageBatch',
    'x-amz-security-token': credentials.sessionToken,
    host: new URL(server.endpoint).host,
  });
  expect(request?.body).toBe('{"QueueUrl":"q","text":"Grüße \u{1F642}"}');
  const authorization = request?.headers.authorization;
  expect(authorization).toMatch(
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/sqs\/aws4_request,/,
  );
  // What is not signed can be changed on the way.
  expect(authorization).toContain(
    'SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target,',
  );
  expect(authorization?.split('Signature=')[1]).toBe(request && expectedSignature(request));
});

test('a connection serves many calls', async () => {
  const { call, server } = await callTo([good]);
  for (let n = 0; n < 5; n += 1) await call('SendMessageBatch', {});
  expect(server.connections.size).toBe(1);
});

test.each<[string, Behaviour]>([
  ['a fault of the service', { status: 500, body: '{"__type":"InternalFailure"}' }],
  ['a page from something in between', { status: 503, body: '<html>' }],
  ['throttling', { status: 400, body: '{"__type":"com.amazonaws.sqs#RequestThrottled"}' }],
  [
    'throttling of a table',
    {
      status: 400,
      body: '{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}',
    },
  ],
  ['a page under 200', { status: 200, body: '<html>' }],
  ['a connection that breaks', 'hang-up'],
  ['no answer', 'silence'],
])('%s is tried again, once', async (_case, behaviour) => {
  const { call, server } = await callTo([behaviour, good]);
  await expect(call('SendMessageBatch', {})).resolves.toEqual({ Successful: [] });
  expect(server.seen).toHaveLength(2);
  server.close();
  const worse = await callTo([behaviour, behaviour, good]);
  await expect(worse.call('SendMessageBatch', {})).rejects.toThrow();
  expect(worse.server.seen).toHaveLength(2);
});

test('a refusal is told at once, under its own name and with its status, as the SDK has it', async () => {
  const refusal = {
    status: 400,
    body: '{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"The specified queue does not exist."}',
  };
  const { call, server } = await callTo([refusal]);
  await expect(call('SendMessageBatch', {})).rejects.toMatchObject({
    name: 'QueueDoesNotExist',
    message: 'The specified queue does not exist.',
    $metadata: { httpStatusCode: 400 },
  });
  expect(server.seen).toHaveLength(1);
});

test.each<Behaviour>(['silence', 'half'])('an attempt ends in time: %s', async (behaviour) => {
  const { call } = await callTo([behaviour], { maxAttempts: 1, timeoutMillis: 50 });
  await expect(call('SendMessageBatch', {})).rejects.toMatchObject({ name: 'TimeoutError' });
});

test('an abort ends the call and no second attempt follows', async () => {
  const { call, server } = await callTo(['silence'], { timeoutMillis: 5_000 });
  const abort = new AbortController();
  const calling = call('SendMessageBatch', {}, abort.signal);
  setTimeout(() => abort.abort(), 50);
  await expect(calling).rejects.toMatchObject({ name: 'AbortError' });
  expect(server.seen).toHaveLength(1);
});

test('no error shows a key, the token or the body', async () => {
  const { call } = await callTo([{ status: 403, body: '<html>denied</html>' }], { maxAttempts: 1 });
  const error: unknown = await call('SendMessageBatch', { MessageBody: 'personal' }).catch(
    (thrown: unknown) => thrown,
  );
  const shown = `${String(error)} ${JSON.stringify(error)} ${error instanceof Error ? error.stack : ''}`;
  expect(shown).not.toMatch(/wJalrXUtnFEMI|a\/token|personal|denied/);
});
