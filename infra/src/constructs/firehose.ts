import { CloudwatchEventTarget } from '@cdktn/provider-aws/lib/cloudwatch-event-target/index.js';
import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { KinesisFirehoseDeliveryStream } from '@cdktn/provider-aws/lib/kinesis-firehose-delivery-stream/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { WarehouseSettings } from '../warehouse-settings.ts';
import { busRule } from './bus-rule.ts';
import { RETRY_POLICY } from './queue-rule.ts';
import { CATALOG_READS, catalogArns } from './scheduled-query.ts';
import { serviceRole } from './service-role.ts';
import { stageKeyArn } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { deadLetterQueueOf } from './standard-queue.ts';
import { allow } from './statement.ts';

const LOG_RETENTION_DAYS = 30;

/** How it gathers, and under which names. */
export interface FirehoseProps {
  readonly settings: NonNullable<WarehouseSettings['iceberg']>;
  readonly names: Names;
}

/** Every outcome from the bus into the landing table, with no function of ours in between. */
export function firehose(scope: Construct, { settings, names }: FirehoseProps): void {
  const stream = deliveryStream(scope, settings, names);
  const { rule, bus } = busRule(scope, 'iceberg', names);
  const deadLetterQueue = deadLetterQueueOf(scope, {
    deadLetterQueueName: names.deadLetterQueue('iceberg'),
    ruleArns: [rule.arn],
  });
  const sender = serviceRole(scope, 'sender', {
    name: names.icebergSenderRole,
    services: ['events.amazonaws.com'],
    grants: [allow(['firehose:PutRecord', 'firehose:PutRecordBatch'], [stream.arn])],
  });
  new CloudwatchEventTarget(scope, 'target', {
    rule: rule.name,
    eventBusName: bus.name,
    targetId: 'iceberg',
    arn: stream.arn,
    roleArn: sender.arn,
    inputPath: '$.detail.data',
    retryPolicy: RETRY_POLICY,
    deadLetterConfig: { arn: deadLetterQueue.arn },
  });
}

function deliveryStream(
  scope: Construct,
  { bufferMegabytes, bufferSeconds }: FirehoseProps['settings'],
  names: Names,
): KinesisFirehoseDeliveryStream {
  const { region, account } = stageOf(scope);
  const keyArn = stageKeyArn(scope);
  const lake = new DataAwsS3Bucket(scope, 'iceberg_lake', { bucket: names.lakeBucket });
  const log = new CloudwatchLogGroup(scope, 'firehose_log', {
    name: names.firehoseLogGroup,
    retentionInDays: LOG_RETENTION_DAYS,
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
  });
  const role = serviceRole(scope, 'firehose', {
    name: names.firehoseRole,
    services: ['firehose.amazonaws.com'],
    grants: [
      allow([...CATALOG_READS, 'glue:UpdateTable'], catalogArns(scope, names)),
      allow(
        ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        [`${lake.arn}/landing/*`, `${lake.arn}/landing-errors/*`],
      ),
      allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.arn]),
      allow(['logs:PutLogEvents'], [`${log.arn}:*`]),
    ],
  });
  return new KinesisFirehoseDeliveryStream(scope, 'firehose', {
    name: names.firehose,
    destination: 'iceberg',
    serverSideEncryption: { enabled: true },
    icebergConfiguration: {
      roleArn: role.arn,
      catalogArn: `arn:aws:glue:${region}:${account}:catalog`,
      bufferingSize: bufferMegabytes,
      bufferingInterval: bufferSeconds,
      appendOnly: true,
      destinationTableConfiguration: [{ databaseName: names.lakeDatabase, tableName: 'outcomes_landing' }],
      // What it refuses is kept here: there is nobody to send it back to.
      s3Configuration: {
        roleArn: role.arn,
        bucketArn: lake.arn,
        errorOutputPrefix: 'landing-errors/',
        ...(keyArn !== undefined && { kmsKeyArn: keyArn }),
      },
      cloudwatchLoggingOptions: { enabled: true, logGroupName: log.name, logStreamName: 'iceberg' },
    },
    dependsOn: [role.policy],
  });
}
