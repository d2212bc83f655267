import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';

import { objectStoreContract } from './object-store-contract.ts';
import { s3ObjectStore } from './s3-object-store.ts';

const object = { key: 'dead/main/1.json', body: new TextEncoder().encode('{}'), metadata: { seal: 's' } };

function s3Client(port: number): S3Client {
  return new S3Client({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-west-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
}

let server: FauxqsServer;
let client: S3Client;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  client = s3Client(server.port);
});
afterAll(async () => {
  client.destroy();
  await server.stop();
});

// This server ignores conditions on a put, so that half of the contract is tried on scripted answers below.
objectStoreContract('S3', () => {
  server.createBucket('set-aside');
  server.emptyBucket('set-aside');
  return s3ObjectStore(client, 'set-aside');
});

test('a bucket that is not there is an error and not an empty store', async () => {
  await expect(s3ObjectStore(client, 'no-such-bucket').get('dead/main/1.json')).rejects.toThrow();
});

/** Answers every request as told and keeps what was asked. */
async function withAnswer<T>(
  status: number,
  code: string,
  use: (client: S3Client, headers: Record<string, unknown>[]) => Promise<T>,
): Promise<T> {
  const headers: Record<string, unknown>[] = [];
  const scripted = createServer((request, response) => {
    headers.push(request.headers);
    request.resume().on('end', () => {
      response.writeHead(status, { 'content-type': 'application/xml' });
      response.end(`<Error><Code>${code}</Code><Message>scripted</Message></Error>`);
    });
  });
  await new Promise<void>((resolve) => scripted.listen(0, '127.0.0.1', resolve));
  const scriptedClient = s3Client((scripted.address() as AddressInfo).port);
  try {
    return await use(scriptedClient, headers);
  } finally {
    scriptedClient.destroy();
    scripted.closeAllConnections();
    await new Promise((resolve) => scripted.close(resolve));
  }
}

test.each([
  [412, 'PreconditionFailed'],
  [409, 'ConditionalRequestConflict'],
])('an answer of %i means that the object is there already', async (status, code) => {
  await withAnswer(status, code, async (scripted, headers) => {
    expect(await s3ObjectStore(scripted, 'b').put(object, undefined)).toBe('changed');
    expect(headers[0]).toMatchObject({ 'if-none-match': '*' });
  });
});

test('a replacement names the version it replaces, and one deleted meanwhile counts as changed', async () => {
  await withAnswer(404, 'NoSuchKey', async (scripted, headers) => {
    expect(await s3ObjectStore(scripted, 'b').put(object, '"v1"')).toBe('changed');
    expect(headers[0]).toMatchObject({ 'if-match': '"v1"' });
  });
});

test.each([
  [403, 'AccessDenied'],
  [503, 'SlowDown'],
])('an answer of %i is an error at every call', async (status, code) => {
  await withAnswer(status, code, async (scripted) => {
    const store = s3ObjectStore(scripted, 'b');
    await expect(store.put(object, undefined)).rejects.toThrow();
    await expect(store.head(object.key)).rejects.toThrow();
    await expect(store.get(object.key)).rejects.toThrow();
  });
});
