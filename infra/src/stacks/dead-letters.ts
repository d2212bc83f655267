import type { Env } from '@aftercall/dead-letters/config';
import { DataAwsCloudwatchEventBus } from '@cdktn/provider-aws/lib/data-aws-cloudwatch-event-bus/index.js';
import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import { DataAwsSqsQueue } from '@cdktn/provider-aws/lib/data-aws-sqs-queue/index.js';
import { DataAwsSsmParameter } from '@cdktn/provider-aws/lib/data-aws-ssm-parameter/index.js';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { appFunction } from '../constructs/app-function.ts';
import { POLLING, queueSource } from '../constructs/queue-source.ts';
import { reviewWorkflow } from '../constructs/review-workflow.ts';
import { scheduledCall } from '../constructs/scheduled-call.ts';
import { allow, type Statement } from '../constructs/statement.ts';
import { collectedQueues } from '../dead-letter-queues.ts';
import type { Names } from '../names.ts';
import { sourcesVariable } from '../sources.ts';
import type { StageConfig } from '../stage.ts';

const BATCH_SIZE = 10;

const IMPACT =
  'Messages that could not be processed stay in their dead-letter queues for two weeks, and nothing that was set aside comes back; nothing else is held up.';

/** The way back is open within this of a circuit's closing. */
const DRAIN_SCHEDULE = 'rate(1 minute)';

/**
 * The function that collects every dead letter of the stage, and brings back what was set aside; and the review that
 * asks people about it. It is applied after the stacks whose queues it reads.
 */
export function deadLetters(scope: Construct, { stage, names, code }: AppStackProps): void {
  const queues = collectedQueues(stage, names).map(({ id, queue, deadLetterQueue }) => ({
    id,
    name: deadLetterQueue,
    deadLetters: new DataAwsSqsQueue(scope, `${id}_dead`, { name: deadLetterQueue }),
    ...(queue !== undefined && { origin: new DataAwsSqsQueue(scope, id, { name: queue }) }),
  }));
  const { memoryMegabytes, timeoutSeconds, maximumConcurrency, reviewDeadlineSeconds } = stage.deadLetters;
  const made = appFunction(scope, {
    app: 'dead-letters',
    names,
    impact: IMPACT,
    memoryMegabytes,
    timeoutSeconds,
    environment: environment(stage, names),
    grants: grants(
      scope,
      names,
      queues.map(({ deadLetters }) => deadLetters.arn),
      queues.flatMap(({ origin }) => (origin ? [origin.arn] : [])),
    ),
    code,
  });
  for (const { id, name, deadLetters } of queues)
    queueSource(scope, `${id}_source`, made, {
      queueArn: deadLetters.arn,
      queueName: name,
      of: `${id.replaceAll('_', '-')}-dead`,
      impact: IMPACT,
      batchSize: BATCH_SIZE,
      maximumConcurrency,
    });
  scheduledCall(scope, 'drain', made, {
    name: `${names.function('dead-letters')}-drain`,
    description: 'Brings back what was held too long, once nothing holds it any more.',
    schedule: DRAIN_SCHEDULE,
    input: { task: 'drain' },
  });
  reviewWorkflow(scope, { names, alias: made.alias, deadlineSeconds: reviewDeadlineSeconds });
}

function environment(stage: StageConfig, names: Names) {
  const { drainPerSecond, backoffBaseSeconds, backoffMaxSeconds } = stage.deadLetters;
  return {
    EVENTS_QUEUE: names.eventsQueue,
    DELIVERED_QUEUES: JSON.stringify([names.queue('crm'), names.queue('iceberg')]),
    SET_ASIDE_BUCKET: names.setAsideBucket,
    SET_ASIDE_TABLE: names.setAsideTable,
    DELIVERIES_BUCKET: names.deliveriesBucket,
    LEDGER_TABLE: names.ledgerTable,
    BUS_NAME: names.bus,
    SEALING_SECRET_NAME: names.sealingSecret,
    CIRCUITS_PARAMETER: names.circuitsParameter,
    SOURCES: sourcesVariable(stage, names),
    RETENTION_SECONDS: String(stage.retentionSeconds),
    DRAIN_PER_SECOND: String(drainPerSecond),
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    BACKOFF_BASE_SECONDS: String(backoffBaseSeconds),
    BACKOFF_MAX_SECONDS: String(backoffMaxSeconds),
    LOG_LEVEL: stage.logLevel,
  } satisfies Env;
}

function grants(
  scope: Construct,
  names: Names,
  deadLetterQueues: readonly string[],
  origins: readonly string[],
): readonly Statement[] {
  const setAsideBucket = new DataAwsS3Bucket(scope, 'set_aside_bucket', { bucket: names.setAsideBucket });
  const setAsideTable = new DataAwsDynamodbTable(scope, 'set_aside_table', { name: names.setAsideTable });
  const deliveries = new DataAwsS3Bucket(scope, 'deliveries', { bucket: names.deliveriesBucket });
  const ledger = new DataAwsDynamodbTable(scope, 'ledger', { name: names.ledgerTable });
  const sealing = new DataAwsSecretsmanagerSecret(scope, 'sealing', { name: names.sealingSecret });
  const circuits = new DataAwsSsmParameter(scope, 'circuits', { name: names.circuitsParameter });
  const bus = new DataAwsCloudwatchEventBus(scope, 'bus', { name: names.bus });
  return [
    allow([...POLLING, 'sqs:ChangeMessageVisibility', 'sqs:GetQueueUrl'], deadLetterQueues),
    allow(['sqs:SendMessage', 'sqs:GetQueueUrl'], origins),
    allow(['s3:GetObject', 's3:PutObject'], [`${setAsideBucket.arn}/*`]),
    // Without it S3 answers 403 instead of 404 for an object that is not there, and absence looks like an outage.
    allow(['s3:ListBucket'], [setAsideBucket.arn]),
    allow(
      ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'dynamodb:UpdateItem'],
      [setAsideTable.arn],
    ),
    allow(['s3:PutObject'], [`${deliveries.arn}/deliveries/*`]),
    // Only when a person says which consumer is to forget an event.
    {
      ...allow(['dynamodb:DeleteItem'], [ledger.arn]),
      Condition: {
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['processor#*', 'transcript-fetcher#*'] },
      },
    },
    allow(['secretsmanager:GetSecretValue'], [sealing.arn]),
    allow(['ssm:GetParameter'], [circuits.arn]),
    allow(['events:PutEvents'], [bus.arn]),
  ];
}
