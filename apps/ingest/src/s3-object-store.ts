import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

/** Puts bytes into one bucket. The S3 client is loaded with this file: on the rare path only. */
export function s3PutObject(bucket: string) {
  const client = new S3Client({ maxAttempts: 2 });
  return async (key: string, body: Uint8Array | string, signal: AbortSignal): Promise<void> => {
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }), {
      abortSignal: signal,
    });
  };
}
