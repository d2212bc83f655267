import type { AwsCall } from '@aftercall/aws-json';
import { PermanentError } from '@aftercall/queue';
import type { SplitDeps } from './split-stored-delivery.ts';

/** The bucket of stored deliveries and whole items. */
export function s3Deliveries(
  call: AwsCall,
  bucket: string,
): Pick<SplitDeps, 'fetchDelivery' | 'storeObject' | 'objectRef'> {
  const prefix = `s3://${bucket}/`;
  return {
    fetchDelivery: async (ref) => {
      if (!ref.startsWith(prefix))
        throw new PermanentError('bad-schema', 'dataref is not in the deliveries bucket');
      const { Body } = await call('GetObject', { Bucket: bucket, Key: ref.slice(prefix.length) });
      if (!(Body instanceof Uint8Array)) throw new Error('S3 answered without a body');
      return Body;
    },

    storeObject: async (key, body) => {
      await call('PutObject', { Bucket: bucket, Key: key, Body: body });
    },

    objectRef: (key) => `${prefix}${key}`,
  };
}
