import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, paginateListObjectsV2 } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { type PlatformApi, startPlatformApi, TEST_CLIENT } from '@aftercall/genesys-simulator';
import { type Aws, createUnwinding, startEmbeddedAws, type Unwinding } from '@aftercall/local';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { bundleOf } from './built-function.ts';
import { repository } from './repository.ts';
import { createClients, type StackClients } from './stack-clients.ts';
import type { BatchRun } from './transcripts-process.ts';

/** As many as Lambda takes from the queue at once. */
const BATCH = 10;
/** More than one batch may write into the conversations table at once. */
const MAX_ITEMS = 25;
const AWS = { region: 'eu-west-1', accessKeyId: 'local', secretAccessKey: 'local' };
const NAMES = {
  ledger: ['pk'],
  conversations: ['conversationId'],
  missing: ['day', 'id'],
} as const;

/** How much is measured. */
export interface TranscriptsRun {
  readonly transcripts: number;
  readonly transcriptBytes: number;
  /** Growth of memory counts from this transcript on. */
  readonly warmUp: number;
  readonly largeBytes: number;
}

export interface TranscriptsResult {
  readonly lost: number;
  readonly perSecond: number;
  /** In use after a garbage collection, from the end of the warm-up to the end. */
  readonly grownBytes: number;
  /** The same for all that the process holds, garbage and reserve among it. */
  readonly grownRssBytes: number;
  readonly rssBytes: number;
  /** What the large transcript took at most, above what the process had before. */
  readonly largeGrownBytes: number;
  readonly largeMillis: number;
  /** Share of the large transcript. */
  readonly unreadAtFirstPart: number;
}

/** Lets the transcript fetcher's bundle store many transcripts, and one large one, in a process for each. */
export async function runTranscripts(run: TranscriptsRun): Promise<TranscriptsResult> {
  const unwinding = createUnwinding({ report: console.error });
  try {
    const aws = await startEmbeddedAws({ now: () => new Date(), report: console.error, unwinding });
    const clients = createClients({ ...AWS, endpoints: aws.endpoints });
    unwinding.add(clients.destroy);
    const platform = await startPlatformApi({
      seed: 1,
      now: () => new Date(),
      unknownConversations: 'invented',
      requestsPerMinute: 1_000_000,
      transcripts: { bytes: run.transcriptBytes },
    });
    unwinding.add(platform.close);
    const environment = await makePlaces(aws, clients, platform);
    return {
      ...(await many(run, environment, clients, unwinding)),
      ...(await large(run, environment, platform, unwinding)),
    };
  } finally {
    await unwinding.run();
  }
}

async function many(
  { transcripts, warmUp }: TranscriptsRun,
  environment: NodeJS.ProcessEnv,
  clients: StackClients,
  unwinding: Unwinding,
) {
  await putConversations(
    clients,
    Array.from({ length: transcripts }, (_, index) => `c${index}`),
  );
  const fetcher = await startFetcher(environment, unwinding);
  const memories: BatchRun[] = [];
  const startedAt = performance.now();
  for (let stored = 0; stored < transcripts; stored += BATCH) {
    const ids = Array.from({ length: BATCH }, (_, index) => `c${stored + index}`);
    memories.push(await batch(fetcher, ids));
  }
  const perSecond = transcripts / ((performance.now() - startedAt) / 1000);
  fetcher.kill();
  const lost = transcripts - (await keysIn(clients)).size;
  const [warm, end] = [memories[warmUp / BATCH - 1], memories.at(-1)];
  if (!warm || !end) throw new Error('there must be more than the warm-up');
  const grownBytes = end.usedBytes - warm.usedBytes;
  const { rssBytes } = end;
  return { lost, perSecond, grownBytes, grownRssBytes: rssBytes - warm.rssBytes, rssBytes };
}

async function large(
  { largeBytes }: TranscriptsRun,
  environment: NodeJS.ProcessEnv,
  platform: PlatformApi,
  unwinding: Unwinding,
) {
  const fetcher = await startFetcher(environment, unwinding);
  // What has once been fetched shows what the code itself needs.
  const { rssBytes } = await batch(fetcher, ['c0-again']);
  platform.setTranscript(communicationOf('large'), { bytes: largeBytes });
  const startedAt = performance.now();
  const { peakRssBytes, unreadAtFirstPart = 0 } = await batch(fetcher, ['large']);
  const largeMillis = performance.now() - startedAt;
  fetcher.kill();
  return { largeGrownBytes: peakRssBytes - rssBytes, largeMillis, unreadAtFirstPart };
}

async function startFetcher(environment: NodeJS.ProcessEnv, unwinding: Unwinding): Promise<ChildProcess> {
  const bundle = bundleOf('transcript-fetcher');
  const script = join(repository, 'tools/bench/src/transcripts-process.ts');
  const fetcher = fork(script, [bundle], {
    env: environment,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: ['--expose-gc'],
  });
  unwinding.add(() => fetcher.kill());
  await answerOf(fetcher);
  return fetcher;
}

