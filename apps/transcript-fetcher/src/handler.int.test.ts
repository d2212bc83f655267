import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, GetCommand, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { sdkDynamodb } from '@aftercall/aws-json/sdk-dynamodb';
import { sdkS3 } from '@aftercall/aws-json/sdk-s3';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import { guardedDownload } from '@aftercall/egress';
import { parseGenesysOrgs, platformApis } from '@aftercall/genesys';
import {
  type PlatformApi,
  type PlatformOptions,
  SENSITIVE_WORDS,
  startPlatformApi,
  TEST_CLIENT,
  type TranscriptFault,
} from '@aftercall/genesys-simulator';
import { createLedger, dynamodbLedgerStore } from '@aftercall/idempotency';
import { systemClock } from '@aftercall/oauth';
import { createEnqueue, sqsChangeVisibility, sqsDeadLetter, sqsRecord, sqsSendBatch } from '@aftercall/queue';
import { createVocabulary } from '@aftercall/redaction';
import type { Fact } from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import dynalite from 'dynalite';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { dynamodbConversationTranscripts } from './dynamodb-conversation-transcripts.ts';
import { dynamodbMissingTranscripts } from './dynamodb-missing-transcripts.ts';
import { enqueueRequests } from './enqueue-requests.ts';
import { createHandler } from './handler.ts';
import { s3MultipartUploads } from './s3-multipart-uploads.ts';
import { s3ObjectWriter } from './s3-object-writer.ts';
import { outcomeBody, readyBody, textOf } from './sample-transcripts.ts';

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const TABLES = { ledger: ['pk'], conversations: ['conversationId'], missing: ['day', 'id'] };
const MAX_BYTES = 50_000_000;

const tables = dynalite({ createTableMs: 0 });
let fauxqs: FauxqsServer;
let sqs: SQSClient;
let s3: S3Client;
let dynamodb: DynamoDBClient;
let documents: DynamoDBDocumentClient;
beforeAll(async () => {
  fauxqs = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${fauxqs.port}`;
  sqs = new SQSClient({ ...local, endpoint });
  s3 = new S3Client({ ...local, endpoint, forcePathStyle: true });
  tables.listen(0, '127.0.0.1');
  await once(tables, 'listening');
  dynamodb = new DynamoDBClient({
    ...local,
    endpoint: `http://127.0.0.1:${(tables.address() as AddressInfo).port}`,
  });
  documents = DynamoDBDocumentClient.from(dynamodb, { marshallOptions: { removeUndefinedValues: true } });
  for (const [TableName, names] of Object.entries(TABLES)) await createTable(TableName, names);
});
afterAll(async () => {
  for (const client of [sqs, s3, dynamodb]) client.destroy();
  await fauxqs.stop();
  tables.close();
});
const opened: PlatformApi[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map(({ close }) => close()));
});

async function createTable(TableName: string, names: readonly string[]): Promise<void> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: names.map((AttributeName, index) => ({ AttributeName, KeyType: index ? 'RANGE' : 'HASH' })),
    }),
  );
}

let runs = 0;

