import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import {
  CreateSecretCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { startPlatformApi, TEST_CLIENT } from '@aftercall/genesys-simulator';
import type { PlatformApi, PlatformClient } from '@aftercall/genesys-simulator';
import { createUnwinding, startEmbeddedAws } from '@aftercall/local';
import { dynamodbIndexStore } from '@aftercall/set-aside';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from './finding.ts';
import { PARTNER_TOPICS } from '@aftercall/schemas';
import { commandLineIn } from './test-command-line.ts';

const directory = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
const aftercall = commandLineIn(directory);
const unwinding = createUnwinding({ report: () => undefined });
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const KEYRING = JSON.stringify({
  current: 'a',
  keys: { a: { key: Buffer.alloc(32, 7).toString('base64') } },
});
const SOURCE_SECRET = 'a-signing-secret-of-the-source';

/** Each function of stage local has an OAuth client of its own. */
const CLIENTS = ['partner-ingest', 'transcript-fetcher', 'backfill', 'secret-rotator'].map((name) => ({
  name,
  secretName: `aftercall/local/genesys/main/${name}`,
  client: { clientId: `client-of-${name}`, clientSecret: `s3cret-of-${name}` },
}));

let sqs: SQSClient;
let dynamodb: DynamoDBClient;
let secrets: SecretsManagerClient;
let endpoints: Awaited<ReturnType<typeof startEmbeddedAws>>['endpoints'];
let queueUrls: Record<'events' | 'dead' | 'qa', string>;

beforeAll(async () => {
  mkdirSync(join(directory, '.aftercall'));
  const aws = await startEmbeddedAws({ now: () => new Date(), report: () => undefined, unwinding });
  endpoints = aws.endpoints;
  sqs = new SQSClient({ endpoint: endpoints.sqs, region: 'eu-west-1', credentials: CREDENTIALS });
  dynamodb = new DynamoDBClient({
    endpoint: endpoints.dynamodb,
    region: 'eu-west-1',
    credentials: CREDENTIALS,
  });
  secrets = new SecretsManagerClient({
    endpoint: endpoints.secretsmanager,
    region: 'eu-west-1',
    credentials: CREDENTIALS,
  });
  for (const [name, value] of [
    ['aftercall/local/sealing', KEYRING],
    ['aftercall/local/sources/main', SOURCE_SECRET],
    ...CLIENTS.map(({ secretName, client }) => [secretName, JSON.stringify(client)] as const),
  ] as const)
    await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value }));
}, 60_000);
afterAll(async () => {
  sqs.destroy();
  dynamodb.destroy();
  secrets.destroy();
  await unwinding.run();
  rmSync(directory, { recursive: true });
});

