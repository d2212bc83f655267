import { PUBLISHED_FACTS, type Env } from '@aftercall/processor/config';
import { DataAwsCloudwatchEventBus } from '@cdktn/provider-aws/lib/data-aws-cloudwatch-event-bus/index.js';
import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import { DataAwsSqsQueue } from '@cdktn/provider-aws/lib/data-aws-sqs-queue/index.js';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { appFunction } from '../constructs/app-function.ts';
import { circuitEnvironment, circuitGrants } from '../constructs/circuit-grants.ts';
import { ledgerGrants } from '../constructs/ledger-grants.ts';
import { quarantineAndArchiveGrants } from '../constructs/quarantine-grants.ts';
import { POLLING, queueSource } from '../constructs/queue-source.ts';
import { allow, type Statement } from '../constructs/statement.ts';
import type { Names } from '../names.ts';
import { awsCallsVariable } from '../platform-settings.ts';
import { sourcesVariable } from '../sources.ts';
import type { StageConfig } from '../stage.ts';

/** The most that Lambda takes from a FIFO queue at once. */
const BATCH_SIZE = 10;

interface Queues {
  readonly events: DataAwsSqsQueue;
  readonly eventsDead: DataAwsSqsQueue;
}

/** The function behind `events.fifo` and the mapping that feeds it. */
export function processor(scope: Construct, { stage, names, code }: AppStackProps): void {
  const queues = {
    events: new DataAwsSqsQueue(scope, 'events', { name: names.eventsQueue }),
    eventsDead: new DataAwsSqsQueue(scope, 'events_dead', { name: names.eventsDeadLetterQueue }),
  };
  const impact =
    'Accepted events wait in the queue: conversations, outcomes and everything behind them fall behind, nothing is lost for four days.';
  const made = appFunction(scope, {
    app: 'processor',
    names,
    impact,
    memoryMegabytes: stage.processor.memoryMegabytes,
    timeoutSeconds: stage.processor.timeoutSeconds,
    environment: processorEnvironment(stage, names, queues),
    grants: processorGrants(scope, names, queues),
    code,
  });
  queueSource(scope, 'events_source', made, {
    queueArn: queues.events.arn,
    queueName: names.eventsQueue,
    of: 'processor',
    impact,
    batchSize: BATCH_SIZE,
    maximumConcurrency: stage.processor.maximumConcurrency,
  });
}

function processorEnvironment(stage: StageConfig, names: Names, { events, eventsDead }: Queues) {
  const { maxAttempts, backoffBaseSeconds, backoffMaxSeconds } = stage.processor;
  return {
    EVENTS_QUEUE_URL: events.url,
    EVENTS_DEAD_LETTER_QUEUE_URL: eventsDead.url,
    LEDGER_TABLE: names.ledgerTable,
    CONVERSATIONS_TABLE: names.conversationsTable,
    DELIVERIES_BUCKET: names.deliveriesBucket,
    PUBLISHES: JSON.stringify(stage.publishes ?? PUBLISHED_FACTS),
    // As ingest has it, so that a stored delivery is split the same way.
    SOURCES: sourcesVariable(stage, names),
    DEFAULT_ORG: stage.defaultOrg,
    RETENTION_SECONDS: String(stage.retentionSeconds),
    MAX_ATTEMPTS: String(maxAttempts),
    SENTIMENT_SCORES: JSON.stringify(stage.sentimentScores),
    SENTIMENT_SCALES: JSON.stringify(stage.sentimentScales),
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    BACKOFF_BASE_SECONDS: String(backoffBaseSeconds),
    BACKOFF_MAX_SECONDS: String(backoffMaxSeconds),
    QUARANTINE_DAILY_BYTES: String(stage.quarantineDailyBytes),
    STORE_RAW_PAYLOAD: String(stage.storeRawPayload),
    ...circuitEnvironment(stage, names),
    LOG_LEVEL: stage.logLevel,
    ...awsCallsVariable(stage),
  } satisfies Env;
}

function processorGrants(
  scope: Construct,
  names: Names,
  { events, eventsDead }: Queues,
): readonly Statement[] {
  const conversations = new DataAwsDynamodbTable(scope, 'conversations', { name: names.conversationsTable });
  const setAside = {
    bucket: new DataAwsS3Bucket(scope, 'set_aside_bucket', { bucket: names.setAsideBucket }),
    table: new DataAwsDynamodbTable(scope, 'set_aside_table', { name: names.setAsideTable }),
  };
  const deliveries = new DataAwsS3Bucket(scope, 'deliveries', { bucket: names.deliveriesBucket });
  const bus = new DataAwsCloudwatchEventBus(scope, 'bus', { name: names.bus });
  const sealing = new DataAwsSecretsmanagerSecret(scope, 'sealing', { name: names.sealingSecret });
  return [
    // SendMessage, because a stored delivery goes back to the queue as its single events.
    allow([...POLLING, 'sqs:ChangeMessageVisibility', 'sqs:SendMessage'], [events.arn]),
    allow(['sqs:SendMessage'], [eventsDead.arn]),
    ...circuitGrants(scope, names),
    ...ledgerGrants(scope, names, 'processor'),
    allow(['dynamodb:BatchGetItem', 'dynamodb:PutItem'], [conversations.arn]),
    ...quarantineAndArchiveGrants(setAside),
    allow(['s3:GetObject'], [`${deliveries.arn}/deliveries/*`]),
    allow(['s3:PutObject'], [`${deliveries.arn}/items/*`]),
    allow(['events:PutEvents'], [bus.arn]),
    allow(['secretsmanager:GetSecretValue'], [sealing.arn]),
  ];
}