/** The fetcher with everything but the bus and the secrets on the other side of a network. */
async function setUp(options: Partial<PlatformOptions> = {}, retryScheduleSeconds = [0.001]) {
  const org = `org-${(runs += 1)}`;
  const Bucket = `transcripts-${runs}`;
  fauxqs.createBucket(Bucket);
  fauxqs.createBucket(`${Bucket}-originals`);
  const platform = await startPlatformApi({ seed: 1, now: () => new Date(), ...options });
  opened.push(platform);
  const queues = [`transcript-${runs}`, `transcript-dead-${runs}`].map((name) => {
    fauxqs.createQueue(name, { region: local.region, attributes: { VisibilityTimeout: '30' } });
    return `http://127.0.0.1:${fauxqs.port}/000000000000/${name}`;
  });
  const [queue = '', deadLetters = ''] = queues;
  const facts: Fact[] = [];
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const now = () => new Date();
  const log = createLogger({ function: 'transcript-fetcher', level: 'debug', destination: { write } });
  const metrics = createMetrics({ function: 'transcript-fetcher', write, now });
  const orgs = JSON.stringify([
    { org, secretName: 's', apiBaseUrl: platform.api, loginBaseUrl: platform.login },
  ]);
  const ways = {
    call: sdkS3(s3, { maxAttempts: 3, timeoutMillis: 5_000 }),
    beginUpload: s3MultipartUploads({}, () => s3),
  };
  const open = (bucket: string) => (key: string, signal: AbortSignal) =>
    s3ObjectWriter(ways, bucket, key, signal);
  const handler = createHandler({
    circuits: memoryConsumerCircuits(now),
    platformApi: platformApis({
      orgs: parseGenesysOrgs(orgs),
      secretText: () => Promise.reject(new Error('no store of tokens is configured')),
      credentials: () => ({ current: async () => TEST_CLIENT, refresh: async () => 'too-soon' as const }),
      fetch,
      clock: systemClock(),
      random: Math.random,
      log,
      countTokenRequest: () => metrics.count('TokenRequests'),
      onRateLimitRemaining: (remaining) => metrics.least('RateLimitRemaining', remaining),
    }),
    download: (url, signal) =>
      guardedDownload(
        { url, signal, timeoutMillis: 500, maxAnswerBytes: MAX_BYTES },
        { loopback: 'allowed' },
      ),
    vocabulary: createVocabulary({ terms: [], numberWords: {} }),
    maxTranscriptBytes: MAX_BYTES,
    openTranscriptObject: open(Bucket),
    openOriginalObject: open(`${Bucket}-originals`),
    transcriptsBucket: Bucket,
    ...dynamodbConversationTranscripts(documents, 'conversations'),
    ...dynamodbMissingTranscripts(documents, 'missing'),
    defaultOrg: org,
    retryScheduleSeconds,
    giveUpAfterSeconds: 3600,
    enqueue: enqueueRequests(createEnqueue(sqsSendBatch(sdkSqs(sqs), queue))),
    publish: async (published) => void facts.push(...published),
    ledger: createLedger({
      store: dynamodbLedgerStore(sdkDynamodb(documents), 'ledger'),
      consumer: 'transcript-fetcher',
      now,
      newOwner: () => crypto.randomUUID(),
      retentionSeconds: 3600,
    }),
    maxAttempts: 2,
    changeVisibility: sqsChangeVisibility(sdkSqs(sqs), queue),
    deadLetter: sqsDeadLetter(sdkSqs(sqs), deadLetters, { function: 'transcript-fetcher', now }),
    backoff: { baseSeconds: 0, maxSeconds: 0 },
    log,
    metrics,
    random: Math.random,
    now,
  });
  const keysIn = async (bucket: string) => {
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }));
    return Contents.map(({ Key = '' }) => Key);
  };
  const read = async (bucket: string, Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key }));
    return textOf(await Body?.transformToByteArray());
  };
  /** Plays the event source, `rounds` times. */
  async function poll(rounds = 1): Promise<void> {
    for (let round = 0; round < rounds; round += 1) {
      const messages = await receive(queue);
      const context = { getRemainingTimeInMillis: () => 30_000 };
      const { batchItemFailures } = await handler(
        { Records: messages.map((message) => sqsRecord(message, '')) },
        context,
      );
      const kept = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      for (const { MessageId = '', ReceiptHandle } of messages)
        if (!kept.has(MessageId))
          await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
    }
  }
  /** A conversation that both we and Genesys Cloud know. */
  async function addConversation(input: Parameters<PlatformApi['addConversation']>[0] = {}) {
    const known = platform.addConversation({ ...input, conversationId: `${org}-conversation` });
    const Item = { conversationId: known.conversationId, transcripts: [], revision: 1 };
    await documents.send(new PutCommand({ TableName: 'conversations', Item }));
    return known;
  }
  const send = (body: string) => sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: body }));
  const transcriptsOf = async (conversationId: string): Promise<unknown> => {
    const { Item } = await documents.send(
      new GetCommand({ TableName: 'conversations', Key: { conversationId } }),
    );
    return Item?.['transcripts'];
  };
  const given = { org, platform, facts, lines, poll, addConversation, transcriptsOf, send };
  return {
    ...given,
    keys: () => keysIn(Bucket),
    originals: () => keysIn(`${Bucket}-originals`),
    read: (key: string) => read(Bucket, key),
    readOriginal: (key: string) => read(`${Bucket}-originals`, key),
    letters: () => receive(deadLetters),
    waiting: () => fauxqs.inspectQueue(`transcript-${org.slice(4)}`)?.messages,
  };
}

