import type { Env } from '@aftercall/ingest/config';
import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import { DataAwsSqsQueue } from '@cdktn/provider-aws/lib/data-aws-sqs-queue/index.js';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { appFunction } from '../constructs/app-function.ts';
import { quarantineGrants } from '../constructs/quarantine-grants.ts';
import { allow, type Statement } from '../constructs/statement.ts';
import { webhooksApi } from '../constructs/webhooks-api.ts';
import type { Names } from '../names.ts';
import { awsCallsVariable } from '../platform-settings.ts';
import { sourcesVariable } from '../sources.ts';
import type { StageConfig } from '../stage.ts';

/** The way in: an HTTP API with one path, and the function behind it. */
export function ingest(scope: Construct, props: AppStackProps): void {
  const { stage, names, code } = props;
  const events = new DataAwsSqsQueue(scope, 'events', { name: names.eventsQueue });
  const { alias } = appFunction(scope, {
    app: 'ingest',
    names,
    impact:
      'Deliveries from Genesys Cloud are not accepted: the sender retries for a while, then they are lost.',
    memoryMegabytes: stage.ingest.memoryMegabytes,
    timeoutSeconds: stage.ingest.timeoutSeconds,
    ...(stage.ingest.reservedConcurrency !== undefined && {
      reservedConcurrency: stage.ingest.reservedConcurrency,
    }),
    environment: ingestEnvironment(stage, names, events),
    grants: ingestGrants(scope, stage, names, events),
    code,
  });
  webhooksApi(scope, { stage, names, alias });
}

function ingestEnvironment(stage: StageConfig, names: Names, events: DataAwsSqsQueue) {
  return {
    EVENTS_QUEUE_URL: events.url,
    SET_ASIDE_BUCKET: names.setAsideBucket,
    SET_ASIDE_TABLE: names.setAsideTable,
    DELIVERIES_BUCKET: names.deliveriesBucket,
    SEALING_SECRET_NAME: names.sealingSecret,
    SOURCES: sourcesVariable(stage, names),
    RETENTION_SECONDS: String(stage.retentionSeconds),
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    QUARANTINE_DAILY_BYTES: String(stage.quarantineDailyBytes),
    LOG_LEVEL: stage.logLevel,
    ...awsCallsVariable(stage),
  } satisfies Env;
}

function ingestGrants(
  scope: Construct,
  stage: StageConfig,
  names: Names,
  events: DataAwsSqsQueue,
): readonly Statement[] {
  const setAside = {
    bucket: new DataAwsS3Bucket(scope, 'set_aside_bucket', { bucket: names.setAsideBucket }),
    table: new DataAwsDynamodbTable(scope, 'set_aside_table', { name: names.setAsideTable }),
  };
  const deliveries = new DataAwsS3Bucket(scope, 'deliveries', { bucket: names.deliveriesBucket });
  const sealing = new DataAwsSecretsmanagerSecret(scope, 'sealing', { name: names.sealingSecret });
  const sources = stage.sources.map(
    ({ key }) => new DataAwsSecretsmanagerSecret(scope, `source_${key}`, { name: names.sourceSecret(key) }),
  );
  return [
    allow(['sqs:SendMessage'], [events.arn]),
    allow(
      ['secretsmanager:GetSecretValue'],
      [sealing, ...sources].map(({ arn }) => arn),
    ),
    ...quarantineGrants(setAside),
    allow(['s3:PutObject'], [`${deliveries.arn}/deliveries/*`, `${deliveries.arn}/items/*`]),
  ];
}
