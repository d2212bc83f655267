import { CreateTableCommand, DescribeTableCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateEventBusCommand,
  CreatePartnerEventSourceCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import {
  DeleteParameterCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm';
import { afterEach, afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createUnwinding } from '../unwinding.ts';
import { clientConfig, createClients, destroyClients } from './clients.ts';
import type { Clients, Endpoints } from './clients.ts';
import { startDynalite, startDynamodb } from './dynamodb.ts';
import { otherAws, startEmbeddedAws } from './embedded-aws.ts';
import type { Services } from './embedded-aws.ts';
import { arn } from './identity.ts';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { connect } from 'node:net';

const reports: string[] = [];
/** The schedules that run now, fired by hand. */
const schedules = new Set<{ readonly millis: number; readonly run: () => void }>();
const unwinding = createUnwinding({ report: (line) => reports.push(line) });
let clients: Clients;
let endpoints: Endpoints;
let services: Services;
let sinkUrl: string;

beforeAll(async () => {
  const aws = await startEmbeddedAws({
    unwinding,
    now: () => new Date(),
    every: (millis, run) => {
      const schedule = { millis, run };
      schedules.add(schedule);
      return () => schedules.delete(schedule);
    },
    report: (line) => reports.push(line),
  });
  ({ endpoints, services, sinkUrl } = aws);
  clients = createClients(endpoints);
  unwinding.add(() => destroyClients(clients));
});
afterAll(() => unwinding.run());

const queue = async (name: string): Promise<string> => {
  const answer = await clients.sqs.send(new CreateQueueCommand({ QueueName: name }));
  return answer.QueueUrl ?? '';
};
const receiveOne = async (url: string, waitSeconds = 3) =>
  (await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: waitSeconds })))
    .Messages?.[0];

describe('a service that is stopped', () => {
  /** A connection of its own: a client's kept one would only say that it broke. */
  const refused = (service: keyof Services): Promise<string | undefined> =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(endpoints[service]).port), '127.0.0.1');
      socket
        .once('connect', () => resolve(undefined))
        .once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
      socket.once('connect', () => socket.destroy());
    });
  afterEach(() => Promise.all(Object.values(services).map((service) => service.start())));

  test.each(['sqs', 's3', 'dynamodb', 'secretsmanager', 'events', 'ssm', 'sfn'] as const)(
    '%s refuses connections, alone, until it is started, however often either is said',
    async (name) => {
      const others = Object.entries(services).filter(([other]) => other !== name);
      await services[name]?.stop();
      await services[name]?.stop();
      expect([services[name]?.isRunning(), await refused(name)]).toEqual([false, 'ECONNREFUSED']);
      for (const [other] of others) expect(await refused(other as keyof Services)).toBeUndefined();
      await services[name]?.start();
      await services[name]?.start();
      expect([services[name]?.isRunning(), await refused(name)]).toEqual([true, undefined]);
    },
  );

  test('has kept its data, and gives no message to a long poll that was cut off', async () => {
    const url = await queue('outlives');
    const impatient = new SQSClient({ ...clientConfig(endpoints.sqs), maxAttempts: 1 });
    const poll = impatient.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }));
    const cutOff = expect(poll).rejects.toThrow();
    await new Promise((later) => setTimeout(later, 500));
    await services.sqs?.stop();
    await cutOff;
    await services.sqs?.start();
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'kept' }));
    expect((await receiveOne(url))?.Body).toBe('kept');
    impatient.destroy();
  });
});

describe('SQS and S3', () => {
  test('a queue has its URL on the endpoint, however it is asked for', async () => {
    const url = await queue('urls');
    expect(url).toBe(`${endpoints.sqs}/000000000000/urls`);
    expect((await clients.sqs.send(new GetQueueUrlCommand({ QueueName: 'urls' }))).QueueUrl).toBe(url);
  });

  test('a message may hold every character, and no lone surrogate', async () => {
    const url = await queue('characters');
    await clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'merci 👍🏽 𝄞' }));
    expect((await receiveOne(url))?.Body).toBe('merci 👍🏽 𝄞');
    await expect(
      clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'a\u0000b' })),
    ).rejects.toThrow(/[Ii]nvalid/);
  });

  test('an object is put and read at the same endpoint, path-style without being told', async () => {
    await clients.s3.send(new CreateBucketCommand({ Bucket: 'things' }));
    await clients.s3.send(new PutObjectCommand({ Bucket: 'things', Key: 'a/b', Body: 'text' }));
    const got = await clients.s3.send(new GetObjectCommand({ Bucket: 'things', Key: 'a/b' }));
    expect(await got.Body?.transformToString()).toBe('text');
  });
});