let run = 0;
const setAsideTable = () => `set-aside-${run}`;
beforeEach(async () => {
  run += 1;
  const [events, dead, qa] = await Promise.all(
    ['events', 'dead', 'qa'].map(async (name) => {
      const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-${run}` }));
      return QueueUrl;
    }),
  );
  await dynamodb.send(
    new CreateTableCommand({
      TableName: setAsideTable(),
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  queueUrls = { events: events ?? '', dead: dead ?? '', qa: qa ?? '' };
});

interface Examined {
  readonly exitCode: number;
  readonly healthy: boolean;
  readonly checks: readonly Finding[];
  readonly of: (area: Finding['area']) => readonly Finding[];
}

interface Tenant {
  readonly clients?: readonly PlatformClient[];
  readonly prepare?: (platform: PlatformApi) => void;
}

/** Runs something while Genesys Cloud is there. */
async function withTenant<T>({ clients, prepare }: Tenant, work: () => Promise<T>): Promise<T> {
  const known = clients ?? CLIENTS.map(({ client }) => client);
  const platform = await startPlatformApi({ seed: 1, now: () => new Date(), clients: known });
  const { login, api } = platform;
  const local = {
    ...{ http: 'http://127.0.0.1:9', pid: 1, control: 'http://127.0.0.1:9' },
    aws: { region: 'eu-west-1', ...CREDENTIALS, endpoints },
    sources: [{ key: 'main', scheme: 'genesys-webhook', url: '', secret: SOURCE_SECRET }],
    resources: {
      eventsQueueUrl: queueUrls.events,
      eventsDeadLetterQueueUrl: queueUrls.dead,
      queueUrls: {},
      deadLetterQueueUrls: {},
      qaQueueUrls: { default: queueUrls.qa },
      setAsideTable: setAsideTable(),
    },
    genesys: { login, api },
  };
  writeFileSync(join(directory, '.aftercall', 'local.json'), JSON.stringify(local));
  prepare?.(platform);
  try {
    return await work();
  } finally {
    await platform.close();
  }
}

const examine = (tenant: Tenant = {}): Promise<Examined> =>
  withTenant(tenant, async () => {
    const { exitCode, document } = await aftercall('doctor', '--json');
    const { healthy, checks } = document() as unknown as { healthy: boolean; checks: readonly Finding[] };
    return { exitCode, healthy, checks, of: (area) => checks.filter((one) => one.area === area) };
  });

const withoutPermissions = (...missing: readonly string[]): Tenant => ({
  clients: CLIENTS.map(({ client }) => ({ ...client, withoutPermissions: missing })),
});

const store = (name: string, value: string) =>
  secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));

test('a healthy stage: every secret, login, permission, topic, queue and the clock, exit code 0', async () => {
  const { exitCode, healthy, checks, of } = await examine();
  // To ask for it would make a new secret.
  expect(checks.filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
    { verdict: 'not-probed', subject: 'main/secret-rotator' },
  ]);
  expect([exitCode, healthy]).toEqual([0, true]);
  expect(of('secret').map(({ subject }) => subject)).toEqual([
    'aftercall/local/sealing',
    'aftercall/local/sources/main',
    ...CLIENTS.map(({ secretName }) => secretName),
  ]);
  expect(of('login').map(({ subject }) => subject)).toEqual([
    'main/partner-ingest',
    'main/transcript-fetcher',
    'main/backfill',
    'main/secret-rotator',
  ]);
  expect(of('permission').map(({ subject, detail }) => `${subject} ${detail}`)).toEqual([
    'main/partner-ingest speechAndTextAnalytics:category:view',
    'main/transcript-fetcher analytics:conversationDetail:view',
    'main/transcript-fetcher recording:recording:view',
    'main/transcript-fetcher speechAndTextAnalytics:data:view',
    'main/backfill analytics:conversationDetail:view',
    'main/backfill recording:recording:view',
    'main/backfill speechAndTextAnalytics:data:view',
    'main/secret-rotator oauth:client:edit: renewClientSecret would change something',
  ]);
  expect(of('topic').map(({ subject }) => subject)).toEqual(PARTNER_TOPICS.map((id) => `main ${id}`));
  expect(of('queue').map(({ subject }) => subject)).toEqual(['events', 'qa-default']);
  expect(of('dead letters').map(({ subject }) => subject)).toEqual(['events']);
  expect(of('set aside').map(({ subject }) => subject)).toEqual(['dead', 'quarantine', 'archive']);
  expect(of('clock')).toHaveLength(1);
});

test('what waits in set-aside is a warning, and what is done is not', async () => {
  const index = dynamodbIndexStore(DynamoDBDocumentClient.from(dynamodb), setAsideTable());
  const now = new Date().toISOString();
  const entry = { kind: 'dead', source: 'main', reason: 'retries-exhausted', receivedTime: now } as const;
  for (const [id, state] of [
    ['one', 'OPEN'],
    ['two', 'REPLAYING'],
    ['three', 'DONE'],
  ] as const)
    await index.putIfAbsent({ ...entry, id, state, sk: `${now}#${id}`, key: id, expiresAt: 9_999_999_999 });
  const { exitCode, of } = await examine();
  expect(of('set aside').filter(({ verdict }) => verdict !== 'ok')).toEqual([
    {
      verdict: 'warn',
      area: 'set aside',
      subject: 'dead',
      detail: expect.stringMatching(/^2 waiting, the oldest for \d+ s$/),
      next: expect.stringContaining('set-aside list --kind dead'),
    },
  ]);
  expect(exitCode).toBe(0);
});

test('it looks and changes nothing: no job, no tag, no query', async () => {
  let requests: PlatformApi['requests'] = () => [];
  const prepare = (platform: PlatformApi) => void (requests = platform.requests);
  const asked = await withTenant({ prepare }, async () => {
    await aftercall('doctor');
    return requests().filter(({ host }) => host === 'api');
  });
  expect(asked.length).toBeGreaterThan(5);
  expect(asked.filter(({ method }) => method !== 'GET')).toEqual([]);
});

test('people read one line for each check, what to do below it, and the sum', async () => {
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls.dead, MessageBody: '{}' }));
  const { out, err } = await withTenant({}, () => aftercall('doctor'));
  expect(err).toBe('');
  expect(out).toContain('ok    login main/backfill: a token from 127.0.0.1:');
  expect(out).toMatch(/warn {2}dead letters events: 1 message, .*\n {6}→ .*set-aside list --kind dead\n/);
  expect(out.trimEnd().split('\n').at(-1)).toMatch(/^\d+ ok, 1 warning, 0 failed, 1 not probed$/);
  expect(out.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

describe('a login', () => {
  test('that is refused names the secret that is at fault; the others go on', async () => {
    const clients = CLIENTS.map(({ name, client }) =>
      name === 'backfill' ? { ...client, clientSecret: 'rotated' } : client,
    );
    const { exitCode, healthy, of } = await examine({ clients });
    expect([exitCode, healthy]).toEqual([1, false]);
    expect(of('login').filter(({ verdict }) => verdict !== 'ok')).toEqual([
      {
        verdict: 'fail',
        area: 'login',
        subject: 'main/backfill',
        detail: expect.stringContaining('refused the client'),
        next: 'correct the value of the secret aftercall/local/genesys/main/backfill',
      },
    ]);
    expect(of('permission').map(({ subject }) => subject)).not.toContain('main/backfill');
    expect(of('topic')).toHaveLength(PARTNER_TOPICS.length);
  });

  test('that nobody answers says where to look, and the topics are not probed', async () => {
    const { exitCode, of } = await examine({
      prepare: ({ addFault }) => addFault({ fault: { kind: 'html' }, on: 'POST /oauth/token', times: 99 }),
    });
    expect(exitCode).toBe(1);
    expect(of('login').map(({ verdict }) => verdict)).toEqual(CLIENTS.map(() => 'fail'));
    expect(of('login')[0]?.next).toContain('addresses');
    expect(of('topic')).toMatchObject([{ verdict: 'not-probed', subject: 'main' }]);
  });
});

describe('a permission', () => {
  test('that is missing is named, and not the one beside it that the same call needs', async () => {
    const { exitCode, of } = await examine(withoutPermissions('speechAndTextAnalytics:data:view'));
    expect(exitCode).toBe(1);
    const bad = of('permission').filter(({ verdict }) => verdict !== 'ok');
    expect(bad.map(({ verdict, subject, detail }) => [verdict, subject, detail.split(':view')[0]])).toEqual([
      ['not-probed', 'main/transcript-fetcher', 'recording:recording'],
      ['fail', 'main/transcript-fetcher', 'speechAndTextAnalytics:data'],
      ['not-probed', 'main/backfill', 'recording:recording'],
      ['fail', 'main/backfill', 'speechAndTextAnalytics:data'],
      ['not-probed', 'main/secret-rotator', 'oauth:client:edit: renewClientSecret would change something'],
    ]);
    expect(bad[0]?.detail).toContain('for want of speechAndTextAnalytics:data:view');
    expect(bad[1]?.next).toContain('grant it to a role');
  });

  test.each(['analytics:conversationDetail:view', 'speechAndTextAnalytics:category:view'])(
    '%s is missed by those that need it',
    async (permission) => {
      // Either of the two would do for details.
      const missing = withoutPermissions(permission, 'analytics:agentConversationDetail:view');
      const failed = (await examine(missing)).of('permission').filter(({ verdict }) => verdict === 'fail');
      expect(failed.length).toBeGreaterThan(0);
      for (const { detail } of failed)
        expect(detail).toBe(`${permission}: missing, ${detail.split(', ')[1]}`);
    },
  );

  test('may be any that the call needs where the refusal names none', async () => {
    const { of } = await examine({
      prepare: ({ addFault }) =>
        addFault({
          fault: { kind: 'status', status: 403 },
          on: 'GET /api/v2/speechandtextanalytics/conversations',
          times: 99,
        }),
    });
    const failed = of('permission').filter(({ verdict }) => verdict === 'fail');
    expect(failed.map(({ subject, detail }) => `${subject} ${detail.split(': ')[0]}`)).toEqual([
      'main/transcript-fetcher recording:recording:view',
      'main/transcript-fetcher speechAndTextAnalytics:data:view',
      'main/backfill recording:recording:view',
      'main/backfill speechAndTextAnalytics:data:view',
    ]);
  });
});

test('a topic that EventBridge does not bring, or that is not there at all, is a warning', async () => {
  const [first, second] = PARTNER_TOPICS;
  const entities = [
    ...PARTNER_TOPICS.slice(2).map((id) => ({ id, transports: ['EventBridge'] })),
    { id: first, transports: ['Websocket', 'ProcessAutomation'] },
  ];
  const { exitCode, of } = await examine({
    prepare: ({ addFault }) =>
      addFault({
        fault: { kind: 'wrong-json', body: { entities } },
        on: 'GET /api/v2/notifications/availabletopics',
      }),
  });
  expect(exitCode).toBe(0);
  expect(of('topic').filter(({ verdict }) => verdict !== 'ok')).toMatchObject([
    {
      verdict: 'warn',
      subject: `main ${first}`,
      detail: expect.stringContaining('Websocket, ProcessAutomation'),
    },
    { verdict: 'warn', subject: `main ${second}`, detail: expect.stringContaining('not offered') },
  ]);
});

test.each([
  [59, []],
  [-90, ['behind']],
  [3_600, ['ahead of']],
])('a clock that is %d s ahead', async (seconds, words) => {
  const { exitCode, of } = await examine({ prepare: ({ setClockSkew }) => setClockSkew(seconds) });
  const warned = of('clock').filter(({ verdict }) => verdict === 'warn');
  expect(warned).toHaveLength(words.length);
  for (const word of words) expect(warned[0]?.detail).toContain(word);
  expect(exitCode).toBe(0);
});

describe('a secret', () => {
  test.each([
    ['sealing', 'aftercall/local/sealing', 'hunter2', KEYRING],
    ['of an OAuth client', CLIENTS[2]?.secretName ?? '', 'hunter2', JSON.stringify(CLIENTS[2]?.client)],
  ])('%s that cannot be used is told without its value', async (_case, name, bad, good) => {
    await store(name, bad);
    const { exitCode, checks, of } = await examine().finally(() => store(name, good));
    expect(exitCode).toBe(1);
    expect(of('secret').filter(({ verdict }) => verdict === 'fail')).toMatchObject([{ subject: name }]);
    expect(JSON.stringify(checks)).not.toContain('hunter2');
  });

  test('no value of any is ever shown', async () => {
    const { out } = await withTenant({}, () => aftercall('doctor', '--json'));
    for (const value of [SOURCE_SECRET, 's3cret-of', 'BwcHBwcH']) expect(out).not.toContain(value);
  });
});

describe('a queue', () => {
  test('says how much waits, and since when', async () => {
    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrls.events, MessageBody: '{}' }));
    const { of } = await examine();
    expect(of('queue')[0]).toMatchObject({
      verdict: 'ok',
      detail: expect.stringMatching(/^1 message, the oldest for \d+ s$/),
    });
  });

  test('that is not there fails', async () => {
    queueUrls = { ...queueUrls, qa: queueUrls.qa.replace(/qa-\d+$/, 'gone') };
    const { exitCode, of } = await examine();
    expect(exitCode).toBe(1);
    expect(of('queue')[1]).toMatchObject({ verdict: 'fail', subject: 'qa-default' });
  });
});

test('the client that the simulator knows by default logs in where it is stored', async () => {
  for (const { secretName } of CLIENTS) await store(secretName, JSON.stringify(TEST_CLIENT));
  expect((await examine({ clients: [TEST_CLIENT] })).exitCode).toBe(0);
});
