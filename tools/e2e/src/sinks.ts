import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  GetSecretValueCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient, GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { readOutcomes } from '@aftercall/lake';
import type { LocalJson } from '@aftercall/local';
import { sealedEntry } from '@aftercall/queue';
import type { QueueEntry } from '@aftercall/queue';
import { deliveryId, parseJson, recognise, splitDelivery } from '@aftercall/schemas';
import type { ConversationChanged, Fact, OutcomeRecorded, QaMessage } from '@aftercall/schemas';
import { parseKeyring } from '@aftercall/signing';
import type { Keyring } from '@aftercall/signing';
import type { EventBridgeEvent } from 'aws-lambda';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';

type Row = Readonly<Record<string, unknown>>;
type Changed = Omit<Fact, 'data'> & { readonly data: ConversationChanged };
type Recorded = Omit<Fact, 'data'> & { readonly data: OutcomeRecorded };

/** A dead letter of `events.fifo` as set-aside keeps it. */
export interface DeadLetter {
  readonly id: string;
  readonly body: string;
  readonly group: string | undefined;
  readonly state: string;
  readonly attributes: Readonly<Record<string, string | undefined>>;
}

/** An object of a bucket. */
export interface StoredObject {
  readonly key: string;
  readonly body: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Everything that comes out of a stack, seen from outside through the AWS SDK; and the queue between its functions. */
export interface Sinks {
  /** Every fact of the processor that the bus has delivered to a queue of ours so far, repetitions included. */
  readonly facts: () => readonly Fact[];
  readonly changedFacts: (conversationId: string) => readonly Changed[];
  readonly recordedFacts: (conversationId: string) => readonly Recorded[];
  /** Every dead letter of `events.fifo` so far, once all of them are collected. */
  readonly deadLetters: () => Promise<readonly DeadLetter[]>;
  /** What a team's QA queue was told so far. Messages are taken off it as they come. */
  readonly qaMessages: (team: string) => readonly QaMessage[];
  readonly qaMessagesByTeam: () => Readonly<Record<string, readonly QaMessage[]>>;
  readonly ledgerRow: (eventId: string, org?: string) => Promise<Row | undefined>;
  readonly ledgerRows: (consumer?: string) => Promise<readonly Row[]>;
  readonly conversation: (key: string) => Promise<Row | undefined>;
  readonly conversations: () => Promise<readonly Row[]>;
  readonly setAsideRows: () => Promise<readonly Row[]>;
  readonly setAsideObjects: () => Promise<readonly StoredObject[]>;
  /** The rows of all files together. */
  readonly lakeRows: () => ReturnType<typeof readOutcomes>;
  readonly storedDeliveries: () => Promise<readonly StoredObject[]>;
  readonly transcripts: () => Promise<readonly StoredObject[]>;
  /** Puts an event on the bus of the partner event source that it names, as Genesys Cloud does. */
  readonly putPartnerEvent: (event: EventBridgeEvent<string, unknown>) => Promise<void>;
  /** How many messages of a consumer's queue were given up. */
  readonly deadLettersOf: (consumer: string) => Promise<number>;
  /** Puts an object where ingest keeps deliveries. */
  readonly storeDelivery: (key: string, body: string) => Promise<void>;
  readonly keyring: () => Promise<Keyring>;
  /** Makes the value the current one; the one before stays as the previous one. */
  readonly putSecret: (name: string, value: string) => Promise<void>;
  /** The messages of `events.fifo` that are waiting or being worked on. */
  readonly eventsQueued: () => Promise<number>;
  /** The entries that ingest would make of a delivery. */
  readonly entriesOf: (sourceKey: string, body: Uint8Array | string) => Promise<readonly QueueEntry[]>;
  /** Puts an entry on `events.fifo` past the queue's own deduplication, as after its five minutes. */
  readonly enqueue: (entry: QueueEntry) => Promise<void>;
  /** How long a message that was neither finished nor given back stays hidden. */
  readonly setEventsVisibility: (seconds: number) => Promise<void>;
  readonly close: () => void;
}

/** Opens the clients and begins to listen to the bus. */
export async function createSinks(local: LocalJson): Promise<Sinks> {
  const { endpoints, region, accessKeyId, secretAccessKey } = local.aws;
  const at = (endpoint: string) => ({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const sqs = new SQSClient(at(endpoints.sqs));
  const s3 = new S3Client({ ...at(endpoints.s3), forcePathStyle: true });
  const events = new EventBridgeClient(at(endpoints.events));
  const secrets = new SecretsManagerClient(at(endpoints.secretsmanager));
  const dynamodb = new DynamoDBClient(at(endpoints.dynamodb));
  const tables = tableReader(dynamodb);

  const { resources } = local;
  const stopping = new AbortController();
  const busMessages = listen(sqs, await factQueue(sqs, events, resources.busName), stopping.signal);
  const qaMessages = new Map(
    Object.entries(resources.qaQueueUrls).map(([team, url]) => [team, listen(sqs, url, stopping.signal)]),
  );
  const told = (team: string): readonly QaMessage[] =>
    (qaMessages.get(team) ?? []).map(({ Body: body }) => JSON.parse(body ?? '') as QaMessage);
  const keyring = async (): Promise<Keyring> => {
    const { SecretString: text } = await secrets.send(
      new GetSecretValueCommand({ SecretId: 'aftercall/local/sealing' }),
    );
    return parseKeyring(text ?? '');
  };
  const facts = (): readonly Fact[] =>
    busMessages
      .map(({ Body: body }) => (JSON.parse(body ?? '') as { detail: Fact }).detail)
      .filter(({ type }) => OF_PROCESSOR.has(type));
  const ofConversation = (type: Fact['type'], conversationId: string): readonly Fact[] =>
    facts().filter((fact) => fact.type === type && fact.subject === conversationId);

  return {
    facts,
    changedFacts: (id) => ofConversation('aftercall.conversation.changed', id) as readonly Changed[],
    recordedFacts: (id) => ofConversation('aftercall.outcome.recorded', id) as readonly Recorded[],
    deadLetters: async () => {
      await collected(sqs, resources.eventsDeadLetterQueueUrl);
      const rows = await tables.scan(resources.setAsideTable);
      return deadLettersIn(rows, await objectsOf(s3, resources.setAsideBucket));
    },
    qaMessages: told,
    qaMessagesByTeam: () => Object.fromEntries([...qaMessages.keys()].map((team) => [team, told(team)])),
    ledgerRow: (eventId, org = 'main') =>
      tables.get(resources.ledgerTable, { pk: `processor#${org}#${eventId}` }),
    ledgerRows: async (consumer = 'processor') =>
      (await tables.scan(resources.ledgerTable)).filter(({ pk }) => String(pk).startsWith(`${consumer}#`)),
    conversation: (conversationId) => tables.get(resources.conversationsTable, { conversationId }),
    conversations: () => tables.scan(resources.conversationsTable),
    setAsideRows: () => tables.scan(resources.setAsideTable),
    setAsideObjects: () => objectsOf(s3, resources.setAsideBucket),
    lakeRows: async () => {
      const files = await objectsOf(s3, resources.lakeBucket);
      const outcomes = files.filter(({ key }) => key.startsWith('outcomes/'));
      return (await Promise.all(outcomes.map(({ body }) => readOutcomes(body)))).flat();
    },
    storedDeliveries: () => objectsOf(s3, resources.deliveriesBucket),
    transcripts: () => objectsOf(s3, resources.transcriptsBucket),
    putPartnerEvent: (event) => putPartnerEvent(events, local, event),
    deadLettersOf: async (consumer) => {
      const url = resources.deadLetterQueueUrls[consumer];
      if (url === undefined) throw new Error(`${consumer} has no dead-letter queue`);
      const rows = await tables.scan(resources.setAsideTable);
      const kept = rows.filter(({ pk, queue }) => pk === 'dead' && queue === `aftercall-local-${consumer}`);
      return kept.length + (await depth(sqs, url));
    },
    storeDelivery: async (Key, Body) => {
      await s3.send(new PutObjectCommand({ Bucket: resources.deliveriesBucket, Key, Body }));
    },
    keyring,
    putSecret: async (name, value) => {
      await secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
    },
    eventsQueued: () => depth(sqs, resources.eventsQueueUrl),
    entriesOf: async (sourceKey, body) => entriesOf(local, sourceKey, Buffer.from(body), await keyring()),
    enqueue: async (entry) => {
      await sqs.send(messageOf(entry, resources.eventsQueueUrl));
    },
    setEventsVisibility: async (seconds) => {
      const Attributes = { VisibilityTimeout: String(seconds) };
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl: resources.eventsQueueUrl, Attributes }));
    },
    close: () => {
      stopping.abort();
      for (const client of [sqs, s3, events, secrets, dynamodb]) client.destroy();
    },
  };
}

