import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { dynamodbIndexStore } from './dynamodb-index-store.ts';
import { s3ObjectStore } from './s3-object-store.ts';
import { createSetAside, SET_ASIDE_RETENTION_SECONDS, type SetAside } from './set-aside.ts';

/**
 * Ingest answers within 2.5 s, and without a time-out one hung connection would take all of it: two tries of these
 * end after 1.6 s at most (and a little for the pause between them), which leaves time to answer 503.
 */
const IMPATIENT = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 800, requestTimeout: 800, throwOnRequestTimeout: true },
};

/** The stage's set-aside store, with clients of its own: for functions that need it rarely and load it late. */
export function s3SetAside(bucket: string, table: string, now: () => Date): SetAside {
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(IMPATIENT));
  return createSetAside({
    objects: s3ObjectStore(new S3Client(IMPATIENT), bucket),
    index: dynamodbIndexStore(documents, table),
    now,
    retentionSeconds: SET_ASIDE_RETENTION_SECONDS,
  });
}
