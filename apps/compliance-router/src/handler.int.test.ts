import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sdkS3 } from '@aftercall/aws-json/sdk-s3';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import { createEnqueue, sqsChangeVisibility, sqsDeadLetter, sqsRecord, sqsSendBatch } from '@aftercall/queue';
import { type Fact, sendableText, validateQaMessage } from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { createHandler } from './handler.ts';
import { pollRules } from './poll-rules.ts';
import { s3ComplianceRules } from './s3-compliance-rules.ts';
import { busEvent, outcomeFact, someRules, someTeams, violation } from './sample-facts.ts';

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const patience = { maxAttempts: 3, timeoutMillis: 5_000 };
const RULES = { Bucket: 'config', Key: 'compliance/rules.json' };

let server: FauxqsServer;
let sqs: SQSClient;
let s3: S3Client;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  const endpoint = `http://127.0.0.1:${server.port}`;
  sqs = new SQSClient({ ...local, endpoint });
  s3 = new S3Client({ ...local, endpoint, forcePathStyle: true });
  server.createBucket(RULES.Bucket);
});
afterAll(async () => {
  sqs.destroy();
  s3.destroy();
  await server.stop();
});
let run = 0;
beforeEach(() => void (run += 1));

const queueUrl = (name: string) => `http://127.0.0.1:${server.port}/000000000000/${name}`;
function createQueue(name: string): string {
  const attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  server.createQueue(name, { region: local.region, attributes: { VisibilityTimeout: '30', ...attributes } });
  return queueUrl(name);
}

const putRules = (rules: unknown) =>
  s3.send(new PutObjectCommand({ ...RULES, Body: Buffer.from(JSON.stringify(rules)) }));

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

/** The router with everything but the bus on the other side of the SDK. */
function router() {
  const now = () => new Date();
  const queue = createQueue(`compliance-${run}`);
  const deadLetters = createQueue(`compliance-dead-${run}`);
  const qaQueues = new Map([...someTeams].map((team) => [team, createQueue(`qa-${team}-${run}.fifo`)]));
  const facts: Fact[] = [];
  const log = createLogger({ function: 'test', destination: { write: () => undefined } });
  const metrics = createMetrics({ function: 'test', write: () => undefined, now });
  const store = s3ComplianceRules(sdkS3(s3, patience), async () => [], RULES.Bucket, RULES.Key);
  const handler = createHandler({
    circuits: memoryConsumerCircuits(now),
    rules: pollRules({ store, teams: someTeams, pollSeconds: 0, log, metrics, now }),
    teams: someTeams,
    send: (team, entry) => createEnqueue(sqsSendBatch(sdkSqs(sqs), qaQueues.get(team)!))([entry]),
    publish: async (published) => void facts.push(...published),
    setTag: async () => ({ outcome: 'tagged' }),
    genesysAppUrl: 'https://apps.mypurecloud.ie',
    changeVisibility: sqsChangeVisibility(sdkSqs(sqs), queue),
    deadLetter: sqsDeadLetter(sdkSqs(sqs), deadLetters, { function: 'compliance-router', now }),
    backoff: { baseSeconds: 1, maxSeconds: 1 },
    log,
    metrics,
    random: Math.random,
    now,
  });
  /** Sends the bodies and plays the event source once. */
  async function handle(...bodies: readonly string[]): Promise<number> {
    for (const body of bodies)
      await sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: sendableText(body) }));
    const messages = await receive(queue);
    const context = { getRemainingTimeInMillis: () => 10_000 };
    const { batchItemFailures } = await handler(
      { Records: messages.map((message) => sqsRecord(message, '')) },
      context,
    );
    for (const { MessageId, ReceiptHandle } of messages) {
      if (batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === MessageId)) continue;
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queue, ReceiptHandle }));
    }
    return batchItemFailures.length;
  }
  return { handle, facts, deadLetters, told: (team: string) => receive(qaQueues.get(team)!) };
}

const card = violation({ code: 'PCI_CARD_SPOKEN', severity: 'major', offset_ms: 184_250 });
const rude = violation({ code: 'RUDE', category: 'conduct', severity: 'minor' });

test('the same fact twice is one message in each QA queue', async () => {
  await putRules(someRules);
  const { handle, told, facts } = router();
  const body = busEvent(outcomeFact([card, rude, card]));
  expect(await handle(body, body)).toBe(0);
  expect(await handle(body)).toBe(0);
  const [security, ...more] = await told('security');
  expect(more).toEqual([]);
  expect(security?.Attributes).toMatchObject({
    MessageGroupId: 'main/c1',
    MessageDeduplicationId: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(JSON.parse(security?.Body ?? '')).toMatchObject({ team: 'security', violationCount: 2 });
  expect(await told('coaching')).toHaveLength(1);
  expect(await told('default')).toEqual([]);
  expect(new Set(facts.map(({ id }) => id)).size).toBe(2);
});

test('any text gets there as it was', async () => {
  await putRules(someRules);
  const { handle, told } = router();
  const code = 'Überweisung 🙂 \uFFFE\uFFFF \u0000 "\\';
  await handle(busEvent(outcomeFact([{ ...card, code }], {}, '../🙂/=')));
  const [message] = await told('default');
  const body: unknown = JSON.parse(message?.Body ?? '');
  expect(validateQaMessage(body)).toBe(true);
  expect(body).toMatchObject({ conversationId: '../🙂/=', violations: [{ code }] });
});

test('what is no fact is in the dead-letter queue with its reason, and gone from its own', async () => {
  await putRules(someRules);
  const { handle, deadLetters } = router();
  expect(await handle('{"detail":{}}')).toBe(0);
  expect(await handle()).toBe(0);
  const [letter, ...more] = await receive(deadLetters);
  expect(more).toEqual([]);
  expect(letter?.Body).toBe('{"detail":{}}');
  expect(letter?.MessageAttributes).toMatchObject({
    reason: { StringValue: 'bad-schema' },
    function: { StringValue: 'compliance-router' },
  });
});

test('new rules count from the next poll on, bad ones never', async () => {
  await putRules({ ...someRules, rules: [] });
  const { handle, told } = router();
  await handle(busEvent(outcomeFact([card], {}, 'before')));
  await putRules(someRules);
  await handle(busEvent(outcomeFact([card], {}, 'after')));
  await putRules({ ...someRules, rules: 'none' });
  await handle(busEvent(outcomeFact([card], {}, 'with bad rules')));
  const conversations = async (team: string) =>
    (await told(team)).map(
      ({ Body = '' }) => (JSON.parse(Body) as { conversationId: string }).conversationId,
    );
  expect(await conversations('default')).toEqual(['before']);
  expect(await conversations('security')).toEqual(['after', 'with bad rules']);
});
