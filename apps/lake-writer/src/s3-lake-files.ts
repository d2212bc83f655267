import { type AwsCall, refusalIn } from '@aftercall/aws-json';
import type { LakeFile, LakeFiles } from './lake-files.ts';

/** The lake's files in an S3 bucket. */
export function s3LakeFiles(call: AwsCall, bucket: string): LakeFiles {
  return {
    get: async (key) => {
      try {
        return readFile(await call('GetObject', { Bucket: bucket, Key: key }), key);
      } catch (error) {
        if (refusalIn(error)?.name === 'NoSuchKey') return undefined;
        throw error;
      }
    },
    put: async (key, bytes, read) => {
      const condition = read ? { IfMatch: read.etag } : { IfNoneMatch: '*' };
      const object = { Bucket: bucket, Key: key, Body: bytes, ContentType: 'application/vnd.apache.parquet' };
      try {
        await call('PutObject', { ...object, ...condition });
        return 'written';
      } catch (error) {
        if (saysChanged(error, read)) return 'changed';
        throw error;
      }
    },
  };
}

function readFile({ Body: bytes, ETag: etag }: Awaited<ReturnType<AwsCall>>, key: string): LakeFile {
  if (bytes instanceof Uint8Array && typeof etag === 'string') return { bytes, etag };
  throw new Error(`S3 answered without body or ETag for ${key}`);
}

/**
 * The file was written, or is being written, by somebody else; 404: it was deleted since it was read.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
function saysChanged(error: unknown, read: LakeFile | undefined): boolean {
  const { status, name } = refusalIn(error) ?? {};
  return (
    status === 409 || status === 412 || (status === 404 && read !== undefined && name !== 'NoSuchBucket')
  );
}
