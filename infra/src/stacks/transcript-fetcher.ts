import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import type { Env } from '@aftercall/transcript-fetcher/config';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { circuitEnvironment, holdingGrants } from '../constructs/circuit-grants.ts';
import { encryptedBucket } from '../constructs/encrypted-bucket.ts';
import { genesysAccess } from '../constructs/genesys-access.ts';
import { ledgerGrants } from '../constructs/ledger-grants.ts';
import { routeFunction, type RouteParts } from '../constructs/route-function.ts';
import { allow, type Statement } from '../constructs/statement.ts';
import { table } from '../constructs/table.ts';
import type { Names } from '../names.ts';
import { awsCallsVariable } from '../platform-settings.ts';
import type { StageConfig } from '../stage.ts';

/** What the schedule says: look for what is still missing. */
const SWEEP = { sweep: 'daily' };

type TranscriptSettings = NonNullable<StageConfig['transcripts']>;

/** Where transcripts go as they came: nowhere, or to a bucket with a key of its own. */
interface Originals {
  readonly variable: string;
  readonly grants: readonly Statement[];
}

/** The queue of transcripts to fetch, the table of those that are missing, and the function that streams them to S3. */
export function transcriptFetcher(scope: Construct, { stage, names, code }: AppStackProps): void {
  const { transcripts: settings } = stage;
  // Synthesised for stages that have it.
  if (!settings) return;
  const missing = table(scope, 'transcripts_table', {
    name: names.transcriptsTable,
    hashKey: 'day',
    rangeKey: 'id',
    timeToLiveAttribute: 'expiresAt',
    stageName: stage.name,
  });
  const genesys = genesysAccess(scope, { app: 'transcript-fetcher', stage, names });
  const originals = originalsOf(scope, settings, names);
  routeFunction(scope, {
    route: 'transcript',
    names,
    impact:
      'Transcripts are not fetched: they wait in the queue for four days, and what was missed is looked for by the daily sweep.',
    settings,
    batchSize: settings.batchSize,
    // One that is not ready is asked for again by a message that waits.
    waitsSeconds: Math.max(...settings.retryScheduleSeconds),
    daily: { schedule: settings.sweepSchedule, message: SWEEP },
    environment: (queues) =>
      ({
        ...environment(stage, settings, names, queues),
        GENESYS_ORGS: genesys.variable,
        ORIGINALS: originals.variable,
      }) satisfies Env,
    grants: (parts) => [
      ...transcriptGrants(scope, names, parts, missing.arn),
      ...holdingGrants(scope, names),
      ...genesys.grants,
      ...originals.grants,
    ],
    code,
  });
}

function originalsOf(scope: Construct, { originals }: TranscriptSettings, names: Names): Originals {
  if (originals === 'dropped') return { variable: 'dropped', grants: [] };
  const { bucket, key } = encryptedBucket(scope, 'originals', {
    name: names.transcriptOriginalsBucket,
    description: 'Transcripts as they came, with what redaction takes out of the others.',
  });
  return {
    variable: `s3://${names.transcriptOriginalsBucket}`,
    grants: [
      allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${bucket.arn}/transcripts/*`]),
      // Decrypt is what S3 asks for when it puts the parts of an upload together.
      allow(['kms:GenerateDataKey', 'kms:Decrypt'], [key.arn]),
    ],
  };
}

function environment(
  stage: StageConfig,
  settings: TranscriptSettings,
  names: Names,
  { queue, deadLetterQueue }: RouteParts,
) {
  return {
    STAGE: stage.name,
    TRANSCRIPT_QUEUE_URL: queue.url,
    TRANSCRIPT_DEAD_LETTER_QUEUE_URL: deadLetterQueue.url,
    LEDGER_TABLE: names.ledgerTable,
    CONVERSATIONS_TABLE: names.conversationsTable,
    TRANSCRIPTS_TABLE: names.transcriptsTable,
    TRANSCRIPTS_BUCKET: names.transcriptsBucket,
    ...circuitEnvironment(stage, names),
    DEFAULT_ORG: stage.defaultOrg,
    REDACTION: JSON.stringify(settings.redaction),
    MAX_TRANSCRIPT_BYTES: String(settings.maxTranscriptBytes),
    RETRY_SCHEDULE_SECONDS: JSON.stringify(settings.retryScheduleSeconds),
    GIVE_UP_AFTER_SECONDS: String(settings.giveUpAfterSeconds),
    RETENTION_SECONDS: String(stage.retentionSeconds),
    MAX_ATTEMPTS: String(settings.maxAttempts),
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    BACKOFF_BASE_SECONDS: String(settings.backoffBaseSeconds),
    BACKOFF_MAX_SECONDS: String(settings.backoffMaxSeconds),
    LOG_LEVEL: stage.logLevel,
    ...awsCallsVariable(stage),
  };
}

function transcriptGrants(
  scope: Construct,
  names: Names,
  { queue, bus }: RouteParts,
  missingArn: string,
): readonly Statement[] {
  const conversations = new DataAwsDynamodbTable(scope, 'conversations', { name: names.conversationsTable });
  const bucket = new DataAwsS3Bucket(scope, 'transcripts', { bucket: names.transcriptsBucket });
  return [
    // What one message asks for may go on as messages of its own.
    allow(['sqs:SendMessage'], [queue.arn]),
    ...ledgerGrants(scope, names, 'transcript-fetcher'),
    allow(['dynamodb:GetItem', 'dynamodb:UpdateItem'], [conversations.arn]),
    allow(['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:Query'], [missingArn]),
    allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${bucket.arn}/transcripts/*`]),
    allow(['events:PutEvents'], [bus.arn]),
  ];
}
