import { createPlatform, type Platform, SENSITIVE_WORDS, TEST_CLIENT } from '@aftercall/genesys-simulator';
import type { DescribedStage } from '@aftercall/local';
import type { BatchEntry } from '@aftercall/queue';
import type { OutgoingCall, Service } from './outgoing-calls.ts';
import { ServiceError } from './service-error.ts';
import type { BusEntry, VirtualBus } from './virtual-bus.ts';
import { type VirtualDynamodb, virtualDynamodb } from './virtual-dynamodb.ts';
import type { VirtualQueue } from './virtual-queue.ts';
import { type VirtualS3, virtualS3 } from './virtual-s3.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What functions call. */
export interface VirtualServices {
  /** @throws ServiceError */
  serve(call: OutgoingCall): object | Promise<object>;
  readonly dynamodb: VirtualDynamodb;
  readonly s3: VirtualS3;
}

export interface ServicesDeps {
  readonly time: VirtualTime;
  readonly bus: VirtualBus;
  readonly queues: ReadonlyMap<string, VirtualQueue>;
}

/** What every source signs with. */
export const SOURCE_SECRET = 'whsec_dGhlIHNlY3JldCBvZiBldmVyeSBzb3VyY2UgaGVyZQ==';

const SEALING_KEY = Buffer.alloc(32, 7).toString('base64');
const KEYRING = JSON.stringify({ current: 'k1', keys: { k1: { key: SEALING_KEY } } });

/** What no function may write in a log. */
export const NEVER_LOGGED = [
  SOURCE_SECRET,
  SEALING_KEY,
  TEST_CLIENT.clientSecret,
  'Bearer ',
  'access_token',
  'X-Amz-Signature',
  ...SENSITIVE_WORDS,
];

/** AWS and Genesys Cloud, with everything in place that is deployed or set once by hand. */
export function virtualServices(stage: DescribedStage, deps: ServicesDeps): VirtualServices {
  const dynamodb = virtualDynamodb(tablesOf(stage));
  const s3 = virtualS3(argumentsOf(stage, 'aws_s3_bucket').map(({ bucket }) => String(bucket)));
  for (const { bucket, key, content } of argumentsOf(stage, 'aws_s3_object'))
    s3.call('PutObject', { Bucket: bucket, Key: key, Body: content });
  const platform = createPlatform(
    {
      seed: 1,
      now: deps.time.now,
      unknownConversations: 'invented',
      requestsPerMinute: 6_000,
      transcripts: { bytes: 2_000 },
    },
    () => TRANSCRIPTS_URL,
  );
  const servers: Readonly<Record<Service, (call: OutgoingCall) => object | Promise<object>>> = {
    dynamodb: ({ operation, input }) => dynamodb.call(operation, input),
    s3: ({ operation, input }) => s3.call(operation, input),
    sqs: (call) => toQueue(call, deps.queues),
    events: ({ input }) => {
      const entries = input['Entries'] as readonly BusEntry[];
      deps.bus.put(entries);
      return {
        FailedEntryCount: 0,
        Entries: entries.map((_entry, index) => ({ EventId: `event-${index}` })),
      };
    },
    secretsmanager: secretsOf(stage),
    ssm: parametersOf(stage),
    genesys: ({ input }) => askPlatform(input, platform),
    transcripts: ({ input }) => downloadFrom(input, platform),
  };
  return { dynamodb, s3, serve: (call) => servers[call.service](call) };
}

const TRANSCRIPTS_URL = 'https://transcripts.invalid';

const argumentsOf = ({ resources }: DescribedStage, type: string) =>
  resources.filter((one) => one.type === type).map(({ args }) => args);

const tablesOf = (stage: DescribedStage) =>
  new Map(
    argumentsOf(stage, 'aws_dynamodb_table').map(({ name, hash_key: hash, range_key: range }) => [
      String(name),
      [hash, range].filter((key) => typeof key === 'string'),
    ]),
  );

/** As the API has an entry. */
interface SqsEntry {
  readonly Id?: string;
  readonly MessageBody: string;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue: string }>>;
}

interface SqsInput extends SqsEntry {
  readonly QueueName?: string;
  readonly QueueUrl: string;
  readonly Entries: readonly SqsEntry[];
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout: number;
}

