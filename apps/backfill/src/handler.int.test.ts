import { DeleteMessageCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import {
  createEnqueue,
  sealedEntry,
  sqsChangeVisibility,
  sqsDeadLetter,
  sqsRecord,
  sqsSendBatch,
} from '@aftercall/queue';
import { type AnalyticsOutcome, readEnvelope } from '@aftercall/schemas';
import { checkSeal, parseKeyring } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { dynamodbRecordedOutcomes } from './dynamodb-recorded-outcomes.ts';
import { dynamodbRunsStore } from './dynamodb-runs-store.ts';
import { type DynamodbTestServer, startDynamodb } from './dynamodb-test-server.ts';
import { createHandler } from './handler.ts';
import { memoryStage, SOURCE } from './memory-stage.ts';

const keyring = parseKeyring(
  JSON.stringify({ current: 'k1', keys: { k1: { key: Buffer.alloc(32, 7).toString('base64') } } }),
);
const tables = { conversationsTable: 'conversations', ledgerTable: 'ledger', defaultOrg: 'main' };
let dynamodb: DynamodbTestServer;
let server: FauxqsServer;
let sqs: SQSClient;
beforeAll(async () => {
  dynamodb = await startDynamodb();
  await dynamodb.createTable('backfill', 'run');
  await dynamodb.createTable('conversations', 'conversationId');
  await dynamodb.createTable('ledger', 'pk');
  server = await startFauxqs({ port: 0, logger: false });
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  sqs = new SQSClient({ endpoint: `http://127.0.0.1:${server.port}`, region: 'eu-west-1', credentials });
});
afterAll(async () => {
  sqs.destroy();
  await server.stop();
  await dynamodb.close();
});

function createQueue(name: string): string {
  const fifo = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  server.createQueue(name, { region: 'eu-west-1', attributes: { VisibilityTimeout: '30', ...fifo } });
  return `http://127.0.0.1:${server.port}/000000000000/${name}`;
}

async function receive(url: string): Promise<readonly Message[]> {
  const { Messages: messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: url,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All'],
    }),
  );
  return messages;
}

const remove = (url: string, { ReceiptHandle }: Message) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));

test('a request for every source ends in sealed events, a day in the table, and an empty queue', async () => {
  const stage = memoryStage(23);
  stage.tenant.metrics.set('c-5', null);
  stage.tenant.jobStates.push({ state: 'QUEUED', errorMessage: undefined });
  const [queue, deadLetters, events] = ['backfill', 'backfill-dead', 'events.fifo'].map(createQueue);
  if (!queue || !deadLetters || !events) throw new Error('there are three queues');
  const now = () => new Date();
  const enqueueEvents = createEnqueue(sqsSendBatch(sdkSqs(sqs), events));
  const sendRequests = createEnqueue(sqsSendBatch(sdkSqs(sqs), queue));
  const changeVisibility = sqsChangeVisibility(sdkSqs(sqs), queue);
  const handler = createHandler({
    sources: new Map([[SOURCE.key, SOURCE]]),
    apiOf: () => stage.deps().api,
    runs: dynamodbRunsStore(dynamodb.documents, 'backfill'),
    ...dynamodbRecordedOutcomes(dynamodb.documents, tables),
    sendEvents: (made) =>
      enqueueEvents(made.map(({ envelope, dataText }) => sealedEntry(envelope, keyring, dataText))),
    sendRequests,
    // The test does not wait.
    changeVisibility: (handle) => changeVisibility(handle, 0),
    deadLetter: sqsDeadLetter(sdkSqs(sqs), deadLetters, { function: 'backfill', now }),
    backoff: { baseSeconds: 1, maxSeconds: 1 },
    newOwner: () => crypto.randomUUID(),
    log: createLogger({ function: 'test', destination: { write: () => undefined } }),
    metrics: createMetrics({ function: 'test', write: () => undefined, now }),
    random: Math.random,
    now,
  });
  const body = JSON.stringify({
    kind: 'interval',
    request: 'int-1',
    from: '2026-11-20T00:00:00Z',
    to: '2026-11-21T00:00:00Z',
  });
  await sendRequests([{ body, attributes: {} }]);
  for (let messages = await receive(queue); messages.length > 0; messages = await receive(queue)) {
    for (const message of messages) {
      const context = { getRemainingTimeInMillis: () => 60_000 };
      const { batchItemFailures } = await handler({ Records: [sqsRecord(message, '')] }, context);
      if (batchItemFailures.length === 0) await remove(queue, message);
    }
  }

  const scores: (number | undefined)[] = [];
  for (let some = await receive(events); some.length > 0; some = await receive(events)) {
    for (const message of some) {
      const { Body = '', MessageAttributes } = message;
      expect(checkSeal(Body, MessageAttributes?.['seal']?.StringValue, keyring, now())).toBe('valid');
      const read = readEnvelope(Body);
      if (read.outcome !== 'event') throw new Error('an event was sent');
      const data: AnalyticsOutcome = JSON.parse(Body).data;
      scores.push(data.sentiment?.score);
      expect(message.Attributes?.MessageGroupId).toBe(`main/${read.envelope.subject}`);
      await remove(events, message);
    }
  }
  expect(scores).toEqual(Array.from({ length: 22 }, () => 0.25));
  expect(await receive(deadLetters)).toEqual([]);
  const Key = { run: 'completeness#backfill#2026-11-20' };
  const { Item } = await dynamodb.documents.send(new GetCommand({ TableName: 'backfill', Key }));
  expect(Item).toMatchObject({
    percent: 95.65,
    counts: { seen: 23, sent: 22, withoutMetrics: 1 },
    missingPages: ['missing#int-1/backfill#2026-11-20T00:00:00.000Z#1'],
  });
});
