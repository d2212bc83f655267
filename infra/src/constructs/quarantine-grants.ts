import type { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import type { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { allow, type Statement } from './statement.ts';

/** Both halves of the set-aside store. */
export interface SetAside {
  readonly bucket: DataAwsS3Bucket;
  readonly table: DataAwsDynamodbTable;
}

/** What it takes to quarantine: the object, its line in the index, the day's byte count. Dead letters and archive stay out of reach. */
export const quarantineGrants = ({ bucket, table }: SetAside): readonly Statement[] => [
  allow(['s3:PutObject', 's3:GetObject'], [`${bucket.arn}/quarantine/*`]),
  listGrant(bucket),
  allow(['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:GetItem'], [table.arn]),
];

/** Without it S3 answers 403 instead of 404 for an object that is not there, and absence looks like an outage. */
export const listGrant = (bucket: DataAwsS3Bucket): Statement => allow(['s3:ListBucket'], [bucket.arn]);
