import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { GetCommand, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import pMap from 'p-map';
import type { StackClients } from './stack-clients.ts';

/** As many as Lambda takes from a FIFO queue at once. */
const BATCH = 10;
/** More than the local stage runs of the processor: the emulators, not the caller, are to be the limit. */
const WORKERS = 8;
const TABLE = 'bench-items';
const BUS = 'bench';
/** About what an outcome is. */
const BODY = JSON.stringify({ text: 'x'.repeat(1_000) });

interface Places {
  readonly fifo: string;
  readonly lake: string;
}

/**
 * How many outcomes a second the emulators could serve with functions that cost nothing: for each the calls that the
 * pipeline makes, and nothing between them.
 */
export async function emulatorOutcomesPerSecond(clients: StackClients, outcomes: number): Promise<number> {
  const places = await makePlaces(clients);
  const run = Math.random().toString(36).slice(2);
  const batches = Array.from({ length: outcomes / BATCH }, (_, index) =>
    Array.from({ length: BATCH }, (_each, item) => `${run}-${index}-${item}`),
  );
  const startedAt = performance.now();
  await pMap(batches, (ids) => callsOf(ids, clients, places), { concurrency: WORKERS });
  return outcomes / ((performance.now() - startedAt) / 1000);
}

/** What ten outcomes cost: on the queue, off it, ledger, conversation, bus, and onto and off the lake's queue. */
async function callsOf(ids: readonly string[], clients: StackClients, { fifo, lake }: Places): Promise<void> {
  const { sqs } = clients;
  const Entries = ids.map((id, index) => ({
    ...{ Id: String(index), MessageBody: BODY, MessageGroupId: id, MessageDeduplicationId: id },
  }));
  await sqs.send(new SendMessageBatchCommand({ QueueUrl: fifo, Entries }));
  await takeOff(sqs, fifo);
  await Promise.all(ids.map((id) => effectsOf(id, clients)));
  await takeOff(sqs, lake);
}

async function effectsOf(id: string, { documents, events }: StackClients): Promise<void> {
  const Key = { pk: id };
  await documents.send(
    new PutCommand({
      TableName: TABLE,
      Item: { pk: id, owner: id },
      ConditionExpression: 'attribute_not_exists(pk)',
    }),
  );
  await documents.send(new GetCommand({ TableName: TABLE, Key: { pk: `c-${id}` }, ConsistentRead: true }));
  await documents.send(new PutCommand({ TableName: TABLE, Item: { pk: `c-${id}`, body: BODY } }));
  const entry = { EventBusName: BUS, Source: 'bench', Detail: BODY };
  await events.send(
    new PutEventsCommand({
      Entries: ['changed', 'recorded'].map((DetailType) => ({ ...entry, DetailType })),
    }),
  );
  await documents.send(
    new UpdateCommand({
      TableName: TABLE,
      Key,
      UpdateExpression: 'SET done = :done',
      ExpressionAttributeValues: { ':done': true },
    }),
  );
}

async function takeOff(sqs: SQSClient, QueueUrl: string): Promise<void> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: BATCH }),
  );
  const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
  if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
}

async function makePlaces({ sqs, dynamodb, events }: StackClients): Promise<Places> {
  const fifo = await queueUrl(sqs, 'bench.fifo', { FifoQueue: 'true' });
  const lake = await queueUrl(sqs, 'bench-lake', {});
  await unlessThere('ResourceInUseException', async () => {
    await dynamodb.send(
      new CreateTableCommand({
        TableName: TABLE,
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
      }),
    );
  });
  await unlessThere('ResourceAlreadyExistsException', async () => {
    await events.send(new CreateEventBusCommand({ Name: BUS }));
  });
  const EventPattern = JSON.stringify({ 'detail-type': ['recorded'] });
  await events.send(new PutRuleCommand({ Name: 'recorded', EventBusName: BUS, EventPattern }));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: lake, AttributeNames: ['QueueArn'] }),
  );
  const Targets = [{ Id: 'lake', Arn: Attributes?.['QueueArn'] }];
  await events.send(new PutTargetsCommand({ Rule: 'recorded', EventBusName: BUS, Targets }));
  return { fifo, lake };
}

async function queueUrl(
  sqs: SQSClient,
  QueueName: string,
  Attributes: Record<string, string>,
): Promise<string> {
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
  return QueueUrl;
}

/** The second measurement finds what the first has made. */
async function unlessThere(code: string, make: () => Promise<void>): Promise<void> {
  await make().catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== code) throw error;
  });
}
