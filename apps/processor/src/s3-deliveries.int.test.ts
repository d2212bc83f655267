import { S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AwsCall } from '@aftercall/aws-json';
import { s3Call } from '@aftercall/aws-json/function';
import { sdkS3 } from '@aftercall/aws-json/sdk-s3';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { s3Deliveries } from './s3-deliveries.ts';

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const patience = { maxAttempts: 1, timeoutMillis: 5_000 };

/** Both ways to speak to S3, held to the same. */
const WAYS: Readonly<Record<string, (endpoint: string) => AwsCall>> = {
  'the SDK': (endpoint) => sdkS3(new S3Client({ ...local, endpoint, forcePathStyle: true }), patience),
  'requests signed by hand': (endpoint) =>
    s3Call({ access: { ...local, endpointOf: () => endpoint }, ...patience }),
};

let server: FauxqsServer;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  server.createBucket('deliveries');
});
afterAll(() => server.stop());

describe.each(Object.entries(WAYS))('stored deliveries with %s', (_way, callAt) => {
  const deliveries = () => s3Deliveries(callAt(`http://127.0.0.1:${server.port}`), 'deliveries');

  test('what was stored under a key is fetched by its reference', async () => {
    const { storeObject, fetchDelivery, objectRef } = deliveries();
    await storeObject('items/main/a=b c', '{"text":"Grüße 🙂"}');
    const bytes = await fetchDelivery(objectRef('items/main/a=b c'));
    expect(Buffer.from(bytes).toString()).toBe('{"text":"Grüße 🙂"}');
  });

  test('what is not there yet comes again', async () => {
    const { fetchDelivery, objectRef } = deliveries();
    await expect(fetchDelivery(objectRef('items/none'))).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  test('a reference to another bucket is for good', async () => {
    await expect(deliveries().fetchDelivery('s3://other/items/a')).rejects.toMatchObject({
      name: 'PermanentError',
      reason: 'bad-schema',
    });
  });
});
