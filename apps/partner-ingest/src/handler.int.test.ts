import {
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { memoryConsumerCircuits } from '@aftercall/circuit-breaker';
import { sendAll, sqsChangeVisibility, sqsDeadLetter, sqsRecord, sqsSendBatch } from '@aftercall/queue';
import { type EventEnvelope, readEnvelope } from '@aftercall/schemas';
import { checkSeal, type Keyring } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { type FauxqsServer, startFauxqs } from 'fauxqs';
import { createCategoryNames } from './category-names.ts';
import { createHandler } from './handler.ts';
import { BLUEPRINT, DETAIL, GENESYS, partnerEvent, RECORDED, recorded } from './sample-events.ts';

const local = { region: 'eu-west-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const keyring: Keyring = { current: 'k1', keys: { k1: { key: Buffer.alloc(32, 1).toString('base64') } } };

let server: FauxqsServer;
let sqs: SQSClient;
beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  sqs = new SQSClient({ ...local, endpoint: `http://127.0.0.1:${server.port}` });
});
afterAll(async () => {
  sqs.destroy();
  await server.stop();
});
let run = 0;
beforeEach(() => void (run += 1));

function createQueue(name: string): string {
  const attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : {};
  server.createQueue(name, { region: local.region, attributes: { VisibilityTimeout: '30', ...attributes } });
  return `http://127.0.0.1:${server.port}/000000000000/${name}`;
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

const remove = (QueueUrl: string, { ReceiptHandle }: Message) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

async function drain(queueUrl: string): Promise<readonly Message[]> {
  const all: Message[] = [];
  for (let some = await receive(queueUrl); some.length > 0; some = await receive(queueUrl)) {
    all.push(...some);
    await Promise.all(some.map((message) => remove(queueUrl, message)));
  }
  return all;
}

/** The function with everything but Genesys Cloud on the other side of the SDK. */
function partnerIngest() {
  const now = () => new Date();
  const inbox = createQueue(`partner-inbox-${run}`);
  const deadLetters = createQueue(`partner-inbox-dead-${run}`);
  const events = createQueue(`events-${run}.fifo`);
  const sendBatch = sqsSendBatch(sdkSqs(sqs), events);
  const handler = createHandler({
    circuits: memoryConsumerCircuits(now),
    sources: new Map([
      [GENESYS, { key: 'genesys', org: 'main' }],
      [BLUEPRINT, { key: 'blueprint' }],
    ]),
    retentionSeconds: 10 * 366 * 86_400,
    traceparent: () => `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`,
    keyring: async () => keyring,
    send: (entries, signal) => sendAll(entries, { sendBatch, signal, attempts: 2, concurrency: 8 }),
    categoryNames: createCategoryNames({
      orgs: new Set(['main']),
      lookUp: async (_org, ids) => new Map(ids.map((id) => [id, `Überweisung 🙂 ${id.slice(0, 4)}`])),
      now,
    }),
    changeVisibility: sqsChangeVisibility(sdkSqs(sqs), inbox),
    deadLetter: sqsDeadLetter(sdkSqs(sqs), deadLetters, { function: 'partner-ingest', now }),
    backoff: { baseSeconds: 1, maxSeconds: 1 },
    log: createLogger({ function: 'test', destination: { write: () => undefined } }),
    metrics: createMetrics({ function: 'test', write: () => undefined, now }),
    random: Math.random,
    now,
  });
  /** Sends the bodies as EventBridge would, and plays the event source once. */
  async function handle(...bodies: readonly string[]): Promise<number> {
    for (const MessageBody of bodies) {
      await sqs.send(new SendMessageCommand({ QueueUrl: inbox, MessageBody }));
    }
    const messages = await receive(inbox);
    const context = { getRemainingTimeInMillis: () => 10_000 };
    const { batchItemFailures } = await handler(
      { Records: messages.map((message) => sqsRecord(message, '')) },
      context,
    );
    for (const message of messages) {
      if (batchItemFailures.some(({ itemIdentifier }) => itemIdentifier === message.MessageId)) continue;
      await remove(inbox, message);
    }
    return batchItemFailures.length;
  }
  return { handle, events, deadLetters };
}

function envelopeOf({ Body = '', MessageAttributes = {} }: Message): EventEnvelope {
  expect(checkSeal(Body, MessageAttributes['seal']?.StringValue, keyring, new Date())).toBe('valid');
  const read = readEnvelope(Body);
  if (read.outcome !== 'event') throw new Error(read.outcome);
  return read.envelope;
}

test('every recorded event gets onto the queue as it was, and twice is once', async () => {
  const { handle, events } = partnerIngest();
  expect(await handle(...RECORDED.map(recorded))).toBe(0);
  expect(await handle(...RECORDED.map(recorded))).toBe(0);
  const messages = await drain(events);
  expect(messages).toHaveLength(RECORDED.length);
  const categories = messages.map(envelopeOf).find(({ type }) => type.endsWith('categories'));
  expect(categories?.data).toMatchObject({ categories: ['Überweisung 🙂 305a', 'Überweisung 🙂 4256'] });
});

test('a conversation’s events lie on the queue in the order received', async () => {
  const { handle, events } = partnerIngest();
  const names = ['customer.start', 'acd.start', 'acd.end', 'user.start', 'user.end', 'acw', 'customer.end'];
  await handle(...names.map((name) => partnerEvent(`${DETAIL}.${name}`, {}, { id: name })));
  const ids = (await drain(events)).map((message) => envelopeOf(message).id);
  expect(ids).toEqual(names.map((name) => `${name}#c1/-`));
});

test('what is no event is in the dead-letter queue with its reason, and gone from its own', async () => {
  const { handle, deadLetters } = partnerIngest();
  expect(await handle('{"detail":{}}')).toBe(0);
  expect(await handle()).toBe(0);
  const [letter, ...more] = await receive(deadLetters);
  expect(more).toEqual([]);
  expect(letter?.Body).toBe('{"detail":{}}');
  expect(letter?.MessageAttributes).toMatchObject({
    reason: { StringValue: 'bad-schema' },
    function: { StringValue: 'partner-ingest' },
  });
});
