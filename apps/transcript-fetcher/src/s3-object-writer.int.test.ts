import { GetObjectCommand, HeadObjectCommand, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { s3Call } from '@aftercall/aws-json/function';
import { sdkS3 } from '@aftercall/aws-json/sdk-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { objectWriterContract } from './object-writer-contract.ts';
import { s3MultipartUploads } from './s3-multipart-uploads.ts';
import { s3ObjectWriter } from './s3-object-writer.ts';

const Bucket = 'transcripts';
const forever = new AbortController().signal;

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const patience = { maxAttempts: 1, timeoutMillis: 15_000 };
const optionsAt = (endpoint: string) => ({ ...local, endpoint, forcePathStyle: true });

/** Both ways to write a small object, held to the same. */
const WAYS: Readonly<Record<string, (endpoint: string) => AwsCall>> = {
  'the SDK': (endpoint) => sdkS3(new S3Client(optionsAt(endpoint)), patience),
  'requests signed by hand': (endpoint) =>
    s3Call({ access: { ...local, endpointOf: () => endpoint }, ...patience }),
};

/** S3 with one bucket, and what it was asked. */
async function startS3(callAt: (endpoint: string) => AwsCall) {
  const server: FauxqsServer = await startFauxqs({ port: 0, logger: false });
  server.createBucket(Bucket);
  const endpoint = `http://127.0.0.1:${server.port}`;
  const client = new S3Client(optionsAt(endpoint));
  const commands: string[] = [];
  const watched = (uploads: S3Client) => {
    uploads.middlewareStack.add((next, { commandName = '' }) => async (args) => {
      commands.push(commandName.replace('Command', ''));
      return next(args);
    });
    return uploads;
  };
  const call = callAt(endpoint);
  const ways = {
    call: async (...args: Parameters<AwsCall>) => {
      commands.push(args[0]);
      return call(...args);
    },
    beginUpload: s3MultipartUploads(optionsAt(endpoint), watched),
  };
  const count = (name: string) => commands.filter((command) => command === name).length;
  const unfinished = () =>
    count('CreateMultipartUpload') - count('CompleteMultipartUpload') - count('AbortMultipartUpload');
  const close = async () => {
    client.destroy();
    await server.stop();
  };
  return { client, ways, commands, unfinished, close };
}

describe.each(Object.entries(WAYS))('with %s', (_way, callAt) => {
  objectWriterContract('S3', async () => {
    const { client, ways, unfinished, close } = await startS3(callAt);
    return {
      open: (key) => s3ObjectWriter(ways, Bucket, key, forever),
      read: async (Key) => {
        const got = await client
          .send(new GetObjectCommand({ Bucket, Key }))
          .catch((error: unknown) =>
            error instanceof NoSuchKey ? undefined : Promise.reject(error as Error),
          );
        return got?.Body?.transformToByteArray();
      },
      unfinished,
      close,
    };
  });

  let s3: Awaited<ReturnType<typeof startS3>>;
  beforeAll(async () => {
    s3 = await startS3(callAt);
  });
  afterAll(() => s3.close());

  test('the first part is in S3 before the rest is written, and only one part is held', async () => {
    s3.commands.length = 0;
    const object = s3ObjectWriter(s3.ways, Bucket, 'parts', forever);
    const piece = Buffer.alloc(1024 * 1024);
    for (let pieces = 0; pieces < 5; pieces += 1) await object.write(piece);
    expect(s3.commands).toEqual(['CreateMultipartUpload', 'UploadPart']);
    for (let pieces = 0; pieces < 6; pieces += 1) await object.write(piece);
    await object.commit();
    expect(s3.commands.slice(2)).toEqual(['UploadPart', 'UploadPart', 'CompleteMultipartUpload']);
  });

  test('a small object costs one request', async () => {
    s3.commands.length = 0;
    const object = s3ObjectWriter(s3.ways, Bucket, 'one', forever);
    await object.write(Buffer.from('{}'));
    await object.commit();
    expect(s3.commands).toEqual(['PutObject']);
  });

  test('an object says what it is, however it got there', async () => {
    for (const bytes of [10, 6_000_000]) {
      const object = s3ObjectWriter(s3.ways, Bucket, `form-${bytes}`, forever);
      await object.write(Buffer.alloc(bytes));
      await object.commit();
      const head = await s3.client.send(new HeadObjectCommand({ Bucket, Key: `form-${bytes}` }));
      expect(head).toMatchObject({ ContentType: 'application/json', ContentEncoding: 'gzip' });
    }
  });

  test('a signal ends what is under way, and the upload can be aborted all the same', async () => {
    const controller = new AbortController();
    const object = s3ObjectWriter(s3.ways, Bucket, 'ended', controller.signal);
    await object.write(Buffer.alloc(6_000_000));
    controller.abort();
    await expect(object.write(Buffer.alloc(6_000_000))).rejects.toThrow(
      expect.objectContaining({ name: 'AbortError' }),
    );
    await object.abort();
    expect(s3.unfinished()).toBe(0);
  });
});
