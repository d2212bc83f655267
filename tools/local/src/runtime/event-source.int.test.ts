import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { SQSEvent } from 'aws-lambda';
import type { EventSourceSpec } from '../apply/local-resources.ts';
import { clientConfig } from '../aws/clients.ts';
import { arn } from '../aws/identity.ts';
import { startSqsAndS3 } from '../aws/sqs-and-s3.ts';
import type { SqsAndS3 } from '../aws/sqs-and-s3.ts';
import { startEventSource } from './event-source.ts';
import type { EventSource } from './event-source.ts';
import type { InvokeResult } from './execution-environment.ts';

let server: SqsAndS3;
let sqs: SQSClient;
let sources: EventSource[] = [];
let queues = 0;

beforeAll(async () => {
  server = await startSqsAndS3();
  sqs = new SQSClient(clientConfig(server.sqs.url));
});
afterEach(async () => {
  await Promise.all(sources.map((source) => source.stop()));
  sources = [];
});
afterAll(async () => {
  sqs.destroy();
  await server.close();
});

const done: InvokeResult = { outcome: 'returned', payload: 'null' };
const sleep = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis));

async function queue(attributes: Record<string, string> = {}): Promise<string> {
  queues += 1;
  const name = `q${queues}${attributes['FifoQueue'] ? '.fifo' : ''}`;
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: name, Attributes: attributes }),
  );
  return QueueUrl;
}

const send = (QueueUrl: string, MessageBody: string, more: object = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));

/** Ten at a time. */
async function sendMany(QueueUrl: string, bodies: readonly string[]): Promise<void> {
  for (let start = 0; start < bodies.length; start += 10) {
    const Entries = bodies.slice(start, start + 10).map((body, n) => ({ Id: `${n}`, MessageBody: body }));
    await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  }
}

async function left(QueueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes: counts = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(counts[name]), 0);
}

/** Far above what anything takes, so that a busy machine fails no test. */
const PATIENCE_MILLIS = 20_000;

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const givenUpAt = Date.now() + PATIENCE_MILLIS;
  while (Date.now() < givenUpAt) {
    if (await holds()) return;
    await sleep(25);
  }
  throw new Error('it did not happen in time');
}

function poll(
  queueUrl: string,
  invoke: (event: SQSEvent) => Promise<InvokeResult> | InvokeResult,
  spec: Partial<EventSourceSpec> = {},
  client = sqs,
  functionConcurrency = 8,
): { reports: string[] } {
  const reports: string[] = [];
  sources.push(
    startEventSource({
      spec: {
        functionName: 'f',
        queueArn: arn('sqs', queueUrl.split('/').at(-1) ?? ''),
        batchSize: 10,
        batchingWindowSeconds: 0,
        maximumConcurrency: undefined,
        reportsBatchItemFailures: true,
        ...spec,
      },
      queueUrl,
      sqs: client,
      functionConcurrency,
      invoke: async (event) => invoke(JSON.parse(event) as SQSEvent),
      report: (line) => reports.push(line),
    }),
  );
  return { reports };
}

test('a record has all that Lambda gives, and a message that is done is deleted', async () => {
  const url = await queue({ FifoQueue: 'true' });
  await send(url, 'hello', {
    MessageGroupId: 'g',
    MessageDeduplicationId: 'd',
    MessageAttributes: { seal: { DataType: 'String', StringValue: 'v1:k:x' } },
  });
  const events: SQSEvent[] = [];
  poll(url, (event) => (events.push(event), done));
  await until(async () => events.length === 1 && (await left(url)) === 0);
  const [record] = events[0]?.Records ?? [];
  expect(record).toMatchObject({
    body: 'hello',
    messageAttributes: { seal: { dataType: 'String', stringValue: 'v1:k:x' } },
    eventSource: 'aws:sqs',
    awsRegion: 'eu-west-1',
    attributes: { MessageGroupId: 'g', MessageDeduplicationId: 'd', ApproximateReceiveCount: '1' },
  });
  for (const name of [
    'SentTimestamp',
    'ApproximateFirstReceiveTimestamp',
    'SequenceNumber',
    'SenderId',
  ] as const) {
    expect(record?.attributes[name]).toMatch(/^\d+$/);
  }
  expect([record?.messageId, record?.receiptHandle, record?.md5OfBody].every(Boolean)).toBe(true);
});

test('only what the function names as failed comes back, when its visibility ends', async () => {
  const url = await queue({ VisibilityTimeout: '1' });
  for (const body of ['good', 'bad']) await send(url, body);
  const seen: string[] = [];
  poll(url, ({ Records: records }) => {
    seen.push(...records.map(({ body }) => body));
    const failures = records.filter(
      ({ body, attributes }) => body === 'bad' && attributes.ApproximateReceiveCount === '1',
    );
    return {
      outcome: 'returned',
      payload: JSON.stringify({
        batchItemFailures: failures.map(({ messageId }) => ({ itemIdentifier: messageId })),
      }),
    };
  });
  await until(async () => (await left(url)) === 0);
  expect(seen.toSorted()).toEqual(['bad', 'bad', 'good']);
});

test('an error of the function leaves the batch, until the queue’s own redrive takes it', async () => {
  const dead = await queue();
  const deadLetterTargetArn = arn('sqs', dead.split('/').at(-1) ?? '');
  const url = await queue({
    VisibilityTimeout: '0',
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }),
  });
  await send(url, 'poison');
  let calls = 0;
  poll(url, () => ((calls += 1), { outcome: 'failed', errorType: 'E', message: 'm' }));
  await until(async () => (await left(dead)) === 1);
  expect(calls).toBe(2);
});

