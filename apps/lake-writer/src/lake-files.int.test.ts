import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { s3Call } from '@aftercall/aws-json/function';
import { sdkS3 } from '@aftercall/aws-json/sdk-s3';
import { startFauxqs } from 'fauxqs';
import { conditionalPutsContract, lakeFilesContract } from './lake-files-contract.ts';
import type { LakeFiles } from './lake-files.ts';
import { memoryLakeFiles } from './memory-lake-files.ts';
import { s3LakeFiles } from './s3-lake-files.ts';

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const patience = { maxAttempts: 1, timeoutMillis: 5_000 };

/** Both ways to speak to S3, held to the same. */
const WAYS: Readonly<Record<string, (endpoint: string, bodyMillis: number) => AwsCall>> = {
  'the SDK': (endpoint, bodyMillis) => {
    const client = new S3Client({ ...local, endpoint, forcePathStyle: true, maxAttempts: 1 });
    closing.push(async () => client.destroy());
    return sdkS3(client, { ...patience, bodyMillis });
  },
  'requests signed by hand': (endpoint, bodyMillis) =>
    s3Call({ access: { ...local, endpointOf: () => endpoint }, ...patience, bodyMillis }),
};

type FilesAt = (port: number, bodyMillis?: number) => LakeFiles;

async function fauxqs(filesAt: FilesAt) {
  const server = await startFauxqs({ port: 0, logger: false });
  closing.push(() => server.stop());
  server.createBucket('lake');
  return filesAt(server.port);
}

/**
 * The part of S3 that is asked for here, conditions of a put included: the emulator at hand takes no notice of them.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
async function conditionalS3(filesAt: FilesAt, answerPut?: number) {
  const objects = new Map<string, Buffer>();
  const server = createServer((request, response) => void respond(request, response, objects, answerPut));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return filesAt((server.address() as AddressInfo).port);
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  objects: Map<string, Buffer>,
  answerPut: number | undefined,
) {
  const key = new URL(request.url ?? '', 'http://s3').pathname;
  const present = objects.get(key);
  const etag = present && `"${createHash('md5').update(present).digest('hex')}"`;
  if (request.method === 'PUT') {
    const body = await buffer(request);
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = request.headers;
    const isRefused = (ifMatch !== undefined && ifMatch !== etag) || (ifNoneMatch === '*' && present);
    if (answerPut !== undefined || isRefused) return fail(response, answerPut ?? 412, 'PreconditionFailed');
    objects.set(key, body);
    response.writeHead(200, { etag: `"${createHash('md5').update(body).digest('hex')}"` }).end();
  } else if (present) response.writeHead(200, { etag, 'content-length': present.length }).end(present);
  else fail(response, 404, 'NoSuchKey');
}

const fail = (response: ServerResponse, status: number, code: string): void =>
  void response.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);

lakeFilesContract('memory', async () => memoryLakeFiles());
conditionalPutsContract('memory', async () => memoryLakeFiles());

describe.each(Object.entries(WAYS))('with %s', (_way, callAt) => {
  const filesAt: FilesAt = (port, bodyMillis = 5_000) =>
    s3LakeFiles(callAt(`http://127.0.0.1:${port}`, bodyMillis), 'lake');

  lakeFilesContract('S3 as fauxqs has it', () => fauxqs(filesAt));
  lakeFilesContract('S3 with conditions', () => conditionalS3(filesAt));
  conditionalPutsContract('S3 with conditions', () => conditionalS3(filesAt));

  test.each([404, 409, 412])('an answer %d to a put says that the file has changed', async (status) => {
    const files = await conditionalS3(filesAt, status);
    const read = { bytes: Buffer.from('one'), etag: '"1"' };
    expect(await files.put('key', Buffer.from('two'), read)).toBe('changed');
  });

  test('a bucket that is not there is an error, not a file that has changed', async () => {
    const files = await conditionalS3(filesAt, 404);
    await expect(files.put('key', Buffer.from('one'), undefined)).rejects.toThrow();
  });

  test('a body that stalls is given up', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { etag: '"1"', 'content-length': '10' });
      response.write('half');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(async () => {
      server.closeAllConnections();
      server.close();
    });
    const files = filesAt((server.address() as AddressInfo).port, 200);
    await expect(files.get('key')).rejects.toThrow(/aborted|no answer within 200 ms/);
  });

  test('a file of tens of megabytes comes back as it was', async () => {
    const files = await conditionalS3(filesAt);
    const bytes = randomBytes(30_000_000);
    expect(await files.put('key', bytes, undefined)).toBe('written');
    const read = await files.get('key');
    expect(Buffer.compare(read?.bytes ?? Buffer.of(), bytes)).toBe(0);
    expect(await files.put('key', bytes, read)).toBe('written');
  });

  test('any other answer is an error, so that the rows come again', async () => {
    const files = await conditionalS3(filesAt, 503);
    await expect(files.put('key', Buffer.from('one'), undefined)).rejects.toThrow();
  });
});
