import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamodbIndexStore } from './dynamodb-index-store.ts';
import { s3ObjectStore } from './s3-object-store.ts';
import { createSetAside, SET_ASIDE_RETENTION_SECONDS, type SetAside } from './set-aside.ts';

/** The stage's set-aside store, with clients of its own: for functions that need it rarely and load it late. */
export function s3SetAside(bucket: string, table: string, now: () => Date): SetAside {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient({ maxAttempts: 2 }));
  return createSetAside({
    objects: s3ObjectStore(new S3Client({ maxAttempts: 2 }), bucket),
    index: dynamodbIndexStore(documents, table),
    now,
    retentionSeconds: SET_ASIDE_RETENTION_SECONDS,
  });
}
