import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js';
import { S3BucketVersioningA } from '@cdktn/provider-aws/lib/s3-bucket-versioning/index.js';
import type { Construct } from 'constructs';
import { bucket, type BucketProps } from './bucket.ts';

/** A bucket, and what an object of it has to wait for to have versions from the first on. */
export interface VersionedBucket {
  readonly made: S3Bucket;
  readonly versioning: S3BucketVersioningA;
}

/** A bucket that keeps every version of an object, for those who ask what was in force when. */
export function versionedBucket(scope: Construct, id: string, props: BucketProps): VersionedBucket {
  const made = bucket(scope, id, props);
  const versioning = new S3BucketVersioningA(scope, `${id}_versions`, {
    bucket: made.id,
    versioningConfiguration: { status: 'Enabled' },
  });
  return { made, versioning };
}