test('without ReportBatchItemFailures whatever the function returns is success', async () => {
  const url = await queue();
  await send(url, 'x');
  poll(url, () => ({ outcome: 'returned', payload: '{"batchItemFailures":[{"itemIdentifier":"?"}]}' }), {
    reportsBatchItemFailures: false,
  });
  await until(async () => (await left(url)) === 0);
});

test('at most so many batches are under way as the maximum concurrency says', async () => {
  const url = await queue();
  for (let n = 0; n < 12; n += 1) await send(url, String(n));
  let running = 0;
  let most = 0;
  poll(
    url,
    async () => {
      most = Math.max(most, (running += 1));
      await sleep(40);
      running -= 1;
      return done;
    },
    { batchSize: 1, maximumConcurrency: 3 },
  );
  await until(async () => (await left(url)) === 0);
  expect(most).toBe(3);
});

test('a batching window gathers messages of several sends into one batch', async () => {
  const url = await queue();
  const batches: number[] = [];
  poll(url, ({ Records: records }) => (batches.push(records.length), done), {
    batchSize: 100,
    batchingWindowSeconds: 2,
  });
  for (let n = 0; n < 15; n += 1) await send(url, String(n));
  await until(async () => (await left(url)) === 0);
  expect(batches).toEqual([15]);
});

test('a window of one second gathers to its end, and few receives bring many messages', async () => {
  const url = await queue();
  let receives = 0;
  const counted = new SQSClient(clientConfig(server.sqs.url));
  counted.middlewareStack.add((next, { commandName }) => async (args) => {
    if (commandName === 'ReceiveMessageCommand') receives += 1;
    return next(args);
  });
  const batches: number[] = [];
  poll(
    url,
    ({ Records: records }) => (batches.push(records.length), done),
    { batchSize: 10_000, batchingWindowSeconds: 1 },
    counted,
  );
  for (let n = 0; n < 30; n += 1) {
    await send(url, String(n));
    await sleep(5);
  }
  await until(async () => (await left(url)) === 0);
  expect(batches).toEqual([30]);
  expect(receives).toBeLessThan(20);
  counted.destroy();
});

test('of a large batch only what failed comes back, and with a concurrency of one no batch meets another', async () => {
  const url = await queue({ VisibilityTimeout: '5' });
  const bodies = Array.from({ length: 120 }, (_, n) => String(n));
  await sendMany(url, bodies);
  const seen: string[][] = [];
  let running = 0;
  let most = 0;
  const invoke = async ({ Records: records }: SQSEvent): Promise<InvokeResult> => {
    most = Math.max(most, (running += 1));
    seen.push(records.map(({ body }) => body));
    await sleep(20);
    running -= 1;
    const failed = records.filter(
      ({ body, attributes }) => Number(body) % 50 === 0 && attributes.ApproximateReceiveCount === '1',
    );
    const batchItemFailures = failed.map(({ messageId }) => ({ itemIdentifier: messageId }));
    return { outcome: 'returned', payload: JSON.stringify({ batchItemFailures }) };
  };
  poll(url, invoke, { batchSize: 100, batchingWindowSeconds: 1 }, sqs, 1);
  await until(async () => (await left(url)) === 0);
  expect([seen[0]?.length, seen[1]?.length, most]).toEqual([100, expect.any(Number), 1]);
  expect(seen.flat().toSorted()).toEqual([...bodies, '0', '50', '100'].toSorted());
});

test('a batch that fills an invocation does not wait for the window, and none outgrows one', async () => {
  const url = await queue();
  const body = 'x'.repeat(900_000);
  for (let n = 0; n < 7; n += 1) await send(url, body);
  const batches: number[] = [];
  poll(url, ({ Records: records }) => (batches.push(records.length), done), {
    batchSize: 100,
    batchingWindowSeconds: 60,
  });
  await until(async () => (await left(url)) === 0);
  expect(batches).toEqual([6, 1]);
});

test('a full batch does not wait for the window', async () => {
  const url = await queue();
  for (let n = 0; n < 4; n += 1) await send(url, String(n));
  const batches: number[] = [];
  const started = Date.now();
  poll(url, ({ Records: records }) => (batches.push(records.length), done), {
    batchSize: 4,
    batchingWindowSeconds: 60,
  });
  await until(() => batches.length > 0);
  expect(batches).toEqual([4]);
  expect(Date.now() - started).toBeLessThan(3_000);
});

test('an outage of SQS is told once and survived', async () => {
  const url = await queue();
  const { port } = new URL(url);
  let isDown = true;
  const flaky = new SQSClient({ ...clientConfig(server.sqs.url), maxAttempts: 1 });
  flaky.middlewareStack.add(
    (next) => async (args) => {
      if (isDown) throw new Error('connect ECONNREFUSED');
      return next(args);
    },
    { step: 'build' },
  );
  const seen: string[] = [];
  const { reports } = poll(
    url,
    ({ Records: records }) => (seen.push(...records.map(({ body }) => body)), done),
    {},
    flaky,
  );
  await send(url, `through ${port}`);
  await until(() => reports.length === 1);
  await sleep(1_500);
  isDown = false;
  await until(() => seen.length === 1);
  expect(reports).toHaveLength(2);
  expect(reports[0]).toContain('cannot receive (connect ECONNREFUSED)');
  expect(reports[1]).toContain('receiving again');
  flaky.destroy();
});

test('stopping ends a long poll at once and waits for the batch under way', async () => {
  const url = await queue();
  await send(url, 'x');
  let isDone = false;
  let isUnderWay = false;
  poll(url, async () => {
    isUnderWay = true;
    await sleep(200);
    isDone = true;
    return done;
  });
  await until(() => isUnderWay);
  const started = Date.now();
  await sources[0]?.stop();
  expect(isDone).toBe(true);
  expect(Date.now() - started).toBeLessThan(2_000);
  expect(await left(url)).toBe(0);
});
