import type { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import type { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { allow, type Statement } from './statement.ts';

/** Both halves of the set-aside store. */
export interface SetAside {
  readonly bucket: DataAwsS3Bucket;
  readonly table: DataAwsDynamodbTable;
}

/** The partitions of the index that quarantine writes: its own lines and the day's byte counts. */
const QUARANTINE_PARTITIONS = ['quarantine', 'usage#*'];

/** What it takes to quarantine: the object, its line in the index, the day's byte count. Dead letters and archive stay out of reach. */
export const quarantineGrants = ({ bucket, table }: SetAside): readonly Statement[] => [
  // Nothing is read back: GetObject is what IAM asks for a HEAD.
  allow(['s3:PutObject', 's3:GetObject'], [`${bucket.arn}/quarantine/*`]),
  // Without it S3 answers 403 instead of 404 for an object that is not there, and absence looks like an outage.
  allow(['s3:ListBucket'], [bucket.arn]),
  {
    ...allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], [table.arn]),
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': QUARANTINE_PARTITIONS } },
  },
];

/** What it takes to archive what was held too long. Quarantine and dead letters stay out of reach. */
export const archiveGrants = ({ bucket, table }: SetAside): readonly Statement[] => [
  allow(['s3:PutObject', 's3:GetObject'], [`${bucket.arn}/archive/*`]),
  allow(['s3:ListBucket'], [bucket.arn]),
  {
    ...allow(['dynamodb:PutItem'], [table.arn]),
    Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['archive'] } },
  },
];

/** Quarantine, and the archive of what was held too long. Dead letters stay out of reach. */
export const quarantineAndArchiveGrants = ({ bucket, table }: SetAside): readonly Statement[] => [
  allow(['s3:PutObject', 's3:GetObject'], [`${bucket.arn}/quarantine/*`, `${bucket.arn}/archive/*`]),
  allow(['s3:ListBucket'], [bucket.arn]),
  {
    ...allow(['dynamodb:PutItem', 'dynamodb:UpdateItem'], [table.arn]),
    Condition: {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...QUARANTINE_PARTITIONS, 'archive'] },
    },
  },
];