const RULE = 'e2e-facts';

/** The other functions tell facts of their own. */
const OF_PROCESSOR: ReadonlySet<Fact['type']> = new Set([
  'aftercall.conversation.changed',
  'aftercall.outcome.recorded',
  'aftercall.transcript.ready',
]);

/** A rule of our own on the bus, as anyone who wants the facts would add one. */
async function factQueue(sqs: SQSClient, events: EventBridgeClient, bus: string): Promise<string> {
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: RULE }));
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }),
  );
  await events.send(
    new PutRuleCommand({
      EventBusName: bus,
      Name: RULE,
      EventPattern: JSON.stringify({ source: ['aftercall'] }),
    }),
  );
  await events.send(
    new PutTargetsCommand({
      EventBusName: bus,
      Rule: RULE,
      Targets: [{ Id: 'queue', Arn: attributes?.['QueueArn'] ?? '' }],
    }),
  );
  return url;
}

async function putPartnerEvent(
  events: EventBridgeClient,
  { resources }: LocalJson,
  event: EventBridgeEvent<string, unknown>,
): Promise<void> {
  const bus = resources.partner.find(({ eventSourceName }) => eventSourceName === event.source);
  if (!bus) throw new Error(`no bus takes events of ${event.source}`);
  const { FailedEntryCount: failed } = await events.send(
    new PutEventsCommand({
      Entries: [
        {
          EventBusName: bus.busName,
          Source: event.source,
          DetailType: event['detail-type'],
          Detail: JSON.stringify(event.detail),
          Time: new Date(event.time),
        },
      ],
    }),
  );
  if (failed) throw new Error(`the bus of ${event.source} refused an event`);
}

