import { KmsKey } from '@cdktn/provider-aws/lib/kms-key/index.js';
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js';
import type { Construct } from 'constructs';
import { bucket, type BucketProps } from './bucket.ts';

/** The longest that AWS waits before a key, and with it all that it encrypts, is gone. */
const DELETION_WINDOW_DAYS = 30;

/** A bucket whose content only those can read who may use its key. */
export interface EncryptedBucket {
  readonly bucket: S3Bucket;
  readonly key: KmsKey;
}

/** A private bucket with a key of its own, which rotates by itself. */
export function encryptedBucket(
  scope: Construct,
  id: string,
  { name, description }: Pick<BucketProps, 'name'> & { readonly description: string },
): EncryptedBucket {
  const key = new KmsKey(scope, `${id}_key`, {
    description,
    enableKeyRotation: true,
    deletionWindowInDays: DELETION_WINDOW_DAYS,
  });
  return { bucket: bucket(scope, id, { name, keyArn: key.arn }), key };
}