describe('DynamoDB', () => {
  test.each([
    ['dynoxide where its package is there', startDynamodb],
    ['dynalite, its stand-in,', startDynalite],
  ])('%s keeps a conditional put', async (_name, start) => {
    const server = await start();
    const client = new DynamoDBClient(clientConfig(server.url));
    try {
      await client.send(
        new CreateTableCommand({
          TableName: 'things',
          BillingMode: 'PAY_PER_REQUEST',
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        }),
      );
      expect((await client.send(new DescribeTableCommand({ TableName: 'things' }))).Table?.TableStatus).toBe(
        'ACTIVE',
      );
      const put = () =>
        client.send(
          new PutItemCommand({
            TableName: 'things',
            Item: { pk: { S: 'a' } },
            ConditionExpression: 'attribute_not_exists(pk)',
          }),
        );
      await put();
      await expect(put()).rejects.toThrow(
        expect.objectContaining({ name: 'ConditionalCheckFailedException' }),
      );
    } finally {
      client.destroy();
      await server.close();
    }
    await expect(fetch(server.url)).rejects.toThrow();
  });

  test('a binary that does not start is an error and leaves nothing running', async () => {
    await expect(startDynamodb('/bin/false')).rejects.toThrow('dynoxide did not start');
  });
});

describe('Secrets Manager', () => {
  const value = async (SecretId: string, more: { VersionStage?: string; VersionId?: string } = {}) =>
    (await clients.secrets.send(new GetSecretValueCommand({ SecretId, ...more }))).SecretString;
  const put = async (
    SecretId: string,
    SecretString: string,
    more: { VersionStages?: string[]; ClientRequestToken?: string } = {},
  ) =>
    (await clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString, ...more }))).VersionId ??
    '';

  test('a new value becomes current and the old one previous', async () => {
    await clients.secrets.send(new CreateSecretCommand({ Name: 'rotating', SecretString: 'one' }));
    await put('rotating', 'two');
    expect([await value('rotating'), await value('rotating', { VersionStage: 'AWSPREVIOUS' })]).toEqual([
      'two',
      'one',
    ]);
    await put('rotating', 'three');
    expect([await value('rotating'), await value('rotating', { VersionStage: 'AWSPREVIOUS' })]).toEqual([
      'three',
      'two',
    ]);
  });

  test('a secret is found by its name and by its ARN, and not before it has a value', async () => {
    const made = await clients.secrets.send(new CreateSecretCommand({ Name: 'a/b' }));
    await expect(value('a/b')).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
    await put(made.ARN ?? '', 'x');
    expect(await value(made.ARN ?? '')).toBe('x');
    await expect(value('unknown')).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceNotFoundException' }),
    );
  });

  test('a pending version is promoted by moving AWSCURRENT, as rotation does it', async () => {
    await clients.secrets.send(new CreateSecretCommand({ Name: 'pending', SecretString: 'old' }));
    const old =
      (await clients.secrets.send(new GetSecretValueCommand({ SecretId: 'pending' }))).VersionId ?? '';
    const token = '11111111-2222-4333-8444-555555555555';
    expect(await put('pending', 'new', { VersionStages: ['AWSPENDING'], ClientRequestToken: token })).toBe(
      token,
    );
    expect([await value('pending'), await value('pending', { VersionStage: 'AWSPENDING' })]).toEqual([
      'old',
      'new',
    ]);
    const move = { SecretId: 'pending', VersionStage: 'AWSCURRENT', MoveToVersionId: token };
    await expect(clients.secrets.send(new UpdateSecretVersionStageCommand(move))).rejects.toThrow(
      'RemoveFromVersionId',
    );
    await clients.secrets.send(new UpdateSecretVersionStageCommand({ ...move, RemoveFromVersionId: old }));
    expect([await value('pending'), await value('pending', { VersionStage: 'AWSPREVIOUS' })]).toEqual([
      'new',
      'old',
    ]);
    const { VersionIdsToStages: stages } = await clients.secrets.send(
      new DescribeSecretCommand({ SecretId: 'pending' }),
    );
    expect(stages).toEqual({ [old]: ['AWSPREVIOUS'], [token]: ['AWSPENDING', 'AWSCURRENT'] });
  });

  test('the same token with the same value is one version, with another value refused', async () => {
    await clients.secrets.send(new CreateSecretCommand({ Name: 'token' }));
    const ClientRequestToken = '11111111-2222-4333-8444-666666666666';
    expect(await put('token', 'x', { ClientRequestToken })).toBe(
      await put('token', 'x', { ClientRequestToken }),
    );
    await expect(put('token', 'y', { ClientRequestToken })).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceExistsException' }),
    );
  });

  test('binary values come back as bytes', async () => {
    await clients.secrets.send(
      new CreateSecretCommand({ Name: 'bytes', SecretBinary: Uint8Array.of(0, 255, 7) }),
    );
    const got = await clients.secrets.send(new GetSecretValueCommand({ SecretId: 'bytes' }));
    expect([...(got.SecretBinary ?? [])]).toEqual([0, 255, 7]);
  });

  test('a deleted secret is listed no more and gives no value', async () => {
    await clients.secrets.send(new CreateSecretCommand({ Name: 'gone', SecretString: 'x' }));
    const listed = async () =>
      (await clients.secrets.send(new ListSecretsCommand({ Filters: [{ Key: 'name', Values: ['gone'] }] })))
        .SecretList?.length;
    expect(await listed()).toBe(1);
    await clients.secrets.send(new DeleteSecretCommand({ SecretId: 'gone' }));
    expect(await listed()).toBe(0);
    await expect(value('gone')).rejects.toThrow(expect.objectContaining({ name: 'InvalidRequestException' }));
    await clients.secrets.send(
      new DeleteSecretCommand({ SecretId: 'gone', ForceDeleteWithoutRecovery: true }),
    );
    await clients.secrets.send(new CreateSecretCommand({ Name: 'gone', SecretString: 'y' }));
    expect(await value('gone')).toBe('y');
  });
});