/** Takes messages off a queue as they come, and keeps them. */
function listen(sqs: SQSClient, queueUrl: string, signal: AbortSignal): readonly Message[] {
  const kept: Message[] = [];
  const receive = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: 10,
    WaitTimeSeconds: 20,
    MessageSystemAttributeNames: ['All'],
    MessageAttributeNames: ['All'],
  });
  const poll = async (): Promise<void> => {
    while (!signal.aborted) {
      const { Messages: messages = [] } = await sqs.send(receive, { abortSignal: signal });
      if (messages.length === 0) continue;
      const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      kept.push(...messages);
    }
  };
  // When the stack stops, so does what is being received from it.
  poll().catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  return kept;
}

/** The function that collects takes a letter within milliseconds; what it cannot take would stay here. */
async function collected(sqs: SQSClient, queueUrl: string): Promise<void> {
  while ((await depth(sqs, queueUrl)) > 0) await setTimeout(50);
}

const EVENTS_QUEUE = 'aftercall-local-events.fifo';

function deadLettersIn(rows: readonly Row[], objects: readonly StoredObject[]): readonly DeadLetter[] {
  const bodies = new Map(objects.map(({ key, body, metadata }) => [key, { body, seal: metadata['seal'] }]));
  return rows
    .filter(({ pk, queue }) => pk === 'dead' && queue === EVENTS_QUEUE)
    .map(({ id, key, group, state, reason, detail, function: name, failedAt, attempts }) => {
      const { body = Buffer.of(), seal } = bodies.get(String(key)) ?? {};
      return {
        id: String(id),
        body: body.toString(),
        group: group as string | undefined,
        state: String(state),
        attributes: {
          seal,
          reason: reason as string,
          detail: detail as string | undefined,
          function: name as string | undefined,
          failedAt: failedAt as string | undefined,
          attempts: String(attempts),
        },
      };
    });
}

function tableReader(dynamodb: DynamoDBClient) {
  const client = DynamoDBDocumentClient.from(dynamodb);
  return {
    get: async (TableName: string, Key: Record<string, string>): Promise<Row | undefined> =>
      (await client.send(new GetCommand({ TableName, Key, ConsistentRead: true }))).Item,
    scan: async (TableName: string): Promise<readonly Row[]> => {
      const rows: Row[] = [];
      for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true }))
        rows.push(...(page.Items ?? []));
      return rows;
    },
  };
}

async function objectsOf(s3: S3Client, Bucket: string): Promise<readonly StoredObject[]> {
  const { Contents: found = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
  return Promise.all(
    found.map(async ({ Key = '' }) => {
      const { Body: body, Metadata: metadata = {} } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      return { key: Key, body: Buffer.from((await body?.transformToByteArray()) ?? []), metadata };
    }),
  );
}

async function depth(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const names = [
    'ApproximateNumberOfMessages',
    'ApproximateNumberOfMessagesNotVisible',
    'ApproximateNumberOfMessagesDelayed',
  ] as const;
  const { Attributes: attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(attributes?.[name]), 0);
}

function entriesOf(
  { sources }: LocalJson,
  sourceKey: string,
  body: Uint8Array,
  keyring: Keyring,
): readonly QueueEntry[] {
  const { key, scheme } = sources.find((one) => one.key === sourceKey) ?? {};
  if (key === undefined) throw new Error(`there is no source ${sourceKey}`);
  const source = { key, scheme, secretName: 'none' } as Parameters<typeof recognise>[1];
  const json = parseJson(body);
  const recognised = json.outcome === 'parsed' ? recognise(json.value, source) : undefined;
  if (!recognised) throw new Error('the delivery holds no event');
  const { events } = splitDelivery(recognised, {
    source,
    deliveryId: deliveryId(key, body),
    receivedTime: new Date(),
    signedId: undefined,
    traceparent: undefined,
    retentionSeconds: 365 * 86_400,
    objectRef: (name) => `s3://none/${name}`,
  });
  return events.map(({ envelope }) => sealedEntry(envelope, keyring));
}

const messageOf = ({ body, groupId, attributes }: QueueEntry, queueUrl: string): SendMessageCommand =>
  new SendMessageCommand({
    QueueUrl: queueUrl,
    MessageBody: body,
    MessageGroupId: groupId,
    MessageDeduplicationId: randomUUID(),
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
    ),
  });