async function batch(fetcher: ChildProcess, conversationIds: readonly string[]): Promise<BatchRun> {
  const event: SQSEvent = { Records: conversationIds.map(record) };
  fetcher.send(event);
  const result = (await answerOf(fetcher)) as BatchRun;
  if (result.failed > 0) throw new Error(`${result.failed} transcripts were not stored`);
  return result;
}

/** @throws Error when there will be no answer, because the process has ended */
async function answerOf(fetcher: ChildProcess): Promise<unknown> {
  const answered = new AbortController();
  const { signal } = answered;
  const exited = once(fetcher, 'exit', { signal }).then(([code]) =>
    Promise.reject(new Error(`the fetcher ended with ${String(code)}`)),
  );
  try {
    const [message] = (await Promise.race([once(fetcher, 'message', { signal }), exited])) as [unknown];
    return message;
  } finally {
    // The one that did not happen is not waited for any more, and says so.
    exited.catch(() => undefined);
    answered.abort();
  }
}

const communicationOf = (conversationId: string): string => `${conversationId}-communication`;

function record(conversationId: string): SQSRecord {
  const time = new Date().toISOString();
  const data = { conversationId, communicationId: communicationOf(conversationId) };
  const type = 'aftercall.transcript.ready';
  const fact = { specversion: '1.0', id: conversationId, source: 'aftercall', type, org: 'main', time, data };
  return {
    messageId: conversationId,
    receiptHandle: conversationId,
    body: JSON.stringify({ 'detail-type': type, source: 'aftercall', detail: fact }),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(Date.now()),
      SenderId: 'bench',
      ApproximateFirstReceiveTimestamp: '0',
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: '',
    awsRegion: AWS.region,
  };
}

async function makePlaces(
  { endpoints }: Aws,
  clients: StackClients,
  platform: PlatformApi,
): Promise<NodeJS.ProcessEnv> {
  for (const [TableName, names] of Object.entries(NAMES)) await createTable(clients, TableName, names);
  await clients.s3.send(new CreateBucketCommand({ Bucket: 'transcripts' }));
  await clients.events.send(new CreateEventBusCommand({ Name: 'aftercall' }));
  const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'transcript' }));
  const { region, accessKeyId, secretAccessKey } = AWS;
  const secrets = new SecretsManagerClient({
    endpoint: endpoints.secretsmanager,
    region,
    credentials: { accessKeyId, secretAccessKey },
  });
  await secrets.send(new CreateSecretCommand({ Name: 'genesys', SecretString: JSON.stringify(TEST_CLIENT) }));
  secrets.destroy();
  await putConversations(clients, ['c0-again', 'large']);
  const orgs = [
    { org: 'main', secretName: 'genesys', apiBaseUrl: platform.api, loginBaseUrl: platform.login },
  ];
  return {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_EVENTBRIDGE: endpoints.events,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsmanager,
    AWS_ENDPOINT_URL_SSM: endpoints.ssm,
    ...functionEnvironment(QueueUrl, JSON.stringify(orgs)),
  };
}

const functionEnvironment = (queueUrl: string, orgs: string) => ({
  STAGE: 'local',
  TRANSCRIPT_QUEUE_URL: queueUrl,
  TRANSCRIPT_DEAD_LETTER_QUEUE_URL: queueUrl,
  LEDGER_TABLE: 'ledger',
  CONVERSATIONS_TABLE: 'conversations',
  TRANSCRIPTS_TABLE: 'missing',
  TRANSCRIPTS_BUCKET: 'transcripts',
  ORIGINALS: 'dropped',
  BUS_NAME: 'aftercall',
  DEFAULT_ORG: 'main',
  GENESYS_ORGS: orgs,
  REDACTION: '{"terms":["Jane Smith","project falcon"]}',
  MAX_TRANSCRIPT_BYTES: '1000000000',
  RETRY_SCHEDULE_SECONDS: '[60]',
  GIVE_UP_AFTER_SECONDS: '604800',
  RETENTION_SECONDS: '86400',
  MAX_ATTEMPTS: '3',
  SECRET_TTL_SECONDS: '300',
  BACKOFF_BASE_SECONDS: '1',
  BACKOFF_MAX_SECONDS: '60',
  CIRCUITS_PARAMETER: '/aftercall/bench/circuits',
  CIRCUIT_MAX_HELD_SECONDS: '7200',
  SET_ASIDE_BUCKET: 'set-aside',
  SET_ASIDE_TABLE: 'set-aside',
  SEALING_SECRET_NAME: 'sealing',
  LOG_LEVEL: 'warn',
});

async function createTable(
  { dynamodb }: StackClients,
  TableName: string,
  names: readonly string[],
): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: names.map((AttributeName, index) => ({ AttributeName, KeyType: index ? 'RANGE' : 'HASH' })),
    }),
  );
}

async function putConversations({ documents }: StackClients, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += MAX_ITEMS) {
    const puts = ids.slice(from, from + MAX_ITEMS).map((conversationId) => ({
      PutRequest: { Item: { conversationId, transcripts: [], revision: 1 } },
    }));
    await documents.send(new BatchWriteCommand({ RequestItems: { conversations: puts } }));
  }
}

async function keysIn({ s3: client }: StackClients): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: 'transcripts' })) {
    for (const { Key = '' } of Contents) keys.add(Key);
  }
  return keys;
}