async function receive(QueueUrl: string): Promise<readonly Message[]> {
  const { Messages: messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return messages;
}

describe('a transcript', () => {
  test('comes from Genesys Cloud to S3 without what is personal, and the token goes to nobody else', async () => {
    const {
      org,
      platform,
      poll,
      addConversation,
      send,
      keys,
      read,
      readOriginal,
      facts,
      lines,
      transcriptsOf,
    } = await setUp();
    const { conversationId, communicationIds } = await addConversation();
    const [communicationId = ''] = communicationIds;
    await send(
      outcomeBody({ conversation_id: conversationId, transcript_communication_id: communicationId }, org),
    );
    await poll();
    const key = `transcripts/org=${org}/${conversationId}/${communicationId}.json.gz`;
    expect(await keys()).toEqual([key]);
    const text = await read(key);
    expect(JSON.parse(text)).toMatchObject({ conversationId, communicationId });
    const original = await readOriginal(key);
    for (const words of SENSITIVE_WORDS) {
      expect(text).not.toContain(words);
      expect(original).toContain(words);
    }
    expect(facts).toMatchObject([{ data: { key, conversationId, communicationId } }]);
    expect(await transcriptsOf(conversationId)).toEqual([key]);
    const downloads = platform.requests().filter(({ host }) => host === 'transcripts');
    expect(downloads).toMatchObject([{ status: 200, authorization: 'absent' }]);
    expect(lines.join()).not.toMatch(/X-Amz|\/transcripts\/5d32|Bearer/);
    expect(lines.join()).toContain('"TokenRequests":1');
    expect(lines.join()).toContain('"RateLimitRemaining"');
  });

  test('of each recorded communication is fetched when the event names none, once', async () => {
    const { org, poll, addConversation, send, keys, facts, transcriptsOf } = await setUp();
    const { conversationId } = await addConversation({ communicationIds: ['one', 'two'] });
    await send(readyBody({ conversationId }, org));
    await poll(2);
    await send(readyBody({ conversationId }, org));
    await poll(2);
    expect(await keys()).toHaveLength(2);
    expect(facts).toHaveLength(2);
    expect(await transcriptsOf(conversationId)).toEqual(await keys());
  });

  test('of several megabytes goes to S3 in parts', async () => {
    const { org, platform, poll, addConversation, send, keys, read } = await setUp();
    const { conversationId, communicationIds } = await addConversation();
    platform.setTranscript(communicationIds[0] ?? '', { bytes: 30_000_000 });
    await send(
      outcomeBody({ conversation_id: conversationId, transcript_communication_id: communicationIds[0] }, org),
    );
    await poll();
    const [key = ''] = await keys();
    expect(JSON.parse(await read(key))).toMatchObject({ conversationId });
  });

  test('that becomes ready late is waited for; one that does not is missing', async () => {
    const { org, platform, poll, addConversation, send, keys, waiting } = await setUp();
    const { conversationId, communicationIds } = await addConversation({
      communicationIds: ['late', 'never'],
    });
    platform.setTranscript('late', { readyAfterSeconds: 0.5, notReadyStatus: 202 });
    platform.setTranscript('never', { readyAfterSeconds: 'never' });
    for (const id of communicationIds)
      await send(outcomeBody({ conversation_id: conversationId, transcript_communication_id: id }, org));
    await poll();
    await new Promise((resolve) => setTimeout(resolve, 600));
    await poll(2);
    expect(await keys()).toEqual([`transcripts/org=${org}/${conversationId}/late.json.gz`]);
    expect(waiting()).toEqual({ ready: [], delayed: [], inflight: [] });
    const { Items } = await documents.send(new ScanCommand({ TableName: 'missing' }));
    expect(Items).toMatchObject([{ org, communicationId: 'never', notReady: 2 }]);
  });
});

describe('of a bad download nothing can be seen', () => {
  test.each<[TranscriptFault, string]>([
    ['truncated', 'retries-exhausted'],
    ['hang', 'retries-exhausted'],
    ['redirect', 'retries-exhausted'],
    ['denied', 'retries-exhausted'],
    ['invalid-json', 'effect-refused'],
    ['other-conversation', 'effect-refused'],
    ['huge-length', 'effect-refused'],
    ['gzip-bomb', 'effect-refused'],
  ])('when it is %s: %s', async (fault, reason) => {
    const { org, platform, poll, addConversation, send, keys, originals, letters, lines, facts } =
      await setUp();
    const { conversationId, communicationIds } = await addConversation();
    const [communicationId = ''] = communicationIds;
    platform.setTranscript(communicationId, { fault, bytes: 1_000_000 });
    await send(
      outcomeBody({ conversation_id: conversationId, transcript_communication_id: communicationId }, org),
    );
    await poll(2);
    expect([await keys(), await originals(), facts]).toEqual([[], [], []]);
    const [letter] = await letters();
    expect(letter?.MessageAttributes?.['reason']?.StringValue).toBe(reason);
    expect(lines.join()).not.toMatch(/X-Amz/);
  });

  test('when it never begins: it is tried again, and not counted', async () => {
    const { org, platform, poll, addConversation, send, keys, letters } = await setUp();
    const { conversationId, communicationIds } = await addConversation();
    const [communicationId = ''] = communicationIds;
    platform.setTranscript(communicationId, { fault: 'stall' });
    await send(
      outcomeBody({ conversation_id: conversationId, transcript_communication_id: communicationId }, org),
    );
    await poll(3);
    expect([await keys(), await letters()]).toEqual([[], []]);
    platform.setTranscript(communicationId, {});
    await poll();
    expect(await keys()).toHaveLength(1);
  });

  test('when the URL has expired on the way, a new one is asked for', async () => {
    const { org, platform, poll, addConversation, send, keys } = await setUp({
      transcriptUrlLifetimeSeconds: -60,
    });
    const { conversationId, communicationIds } = await addConversation();
    const [communicationId = ''] = communicationIds;
    await send(
      outcomeBody({ conversation_id: conversationId, transcript_communication_id: communicationId }, org),
    );
    await poll();
    const asked = platform.requests().filter(({ path }) => path.endsWith('transcripturl'));
    const downloads = platform.requests().filter(({ host }) => host === 'transcripts');
    expect([asked.length, downloads.map(({ status }) => status)]).toEqual([2, [403, 403]]);
    expect(await keys()).toEqual([]);
  });
});
