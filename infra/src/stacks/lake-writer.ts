import type { Env } from '@aftercall/lake-writer/config';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { circuitEnvironment, holdingGrants } from '../constructs/circuit-grants.ts';
import { lakeLagAlarm } from '../constructs/lake-lag-alarm.ts';
import { routeFunction } from '../constructs/route-function.ts';
import { allow } from '../constructs/statement.ts';
import { awsCallsVariable } from '../platform-settings.ts';

/** The queue of all outcomes, and the function that merges them into the lake's files. */
export function lakeWriter(scope: Construct, { stage, names, code }: AppStackProps): void {
  const { lake } = stage;
  const bucket = new DataAwsS3Bucket(scope, 'lake', { bucket: names.lakeBucket });
  routeFunction(scope, {
    route: 'lake',
    names,
    impact:
      'Outcomes wait in the queue: dashboards and reports on the lake fall behind, nothing is lost for four days.',
    settings: lake,
    batchSize: lake.batchSize,
    windowSeconds: lake.windowSeconds,
    environment: ({ queue, deadLetterQueue }) =>
      ({
        STAGE: stage.name,
        LAKE_QUEUE_URL: queue.url,
        LAKE_DEAD_LETTER_QUEUE_URL: deadLetterQueue.url,
        LAKE_BUCKET: names.lakeBucket,
        LAKE_SHARDS: String(lake.shards),
        ...circuitEnvironment(stage, names),
        BACKOFF_BASE_SECONDS: String(lake.backoffBaseSeconds),
        BACKOFF_MAX_SECONDS: String(lake.backoffMaxSeconds),
        LOG_LEVEL: stage.logLevel,
        ...awsCallsVariable(stage),
      }) satisfies Env,
    grants: ({ bus }) => [
      allow(['s3:GetObject', 's3:PutObject'], [`${bucket.arn}/outcomes/*`]),
      // Without it S3 answers 403 instead of 404 for a file that is not there yet.
      allow(['s3:ListBucket'], [bucket.arn]),
      ...holdingGrants(scope, names),
      allow(['events:PutEvents'], [bus.arn]),
    ],
    code,
  });
  lakeLagAlarm(scope);
}
