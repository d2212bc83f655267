import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { repository } from './repository.ts';

/** An SDK call of a function's first message: package, client, command, and its input as source text. */
type Call = readonly [library: string, client: string, command: string, input: string];

const DYNAMODB = ['client-dynamodb', 'DynamoDBClient'] as const;
const EVENTS = ['client-eventbridge', 'EventBridgeClient'] as const;
const S3 = ['client-s3', 'S3Client'] as const;
const SECRETS = ['client-secrets-manager', 'SecretsManagerClient'] as const;
const SQS = ['client-sqs', 'SQSClient'] as const;
const SSM = ['client-ssm', 'SSMClient'] as const;

const sealing: Call = [...SECRETS, 'GetSecretValueCommand', '{ SecretId: env.SEALING_SECRET_NAME }'];
const claim: Call = [...DYNAMODB, 'PutCommand', '{ TableName: env.LEDGER_TABLE, Item: { pk: id } }'];
const complete: Call = [
  ...DYNAMODB,
  'UpdateCommand',
  "{ TableName: env.LEDGER_TABLE, Key: { pk: id }, UpdateExpression: 'SET done = :t', ExpressionAttributeValues: { ':t': true } }",
];
const readConversation: Call = [
  ...DYNAMODB,
  'GetCommand',
  '{ TableName: env.CONVERSATIONS_TABLE, Key: { conversationId: id }, ConsistentRead: true }',
];
const writeConversation: Call = [
  ...DYNAMODB,
  'PutCommand',
  '{ TableName: env.CONVERSATIONS_TABLE, Item: { conversationId: id } }',
];
const publish: Call = [
  ...EVENTS,
  'PutEventsCommand',
  "{ Entries: [{ EventBusName: env.BUS_NAME, Source: 'floor', DetailType: 'floor', Detail: '{}' }] }",
];
const fifoEntry = "{ Id: '0', MessageBody: id, MessageGroupId: id, MessageDeduplicationId: id }";

/** What each function asks of AWS for its first event, in that order, and nothing of what it does itself. */
const CALLS: Readonly<Record<string, readonly Call[]>> = {
  'partner-ingest': [
    sealing,
    [...SQS, 'SendMessageBatchCommand', `{ QueueUrl: env.EVENTS_QUEUE_URL, Entries: [${fifoEntry}] }`],
  ],
  processor: [sealing, claim, readConversation, writeConversation, publish, complete],
  'lake-writer': [
    [...S3, 'GetObjectCommand', '{ Bucket: env.LAKE_BUCKET, Key: id }'],
    [...S3, 'PutObjectCommand', '{ Bucket: env.LAKE_BUCKET, Key: id, Body: id }'],
  ],
  'compliance-router': [
    [...S3, 'GetObjectCommand', '{ Bucket: env.RULES_BUCKET, Key: env.RULES_KEY }'],
    [
      ...SQS,
      'SendMessageBatchCommand',
      `{ QueueUrl: Object.values(JSON.parse(env.QA_QUEUE_URLS))[0], Entries: [${fifoEntry}] }`,
    ],
    publish,
  ],
  'transcript-fetcher': [
    claim,
    [...SECRETS, 'GetSecretValueCommand', '{ SecretId: id }'],
    [...S3, 'PutObjectCommand', '{ Bucket: env.TRANSCRIPTS_BUCKET, Key: id, Body: id }'],
    publish,
    complete,
  ],
  backfill: [
    sealing,
    claim,
    [...SQS, 'SendMessageBatchCommand', `{ QueueUrl: env.EVENTS_QUEUE_URL, Entries: [${fifoEntry}] }`],
  ],
  'dead-letters': [
    sealing,
    [...S3, 'HeadObjectCommand', '{ Bucket: env.SET_ASIDE_BUCKET, Key: id }'],
    [...S3, 'PutObjectCommand', '{ Bucket: env.SET_ASIDE_BUCKET, Key: id, Body: id }'],
    [...DYNAMODB, 'PutCommand', "{ TableName: env.SET_ASIDE_TABLE, Item: { pk: 'dead', sk: id } }"],
  ],
  'secret-rotator': [
    [...SECRETS, 'DescribeSecretCommand', '{ SecretId: env.SEALING_SECRET_NAME }'],
    [
      ...SECRETS,
      'GetSecretValueCommand',
      "{ SecretId: env.SEALING_SECRET_NAME, VersionStage: 'AWSPENDING' }",
    ],
    sealing,
  ],
};

/** Clients that a function has although its first event needs none of them; else SQS's, to give messages back. */
const AT_HAND: Readonly<Record<string, readonly (readonly [library: string, client: string])[]>> = {
  'dead-letters': [SQS, EVENTS, SSM],
  'secret-rotator': [],
};

/** Bundles, for each of these functions, one that makes its SDK calls and nothing else. @returns app → bundle */
export async function bundleFloors(): Promise<ReadonlyMap<string, string>> {
  const sources = join(repository, 'dist/bench/floor-sources');
  mkdirSync(sources, { recursive: true });
  const entries = Object.entries(CALLS).map(([app, calls]) => {
    writeFileSync(join(sources, `${app}.ts`), floorSource(app, calls));
    return [app, `dist/bench/floor-sources/${app}.ts`] as const;
  });
  const folder = await bundle('floors', Object.fromEntries(entries));
  return new Map(Object.keys(CALLS).map((app) => [app, join(folder, `${app}.mjs`)]));
}

function floorSource(app: string, calls: readonly Call[]): string {
  const called = calls.map(([library, client]) => [library, client] as const);
  const clients = new Map([...called, ...(AT_HAND[app] ?? [SQS])]);
  const commandsOf = (library: string) =>
    new Set(calls.filter(([from]) => from === library).map(([, , command]) => command));
  return [
    "import { randomUUID } from 'node:crypto';",
    ...[...clients].map(([library, client]) => importsOf(library, client, [...commandsOf(library)])),
    'const env = process.env;',
    ...[...clients.values()].map((client) => `const ${nameOf(client)} = ${madeOf(client)};`),
    'export async function handler() {',
    '  const id = randomUUID();',
    ...calls.map(([, client, command, input]) => `  ${sent(client, command, input)}`),
    '}',
  ].join('\n');
}

/** Documents in place of typed values, as our functions have them. */
const isDynamodb = (client: string): boolean => client === DYNAMODB[1];

const importsOf = (library: string, client: string, commands: readonly string[]): string =>
  isDynamodb(client)
    ? `import { ${client} } from '@aws-sdk/${library}';\nimport { ${['DynamoDBDocumentClient', ...commands].join(', ')} } from '@aws-sdk/lib-dynamodb';`
    : `import { ${[client, ...commands].join(', ')} } from '@aws-sdk/${library}';`;

const nameOf = (client: string): string => client.charAt(0).toLowerCase() + client.slice(1);

const madeOf = (client: string): string =>
  isDynamodb(client) ? `DynamoDBDocumentClient.from(new ${client}())` : `new ${client}()`;

/** An object that is not there yet is an answer too. */
const sent = (client: string, command: string, input: string): string =>
  `await ${nameOf(client)}.send(new ${command}(${input}))${/^(Get|Head)Object/.test(command) ? '.catch(() => undefined)' : ''};`;
