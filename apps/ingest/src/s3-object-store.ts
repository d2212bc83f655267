import type { AwsCall } from '@aftercall/aws-json';

/** Puts bytes into one bucket. */
export function s3PutObject(call: AwsCall, bucket: string) {
  return async (key: string, body: Uint8Array | string, signal: AbortSignal): Promise<void> => {
    await call('PutObject', { Bucket: bucket, Key: key, Body: body }, signal);
  };
}
