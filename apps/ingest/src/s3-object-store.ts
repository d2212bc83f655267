import { PutObjectCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

/** Puts bytes into one bucket. The S3 client is loaded with this file: on the rare path only. */
export function s3PutObject(bucket: string, options: S3ClientConfig) {
  const client = new S3Client(options);
  return async (key: string, body: Uint8Array | string, signal: AbortSignal): Promise<void> => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }), {
      abortSignal: signal,
    });
  };
}
