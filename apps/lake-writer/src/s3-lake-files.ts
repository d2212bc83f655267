import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { addAbortSignal, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { LakeFile, LakeFiles } from './lake-files.ts';

/** The client's time-outs end with the first byte; a body that stalls after it would hold the function for ever. */
const BODY_MILLIS = 10_000;

/** The lake's files in an S3 bucket. */
export function s3LakeFiles(client: S3Client, bucket: string, bodyMillis = BODY_MILLIS): LakeFiles {
  return {
    get: async (key) => {
      try {
        const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (!Body || !ETag) throw new Error(`S3 answered without body or ETag for ${key}`);
        return { bytes: await bytesOf(Body, bodyMillis), etag: ETag };
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    put: async (key, bytes, read) => {
      const condition = read ? { IfMatch: read.etag } : { IfNoneMatch: '*' };
      const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: 'application/vnd.apache.parquet' };
      try {
        await client.send(new PutObjectCommand({ ...object, ...condition }));
        return 'written';
      } catch (error) {
        if (saysChanged(error, read)) return 'changed';
        throw error;
      }
    },
  };
}

async function bytesOf(body: unknown, millis: number): Promise<Uint8Array> {
  if (!(body instanceof Readable)) throw new Error('S3 answered with a body that is no stream');
  return buffer(addAbortSignal(AbortSignal.timeout(millis), body));
}

/**
 * The file was written, or is being written, by somebody else; 404: it was deleted since it was read.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
function saysChanged(error: unknown, read: LakeFile | undefined): boolean {
  if (!(error instanceof S3ServiceException)) return false;
  const status = error.$metadata.httpStatusCode;
  return (
    status === 409 ||
    status === 412 ||
    (status === 404 && read !== undefined && error.name !== 'NoSuchBucket')
  );
}
