import { ListObjectVersionsCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { EarlierVersions } from './s3-compliance-rules.ts';

/** How far back a good rule set is looked for. */
const MAX_VERSIONS = 20;

/**
 * Lists versions. The S3 client is loaded with this file: on the rare path only. The role needs `s3:ListBucketVersions`.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
 */
export function s3EarlierVersions(options: S3ClientConfig): EarlierVersions {
  const client = new S3Client(options);
  return async (bucket, key) => {
    const { Versions: versions = [] } = await client.send(
      new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key, MaxKeys: MAX_VERSIONS }),
    );
    return versions.flatMap(({ Key, VersionId, IsLatest }) =>
      // Other objects may have names that begin like this one's.
      Key === key && VersionId !== undefined && IsLatest !== true ? [VersionId] : [],
    );
  };
}
