import { GetObjectCommand, PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { PermanentError } from '@aftercall/queue';
import type { SplitDeps } from './split-stored-delivery.ts';

/** The bucket of stored deliveries and whole items. The S3 client is loaded with this file: on the rare path only. */
export function s3Deliveries(
  bucket: string,
  options: S3ClientConfig,
): Pick<SplitDeps, 'fetchDelivery' | 'storeObject'> {
  const client = new S3Client(options);
  const prefix = `s3://${bucket}/`;
  return {
    fetchDelivery: async (ref) => {
      if (!ref.startsWith(prefix))
        throw new PermanentError('bad-schema', 'dataref is not in the deliveries bucket');
      const { Body } = await client.send(
        new GetObjectCommand({ Bucket: bucket, Key: ref.slice(prefix.length) }),
      );
      if (!Body) throw new Error('S3 answered without a body');
      return Body.transformToByteArray();
    },

    storeObject: async (key, body) => {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
    },
  };
}
