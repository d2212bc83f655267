import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { s3Call } from '@aftercall/aws-json/function';
import { sdkS3 } from '@aftercall/aws-json/sdk-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { randomBytes } from 'node:crypto';
import { s3PutObject } from './s3-object-store.ts';

const Bucket = 'deliveries';
const patience = { maxAttempts: 1, timeoutMillis: 5_000 };
const forever = new AbortController().signal;

let server: FauxqsServer;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  server.createBucket(Bucket);
});
afterAll(() => server.stop());

const options = () => ({
  endpoint: `http://127.0.0.1:${server.port}`,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  forcePathStyle: true,
});

/** Both ways to speak to S3, held to the same. */
const WAYS: Readonly<Record<string, () => AwsCall>> = {
  'the SDK': () => sdkS3(new S3Client(options()), patience),
  'requests signed by hand': () => {
    const { endpoint, ...local } = options();
    return s3Call({ access: { ...local, endpointOf: () => endpoint }, ...patience });
  },
};

describe.each(Object.entries(WAYS))('an object stored with %s', (_way, call) => {
  test.each([
    ['the largest delivery', randomBytes(4_400_000)],
    ['a text', Buffer.from('{"ü":"🙂"}')],
  ])('%s is there as it was given', async (Key, bytes) => {
    await s3PutObject(call(), Bucket)(Key, Key === 'a text' ? bytes.toString() : bytes, forever);
    const { Body } = await new S3Client(options()).send(new GetObjectCommand({ Bucket, Key }));
    expect(bytes.equals((await Body?.transformToByteArray()) ?? Buffer.of())).toBe(true);
  });

  test('nothing is stored for a sender who is gone', async () => {
    const gone = AbortSignal.abort();
    await expect(s3PutObject(call(), Bucket)('gone', 'text', gone)).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('a bucket that is not there is an error', async () => {
    await expect(s3PutObject(call(), 'no-bucket')('key', 'text', forever)).rejects.toMatchObject({
      name: 'NoSuchBucket',
    });
  });
});
