import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import { DataAwsSqsQueue } from '@cdktn/provider-aws/lib/data-aws-sqs-queue/index.js';
import type { Env } from '@aftercall/backfill/config';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { completenessAlarm } from '../constructs/completeness-alarm.ts';
import { dailyRule } from '../constructs/daily-rule.ts';
import type { QueuePair } from '../constructs/encrypted-queue.ts';
import { genesysAccess } from '../constructs/genesys-access.ts';
import { queueFunction } from '../constructs/queue-function.ts';
import { allow, type Statement } from '../constructs/statement.ts';
import { table } from '../constructs/table.ts';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';

/** An interval is one piece of work, done in slices. */
const BATCH_SIZE = 1;

/** What the schedule says: go through yesterday. */
const DAILY = { kind: 'daily' };

/** A day of many conversations is worked on in turns of one message, at the pace of Genesys Cloud’s rate limit. */
const LONGEST_RUN_SECONDS = 6 * 3_600;

/** The queue of intervals to go through, the table of how far each has got, and the function that goes through them. */
export function backfill(scope: Construct, { stage, names, code }: AppStackProps): void {
  const { backfill: settings } = stage;
  // Synthesised for stages that have it.
  if (!settings) return;
  const runs = table(scope, 'backfill_table', {
    name: names.backfillTable,
    hashKey: 'run',
    timeToLiveAttribute: 'expiresAt',
    stageName: stage.name,
  });
  const events = new DataAwsSqsQueue(scope, 'events', { name: names.eventsQueue });
  const orgs = new Set(settings.sources.map(({ key, org }) => org ?? key));
  const genesys = genesysAccess(scope, { app: 'backfill', stage, names, orgs });
  queueFunction(scope, {
    app: 'backfill',
    queue: 'backfill',
    names,
    rules: {
      daily_target: dailyRule(scope, 'backfill', names, { schedule: settings.schedule, message: DAILY }),
    },
    impact:
      'Conversations whose outcome never came are not asked for, and nobody is told how complete a day is; it is made up for when this works again.',
    settings,
    batchSize: BATCH_SIZE,
    waitsSeconds: LONGEST_RUN_SECONDS,
    environment: (queues) =>
      environment(stage, settings, names, {
        ...queues,
        eventsUrl: events.url,
        genesysOrgs: genesys.variable,
      }),
    grants: ({ queue }) => [
      allow(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'], [runs.arn]),
      // To its own queue goes each source of a day.
      allow(['sqs:SendMessage'], [events.arn, queue.arn]),
      ...readGrants(scope, names),
      ...genesys.grants,
    ],
    code,
  });
  completenessAlarm(scope);
}

function environment(
  stage: StageConfig,
  settings: NonNullable<StageConfig['backfill']>,
  names: Names,
  { queue, deadLetterQueue, eventsUrl, genesysOrgs }: QueuePair & { eventsUrl: string; genesysOrgs: string },
) {
  return {
    STAGE: stage.name,
    BACKFILL_QUEUE_URL: queue.url,
    BACKFILL_DEAD_LETTER_QUEUE_URL: deadLetterQueue.url,
    BACKFILL_TABLE: names.backfillTable,
    LEDGER_TABLE: names.ledgerTable,
    CONVERSATIONS_TABLE: names.conversationsTable,
    EVENTS_QUEUE_URL: eventsUrl,
    SEALING_SECRET_NAME: names.sealingSecret,
    BACKFILL_SOURCES: JSON.stringify(settings.sources),
    DEFAULT_ORG: stage.defaultOrg,
    GENESYS_ORGS: genesysOrgs,
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    BACKOFF_BASE_SECONDS: String(settings.backoffBaseSeconds),
    BACKOFF_MAX_SECONDS: String(settings.backoffMaxSeconds),
    LOG_LEVEL: stage.logLevel,
  } satisfies Env;
}

/** What is there already is looked up, never changed: outcomes go the way of all events. */
function readGrants(scope: Construct, names: Names): readonly Statement[] {
  const ledger = new DataAwsDynamodbTable(scope, 'ledger', { name: names.ledgerTable });
  const conversations = new DataAwsDynamodbTable(scope, 'conversations', { name: names.conversationsTable });
  const sealing = new DataAwsSecretsmanagerSecret(scope, 'sealing', { name: names.sealingSecret });
  return [
    allow(['dynamodb:BatchGetItem'], [conversations.arn]),
    {
      ...allow(['dynamodb:BatchGetItem'], [ledger.arn]),
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['processor#*'] } },
    },
    allow(['secretsmanager:GetSecretValue'], [sealing.arn]),
  ];
}