describe('Parameter Store', () => {
  const put = async (Name: string, Value: string, Overwrite = false) =>
    (await clients.ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite }))).Version;
  const read = async (Name: string) =>
    (await clients.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;

  test('every write is a version, and an older one is read by number', async () => {
    expect([await put('/v', 'a'), await put('/v', 'b', true)]).toEqual([1, 2]);
    expect([await read('/v'), await read('/v:1')]).toEqual(['b', 'a']);
    await expect(read('/v:3')).rejects.toThrow(expect.objectContaining({ name: 'ParameterVersionNotFound' }));
    await expect(put('/v', 'c')).rejects.toThrow(expect.objectContaining({ name: 'ParameterAlreadyExists' }));
  });

  test('several are read at once, unknown ones named', async () => {
    await put('/some/a', '1');
    const got = await clients.ssm.send(new GetParametersCommand({ Names: ['/some/a', '/some/x'] }));
    expect([got.Parameters?.map(({ Value }) => Value), got.InvalidParameters]).toEqual([['1'], ['/some/x']]);
  });

  test('a path lists its own level, or all below it, page by page', async () => {
    for (const name of ['/tree/a', '/tree/b', '/tree/c/d', '/treetop']) await put(name, name);
    const names = async (more: { Recursive?: boolean; MaxResults?: number; NextToken?: string }) =>
      clients.ssm.send(new GetParametersByPathCommand({ Path: '/tree', ...more }));
    expect((await names({})).Parameters?.map(({ Name }) => Name)).toEqual(['/tree/a', '/tree/b']);
    expect((await names({ Recursive: true })).Parameters?.length).toBe(3);
    const first = await names({ Recursive: true, MaxResults: 2 });
    const rest = await names({ Recursive: true, MaxResults: 2, NextToken: first.NextToken ?? '' });
    expect([first.Parameters?.length, rest.Parameters?.map(({ Name }) => Name), rest.NextToken]).toEqual([
      2,
      ['/tree/c/d'],
      undefined,
    ]);
  });

  test('a deleted parameter is gone', async () => {
    await put('/gone', 'x');
    await clients.ssm.send(new DeleteParameterCommand({ Name: '/gone' }));
    await expect(read('/gone')).rejects.toThrow(expect.objectContaining({ name: 'ParameterNotFound' }));
  });
});

