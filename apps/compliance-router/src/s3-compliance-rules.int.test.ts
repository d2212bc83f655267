import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { DeleteObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { s3Call } from '@aftercall/aws-json/function';
import { sdkS3 } from '@aftercall/aws-json/sdk-s3';
import { startFauxqs } from 'fauxqs';
import { allOf, rulesStoreContract, versionsContract } from './rules-store-contract.ts';
import { MAX_OBJECT_BYTES, s3ComplianceRules } from './s3-compliance-rules.ts';
import { s3EarlierVersions } from './s3-earlier-versions.ts';

const BUCKET = 'config';
const KEY = 'compliance/rules.json';

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const patience = { maxAttempts: 1, timeoutMillis: 5_000, maxObjectBytes: MAX_OBJECT_BYTES };
const optionsOf = (port: number) => ({
  ...local,
  ...{ endpoint: `http://127.0.0.1:${port}`, forcePathStyle: true, maxAttempts: 1 },
});

/** Both ways to speak to S3, held to the same. */
const WAYS: Readonly<Record<string, (port: number) => AwsCall>> = {
  'the SDK': (port) => sdkS3(new S3Client(optionsOf(port)), patience),
  'requests signed by hand': (port) =>
    s3Call({ access: { ...local, endpointOf: () => optionsOf(port).endpoint }, ...patience }),
};
type CallAt = (typeof WAYS)[string];

function harnessOf(callAt: CallAt, port: number, close: () => Promise<void>) {
  const client = new S3Client(optionsOf(port));
  return {
    ...{ client, store: s3ComplianceRules(callAt(port), s3EarlierVersions(optionsOf(port)), BUCKET, KEY) },
    put: async (text: string) => {
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: Buffer.from(text) }));
    },
    remove: async () => {
      await client.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: KEY }));
    },
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

async function fauxqs(callAt: CallAt) {
  const server = await startFauxqs({ port: 0, logger: false });
  server.createBucket(BUCKET);
  return harnessOf(callAt, server.port, () => server.stop());
}

interface Version {
  readonly id: string;
  readonly key: string;
  readonly body: Buffer | undefined;
}

/**
 * The part of a versioned bucket that is asked for here, which the emulator at hand does not have.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
async function versionedBucket(
  callAt: CallAt,
  answer?: (request: IncomingMessage) => [number, string] | undefined,
) {
  const versions: Version[] = [];
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const scripted = answer?.(request);
    if (scripted) fail(response, ...scripted);
    else void respond(request, response, versions);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    server.close();
  };
  return { ...harnessOf(callAt, (server.address() as AddressInfo).port, close), requests };
}

async function respond(request: IncomingMessage, response: ServerResponse, versions: Version[]) {
  const url = new URL(request.url ?? '', 'http://s3');
  const key = url.pathname.slice(`/${BUCKET}/`.length);
  if (request.method === 'PUT' || request.method === 'DELETE') {
    const body = await buffer(request);
    versions.unshift({ id: `v${versions.length}`, key, body: request.method === 'PUT' ? body : undefined });
    response.end();
    return;
  }
  if (url.searchParams.has('versions')) {
    response.end(listOf(versions, url.searchParams));
    return;
  }
  const id = url.searchParams.get('versionId');
  const found = versions.find((version) => version.key === key && (id === null || version.id === id));
  if (found?.body === undefined) fail(response, 404, id === null ? 'NoSuchKey' : 'NoSuchVersion');
  else sendObject(request, response, found.body);
}

function sendObject({ headers }: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const etag = `"${createHash('md5').update(body).digest('hex')}"`;
  if (headers['if-none-match'] === etag) response.writeHead(304).end();
  else response.writeHead(200, { etag, 'content-length': body.byteLength }).end(body);
}

function listOf(versions: readonly Version[], query: URLSearchParams): string {
  const listed = versions
    .filter(({ key }) => key.startsWith(query.get('prefix') ?? ''))
    .toSorted((one, other) => (one.key < other.key ? -1 : Number(one.key > other.key)))
    .slice(0, Number(query.get('max-keys')));
  const entries = listed.map(({ id, key, body }) => {
    const latest = versions.find((version) => version.key === key)?.id === id;
    const name = body === undefined ? 'DeleteMarker' : 'Version';
    return `<${name}><Key>${key}</Key><VersionId>${id}</VersionId><IsLatest>${latest}</IsLatest></${name}>`;
  });
  return `<ListVersionsResult>${entries.join('')}</ListVersionsResult>`;
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<Error><Code>${code}</Code><Message>scripted</Message></Error>`);
}

describe.each(Object.entries(WAYS))('with %s', (_way, callAt) => {
  const open = (answer?: (request: IncomingMessage) => [number, string] | undefined) =>
    versionedBucket(callAt, answer);

  rulesStoreContract('S3 as fauxqs has it', () => fauxqs(callAt));
  rulesStoreContract('S3 with versions', () => open());
  versionsContract('S3 with versions', () => open());

  test('no more than twenty versions are looked through', async () => {
    const { store, put, close, requests } = await open();
    for (let n = 0; n < 30; n += 1) await put(`${n}`);
    const texts = await allOf(store.earlierVersions());
    expect(texts).toHaveLength(19);
    expect(requests.filter((request) => request.startsWith('GET'))).toHaveLength(20);
    await close();
  });

  test('neither deletions nor objects of a longer name are versions of the rules', async () => {
    const { store, put, remove, close, client, requests } = await open();
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.bak`, Body: 'backup' }));
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `${KEY}.bak`, Body: 'backup 2' }));
    await put('one');
    await remove();
    await put('two');
    expect(await allOf(store.earlierVersions())).toEqual(['one']);
    expect(requests.filter((request) => request.includes('versionId'))).toHaveLength(1);
    await close();
  });

  test('a version that is gone when it is asked for is passed over', async () => {
    const gone = (request: IncomingMessage): [number, string] | undefined =>
      request.url?.includes('versionId=v1') ? [404, 'NoSuchVersion'] : undefined;
    const { store, put, close } = await open(gone);
    for (const text of ['one', 'two', 'three']) await put(text);
    expect(await allOf(store.earlierVersions())).toEqual(['one']);
    await close();
  });

  test('a file of megabytes is not read', async () => {
    const { store, put, close } = await open();
    await put('x'.repeat(1_048_577));
    expect(await store.read(undefined)).toEqual({
      outcome: 'none',
      reason: 'the object is larger than 1048576 bytes',
    });
    await put('x'.repeat(1_048_576));
    expect(await store.read(undefined)).toMatchObject({ outcome: 'object' });
    await close();
  });

  test.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
  ])('an answer of %i %s is no outage: there is no object for us', async (status, code) => {
    const { store, close } = await open(() => [status, code]);
    expect(await store.read('"etag"')).toEqual({ outcome: 'none', reason: code });
    await close();
  });

  test.each([
    [503, 'SlowDown'],
    [500, 'InternalError'],
    [403, 'RequestTimeTooSkewed'],
  ])('an answer of %i %s says nothing about the object', async (status, code) => {
    const { store, close } = await open(() => [status, code]);
    await expect(store.read(undefined)).rejects.toMatchObject({ name: code });
    await expect(allOf(store.earlierVersions())).rejects.toMatchObject({ name: code });
    await close();
  });
});