async function toQueue(
  { operation, input }: OutgoingCall,
  queues: ReadonlyMap<string, VirtualQueue>,
): Promise<object> {
  const { QueueName, QueueUrl, Entries, ReceiptHandle, VisibilityTimeout, ...message } =
    input as unknown as SqsInput;
  const name = QueueName ?? QueueUrl.split('/').at(-1) ?? '';
  const queue = queues.get(name);
  if (!queue) throw new ServiceError('QueueDoesNotExist', 400, { message: name });
  switch (operation) {
    case 'SendMessageBatch': {
      const failed = Entries.length === 0 ? [] : await queue.send(Entries.map(entryOf));
      const refused = new Set(failed.map(({ entryId }) => entryId));
      return {
        Successful: Entries.filter(({ Id = '' }) => !refused.has(Id)).map(({ Id }) => ({ Id })),
        Failed: failed.map(({ entryId, code }) => ({ Id: entryId, Code: code })),
      };
    }
    case 'GetQueueUrl':
      return { QueueUrl: queue.name };
    case 'SendMessage':
      await queue.send([entryOf(message)]);
      return {};
    case 'ChangeMessageVisibility':
      await queue.changeVisibility(ReceiptHandle, VisibilityTimeout);
      return {};
    default:
      throw new Error(`this SQS knows no ${operation}`);
  }
}

const entryOf = (entry: SqsEntry): BatchEntry => ({
  entryId: entry.Id ?? '0',
  body: entry.MessageBody,
  ...(entry.MessageGroupId !== undefined && { groupId: entry.MessageGroupId }),
  ...(entry.MessageDeduplicationId !== undefined && { deduplicationId: entry.MessageDeduplicationId }),
  attributes: Object.fromEntries(
    Object.entries(entry.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
  ),
});

function secretsOf(stage: DescribedStage): (call: OutgoingCall) => object {
  const names = new Set(argumentsOf(stage, 'aws_secretsmanager_secret').map(({ name }) => String(name)));
  return ({ input: { SecretId: name, VersionStage: version } }) => {
    const value = typeof name === 'string' && names.has(name) ? secretNamed(name) : undefined;
    if (value === undefined || (version ?? 'AWSCURRENT') !== 'AWSCURRENT')
      throw new ServiceError('ResourceNotFoundException', 400);
    return { SecretString: value };
  };
}

function secretNamed(name: string): string | undefined {
  if (name.includes('/sources/')) return SOURCE_SECRET;
  if (name.endsWith('/sealing')) return KEYRING;
  return name.includes('/genesys/') ? JSON.stringify(TEST_CLIENT) : undefined;
}

function parametersOf(stage: DescribedStage): (call: OutgoingCall) => object {
  const values = new Map(argumentsOf(stage, 'aws_ssm_parameter').map(({ name, value }) => [name, value]));
  return ({ operation, input: { Name: name, Value: value } }) => {
    if (operation === 'PutParameter') values.set(name, value);
    if (!values.has(name)) throw new ServiceError('ParameterNotFound', 400);
    return { Parameter: { Name: name, Value: values.get(name) } };
  };
}

function askPlatform({ url, method, headers, body }: OutgoingCall['input'], platform: Platform): object {
  const { pathname, searchParams } = new URL(String(url));
  const answer = platform.answer({
    method: String(method),
    path: pathname,
    query: searchParams,
    headers: headers as Readonly<Record<string, string>>,
    body: typeof body === 'string' ? body : '',
  });
  if (typeof answer === 'string') throw new Error(answer);
  const { status, headers: sent = {}, body: content } = answer;
  const text = content === undefined ? '' : JSON.stringify(content);
  return {
    status,
    headers: { 'content-type': 'application/json', date: platform.now().toUTCString(), ...sent },
    text,
  };
}

function downloadFrom({ url }: OutgoingCall['input'], platform: Platform): object {
  const { pathname, search } = new URL(String(url));
  const answer = platform.transcript({ url: `${pathname}${search}`, headers: {} });
  if (answer === 'stall') throw new Error('the host says nothing');
  const { status, headers, body } = answer;
  return { status, headers, body: bytesOf(body), drop: () => void body.destroy() };
}

async function* bytesOf(body: AsyncIterable<unknown>) {
  for await (const chunk of body) yield Buffer.from(chunk as string);
}
