import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { LakeFiles } from './lake-files.ts';

/**
 * The file was written, or is being written, by somebody else; 404: it was deleted since it was read.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
const CHANGED: ReadonlySet<number | undefined> = new Set([404, 409, 412]);

/** The lake's files in an S3 bucket. */
export function s3LakeFiles(client: S3Client, bucket: string): LakeFiles {
  return {
    get: async (key) => {
      try {
        const { Body, ETag } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        if (!Body || !ETag) throw new Error(`S3 answered without body or ETag for ${key}`);
        return { bytes: await Body.transformToByteArray(), etag: ETag };
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
        if (error instanceof S3ServiceException && CHANGED.has(error.$metadata.httpStatusCode))
          return 'changed';
        throw error;
      }
    },
  };
}