describe('EventBridge', () => {
  const entry = (detail: object, more: object = {}) => ({
    Source: 'aftercall',
    DetailType: 'thing',
    Detail: JSON.stringify(detail),
    EventBusName: 'bus',
    ...more,
  });
  const putEvents = (...entries: object[]) => clients.events.send(new PutEventsCommand({ Entries: entries }));
  const rule = async (name: string, pattern: object, targetArn: string, more: object = {}) => {
    await clients.events.send(
      new PutRuleCommand({ Name: name, EventBusName: 'bus', EventPattern: JSON.stringify(pattern) }),
    );
    await clients.events.send(
      new PutTargetsCommand({
        Rule: name,
        EventBusName: 'bus',
        Targets: [{ Id: 't', Arn: targetArn, ...more }],
      }),
    );
  };
  beforeAll(async () => {
    await clients.events.send(new CreateEventBusCommand({ Name: 'bus' }));
  });

  test('an event that matches a rule arrives whole in the queue, another does not', async () => {
    const url = await queue('matching');
    await rule('matching', { detail: { kind: ['wanted'] } }, arn('sqs', 'matching'));
    const answer = await putEvents(
      entry({ kind: 'other' }),
      entry({ kind: 'wanted' }, { Resources: ['r'], Time: new Date('2026-11-20T14:03:27.418Z') }),
    );
    const message = await receiveOne(url);
    expect(JSON.parse(message?.Body ?? '')).toEqual({
      version: '0',
      id: answer.Entries?.[1]?.EventId,
      'detail-type': 'thing',
      source: 'aftercall',
      account: '000000000000',
      time: '2026-11-20T14:03:27Z',
      region: 'eu-west-1',
      resources: ['r'],
      detail: { kind: 'wanted' },
    });
    expect(await receiveOne(url, 0)).toBeUndefined();
  });

  test('a target with InputPath gets that part of the event only', async () => {
    const url = await queue('parts');
    await rule('parts', { detail: { kind: ['part'] } }, arn('sqs', 'parts'), { InputPath: '$.detail.kind' });
    await putEvents(entry({ kind: 'part' }));
    expect((await receiveOne(url))?.Body).toBe('"part"');
  });

  test('each bad entry fails alone and says why', async () => {
    const answer = await putEvents(
      entry({}),
      entry({}, { Detail: '[1]' }),
      entry({}, { Detail: 'no json' }),
      entry({}, { Source: '' }),
      entry({}, { Source: 'aws.ec2' }),
      entry({}, { EventBusName: 'nowhere' }),
    );
    expect(answer.FailedEntryCount).toBe(5);
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      undefined,
      'MalformedDetail',
      'MalformedDetail',
      'InvalidArgument',
      'NotAuthorizedForSourceException',
      'ResourceNotFoundException',
    ]);
  });

  test('eleven entries, or more than one MiB, are refused as a whole', async () => {
    await expect(putEvents(...Array.from({ length: 11 }, () => entry({})))).rejects.toThrow(
      'between 1 and 10',
    );
    const exact = { Source: 's', DetailType: 'd', EventBusName: 'bus' };
    const detail = (bytes: number) => JSON.stringify({ a: 'x'.repeat(bytes - 8) });
    await expect(putEvents({ ...exact, Detail: detail(1024 * 1024 - 1) })).rejects.toThrow('over the limit');
    expect((await putEvents({ ...exact, Detail: detail(1024 * 1024 - 2) })).FailedEntryCount).toBe(0);
  });

  test('a queue that comes later still gets the event', async () => {
    await rule('later', { detail: { kind: ['later'] } }, arn('sqs', 'comes-later'));
    await putEvents(entry({ kind: 'later' }));
    await new Promise((resolve) => setTimeout(resolve, 150));
    const url = await queue('comes-later');
    expect((await receiveOne(url))?.Body).toContain('"later"');
    expect(reports.join('\n')).toContain('comes-later did not take event');
  });

  test('an event that is given up goes to the dead-letter queue of its target', async () => {
    const url = await queue('given-up');
    const more = {
      RetryPolicy: { MaximumRetryAttempts: 0 },
      DeadLetterConfig: { Arn: arn('sqs', 'given-up') },
    };
    await rule('dead', { detail: { kind: ['dead'] } }, arn('sqs', 'never-there'), more);
    await putEvents(entry({ kind: 'dead' }));
    expect((await receiveOne(url))?.Body).toContain('"dead"');
  });

  test('what it cannot do is refused and not done differently', async () => {
    const targets = (target: object) =>
      clients.events.send(
        new PutTargetsCommand({
          Rule: 'matching',
          EventBusName: 'bus',
          Targets: [{ Id: 'x', Arn: arn('sqs', 'matching'), ...target }],
        }),
      );
    await expect(targets({ Arn: arn('firehose', 'deliverystream/f') })).rejects.toThrow(
      'SQS queues, API destinations, state machines and functions only',
    );
    await expect(targets({ Input: '{}', InputPath: '$.detail' })).rejects.toThrow('Only one of Input');
    await expect(targets({ Input: 'no json' })).rejects.toThrow('JSON syntax error');
    await expect(targets({ InputTransformer: { InputTemplate: '"x"' } })).rejects.toThrow(
      'does not know InputTransformer',
    );
    await expect(targets({ Arn: arn('sqs', 'q.fifo') })).rejects.toThrow('MessageGroupId');
    const put = (input: object) => clients.events.send(new PutRuleCommand({ Name: 'r', ...input }));
    await expect(put({})).rejects.toThrow('EventPattern or ScheduleExpression');
    await expect(put({ ScheduleExpression: 'cron(0 4 * * ? *)' })).rejects.toThrow('at a rate only');
    await expect(put({ ScheduleExpression: 'rate(1 days)' })).rejects.toThrow('not valid');
    await expect(put({ ScheduleExpression: 'rate(1 day)', EventBusName: 'bus' })).rejects.toThrow(
      'only on the default event bus',
    );
    await expect(put({ EventPattern: '{"a":"b"}' })).rejects.toThrow(
      expect.objectContaining({ name: 'InvalidEventPatternException' }),
    );
  });

  test('a schedule puts the same message on its queue each time, until its rule is disabled or gone', async () => {
    const url = await queue('daily');
    const put = (State: 'ENABLED' | 'DISABLED') =>
      clients.events.send(new PutRuleCommand({ Name: 'daily', ScheduleExpression: 'rate(2 hours)', State }));
    await put('ENABLED');
    const target = { Id: 't', Arn: arn('sqs', 'daily'), Input: '{"kind":"daily"}' };
    await clients.events.send(new PutTargetsCommand({ Rule: 'daily', Targets: [target] }));
    expect([...schedules].map(({ millis }) => millis)).toEqual([2 * 3_600_000]);
    const [schedule] = schedules;
    schedule?.run();
    expect((await receiveOne(url))?.Body).toBe('{"kind":"daily"}');
    const described = await clients.events.send(new DescribeRuleCommand({ Name: 'daily' }));
    expect(described).toMatchObject({ ScheduleExpression: 'rate(2 hours)', State: 'ENABLED' });
    await put('DISABLED');
    expect(schedules.size).toBe(0);
    await put('ENABLED');
    expect(schedules.size).toBe(1);
    await clients.events.send(new RemoveTargetsCommand({ Rule: 'daily', Ids: ['t'] }));
    await clients.events.send(new DeleteRuleCommand({ Name: 'daily' }));
    expect(schedules.size).toBe(0);
  });

  test('a schedule whose target has no message of its own says which rule it was', async () => {
    const url = await queue('ticks');
    await clients.events.send(new PutRuleCommand({ Name: 'tick', ScheduleExpression: 'rate(1 minute)' }));
    const target = { Id: 't', Arn: arn('sqs', 'ticks') };
    await clients.events.send(new PutTargetsCommand({ Rule: 'tick', Targets: [target] }));
    for (const { run } of schedules) run();
    expect(JSON.parse((await receiveOne(url))?.Body ?? '')).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      resources: [arn('events', 'rule/tick')],
      detail: {},
    });
  });

  test("a partner's bus takes the events of its partner and no others", async () => {
    const source = 'aws.partner/genesys.com/cloud/5d32fe61-985f-44e7-aa09-5ee82bb29976/postcall';
    const create = (EventSourceName: string, Name = EventSourceName) =>
      clients.events.send(new CreateEventBusCommand({ Name, EventSourceName }));
    await expect(create(source)).rejects.toThrow('does not exist');
    await clients.events.send(new CreatePartnerEventSourceCommand({ Name: source, Account: '000000000000' }));
    await expect(create(source, 'other')).rejects.toThrow('same as EventSourceName');
    await expect(clients.events.send(new CreateEventBusCommand({ Name: 'with/slash' }))).rejects.toThrow(
      'must not contain /',
    );
    const { EventBusArn: busArn } = await create(source);
    const url = await queue('partner');
    const pattern = JSON.stringify({
      source: [source],
      $or: [{ 'detail-type': ['v2.{id}'] }, { account: ['x'] }],
    });
    await clients.events.send(
      new PutRuleCommand({ Name: 'partner', EventBusName: String(busArn), EventPattern: pattern }),
    );
    const target = { Id: 't', Arn: arn('sqs', 'partner') };
    await clients.events.send(
      new PutTargetsCommand({ Rule: 'partner', EventBusName: source, Targets: [target] }),
    );
    const theirs = { Source: source, DetailType: 'v2.{id}', EventBusName: source };
    const answer = await putEvents(
      entry({ n: 1 }, { EventBusName: source }),
      entry({ n: 2 }, { ...theirs, EventBusName: 'bus' }),
      entry({ n: 3 }, { ...theirs, Source: `${source}-2` }),
      entry({ n: 4 }, theirs),
    );
    const notAuthorized = 'NotAuthorizedForSourceException';
    expect(answer.Entries?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      notAuthorized,
      notAuthorized,
      notAuthorized,
      undefined,
    ]);
    expect(JSON.parse((await receiveOne(url))?.Body ?? '')).toMatchObject({ source, detail: { n: 4 } });
  });

  test('rules and targets are listed, and a rule is deleted after its targets', async () => {
    await rule('brief', { source: ['x'] }, arn('sqs', 'matching'));
    const rules = await clients.events.send(
      new ListRulesCommand({ EventBusName: 'bus', NamePrefix: 'brief' }),
    );
    expect(rules.Rules?.map(({ Name }) => Name)).toEqual(['brief']);
    const targets = await clients.events.send(
      new ListTargetsByRuleCommand({ Rule: 'brief', EventBusName: 'bus' }),
    );
    expect(targets.Targets?.map(({ Id }) => Id)).toEqual(['t']);
    const remove = () => clients.events.send(new DeleteRuleCommand({ Name: 'brief', EventBusName: 'bus' }));
    await expect(remove()).rejects.toThrow('has targets');
    await clients.events.send(new RemoveTargetsCommand({ Rule: 'brief', EventBusName: 'bus', Ids: ['t'] }));
    await remove();
    await expect(
      clients.events.send(new ListTargetsByRuleCommand({ Rule: 'brief', EventBusName: 'bus' })),
    ).rejects.toThrow('does not exist');
    expect((await clients.events.send(new DescribeEventBusCommand({ Name: 'bus' }))).Arn).toBe(
      arn('events', 'event-bus/bus'),
    );
  });
});

test('a call to a service that is not there is refused by name', async () => {
  const strangers = new DynamoDBClient({ ...clientConfig(sinkUrl) });
  await expect(strangers.send(new DescribeTableCommand({ TableName: 'things' }))).rejects.toThrow(
    'no AWS service "dynamodb"',
  );
  strangers.destroy();
});

test('another endpoint may be anything but AWS', () => {
  expect(otherAws('http://127.0.0.1:4566/', 'sink').endpoints.sqs).toBe('http://127.0.0.1:4566');
  for (const host of [
    'https://sqs.eu-west-1.amazonaws.com',
    'https://AMAZONAWS.COM',
    'https://x.amazonaws.com.cn',
    'https://sqs.eu-west-1.api.aws',
  ]) {
    expect(() => otherAws(host, 'sink')).toThrow('AWS itself');
  }
  expect(otherAws('http://amazonaws.com.example.test', 'sink').description).toContain('example.test');
});
