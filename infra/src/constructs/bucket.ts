import { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js';
import { S3BucketLifecycleConfiguration } from '@cdktn/provider-aws/lib/s3-bucket-lifecycle-configuration/index.js';
import { S3BucketPolicy } from '@cdktn/provider-aws/lib/s3-bucket-policy/index.js';
import { S3BucketPublicAccessBlock } from '@cdktn/provider-aws/lib/s3-bucket-public-access-block/index.js';
import { S3BucketServerSideEncryptionConfigurationA } from '@cdktn/provider-aws/lib/s3-bucket-server-side-encryption-configuration/index.js';
import type { Construct } from 'constructs';
import { stageKeyArn } from './stage-key.ts';
import { policyDocument, tlsOnly } from './statement.ts';

/** An upload that has not ended by then never will; its parts cost money and no listing shows them. */
const ABORT_UPLOADS_AFTER_DAYS = 7;

const S3_KEY = { applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } };

/** With a key for the bucket, KMS is not asked for each object. */
const ownKey = (keyArn: string) => ({
  applyServerSideEncryptionByDefault: { sseAlgorithm: 'aws:kms', kmsMasterKeyId: keyArn },
  bucketKeyEnabled: true,
});

/** What one bucket differs in from another. */
export interface BucketProps {
  readonly name: string;
  /** Objects are deleted at this age. Without it they stay. */
  readonly expireAfterDays?: number;
  /** A KMS key of its own. Without it the stage's, or S3's where the stage has none. */
  readonly keyArn?: string;
}

/** A private, encrypted bucket that is reached over TLS only and keeps no unfinished uploads. */
export function bucket(
  scope: Construct,
  id: string,
  { name, expireAfterDays, keyArn = stageKeyArn(scope) }: BucketProps,
): S3Bucket {
  const made = new S3Bucket(scope, id, { bucket: name });
  new S3BucketPublicAccessBlock(scope, `${id}_private`, {
    bucket: made.id,
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  });
  new S3BucketServerSideEncryptionConfigurationA(scope, `${id}_encryption`, {
    bucket: made.id,
    rule: [keyArn === undefined ? S3_KEY : ownKey(keyArn)],
  });
  new S3BucketPolicy(scope, `${id}_tls_only`, {
    bucket: made.id,
    policy: policyDocument([tlsOnly('s3', [made.arn, `${made.arn}/*`])]),
  });
  new S3BucketLifecycleConfiguration(scope, `${id}_lifecycle`, {
    bucket: made.id,
    rule: [
      {
        id: 'cleanup',
        status: 'Enabled',
        filter: [{ prefix: '' }],
        abortIncompleteMultipartUpload: [{ daysAfterInitiation: ABORT_UPLOADS_AFTER_DAYS }],
        ...(expireAfterDays !== undefined && { expiration: [{ days: expireAfterDays }] }),
      },
    ],
  });
  return made;
}
