import { startCrmEndpoint } from '@aftercall/genesys-simulator';
import type { CrmBehaviour, CrmEndpoint } from '@aftercall/genesys-simulator';
import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  CreateEventBusCommand,
  DeleteApiDestinationCommand,
  DeleteConnectionCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  UpdateApiDestinationCommand,
  UpdateConnectionCommand,
} from '@aws-sdk/client-eventbridge';
import type { Target } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Message } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createUnwinding } from '../unwinding.ts';
import { createClients, destroyClients } from './clients.ts';
import type { Clients } from './clients.ts';
import { startEmbeddedAws } from './embedded-aws.ts';
import { arn } from './identity.ts';

const unwinding = createUnwinding({ report: () => undefined });
const now = () => new Date();
let clients: Clients;
let names = 0;

beforeAll(async () => {
  const { endpoints } = await startEmbeddedAws({ unwinding, now, report: () => undefined });
  clients = createClients(endpoints);
  unwinding.add(() => destroyClients(clients));
  await clients.events.send(new CreateEventBusCommand({ Name: 'bus' }));
});
afterAll(() => unwinding.run());

const receivers: CrmEndpoint[] = [];
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((crm) => crm.close()));
});

interface RouteOptions {
  readonly behaviour?: CrmBehaviour;
  readonly callsPerSecond?: number;
  readonly target?: Partial<Target>;
}

/** A CRM, and everything that brings facts of a kind of its own to it. */
async function route({ behaviour = { behaviour: 'up' }, callsPerSecond = 300, target }: RouteOptions = {}) {
  const name = `crm-${(names += 1)}`;
  const crm = await startCrmEndpoint({ now, behaviour });
  receivers.push(crm);
  const { events, sqs } = clients;
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${name}-dead` }));
  const { ConnectionArn } = await events.send(
    new CreateConnectionCommand({
      Name: name,
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Api-Key', ApiKeyValue: 'k1' } },
    }),
  );
  const { ApiDestinationArn } = await events.send(
    new CreateApiDestinationCommand({
      Name: name,
      ConnectionArn,
      InvocationEndpoint: `${crm.url}/crm?tenant=1`,
      HttpMethod: 'POST',
      InvocationRateLimitPerSecond: callsPerSecond,
    }),
  );
  const EventPattern = JSON.stringify({ detail: { route: [name] } });
  const rule = await events.send(new PutRuleCommand({ Name: name, EventBusName: 'bus', EventPattern }));
  await events.send(
    new PutTargetsCommand({
      Rule: name,
      EventBusName: 'bus',
      Targets: [
        {
          Id: 'crm',
          Arn: ApiDestinationArn,
          RoleArn: 'arn:aws:iam::000000000000:role/crm',
          InputPath: '$.detail',
          HttpParameters: { HeaderParameters: { 'x-aftercall-fact-id': '$.detail.id' } },
          DeadLetterConfig: { Arn: arn('sqs', `${name}-dead`) },
          ...target,
        },
      ],
    }),
  );
  const publish = async (...ids: string[]): Promise<void> => {
    for (let start = 0; start < ids.length; start += 10) {
      const Entries = ids.slice(start, start + 10).map((id) => ({
        Source: 'aftercall',
        DetailType: 'fact',
        EventBusName: 'bus',
        Detail: JSON.stringify({ route: name, id, text: 'Grüße' }),
      }));
      await events.send(new PutEventsCommand({ Entries }));
    }
  };
  const deadLetters = async (count = 1) => {
    const command = new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 3,
      MessageAttributeNames: ['All'],
    });
    const messages: Message[] = [];
    while (messages.length < count) {
      const { Messages = [] } = await sqs.send(command);
      if (Messages.length === 0) break;
      messages.push(...Messages);
    }
    return messages.map(({ Body = '', MessageAttributes = {} }) => ({
      event: JSON.parse(Body) as { detail: { id: string } },
      attributes: Object.fromEntries(
        Object.entries(MessageAttributes).map(([key, { StringValue }]) => [key, StringValue]),
      ),
    }));
  };
  return { ...crm, name, publish, deadLetters, ruleArn: rule.RuleArn, destinationArn: ApiDestinationArn };
}

const ids = (count: number) => Array.from({ length: count }, (_, n) => `f${n + 1}`);
const requestsOf = ({ deliveries }: Pick<CrmEndpoint, 'deliveries'>) =>
  deliveries().flatMap(({ requests }) => requests);
const timesOf = (crm: Pick<CrmEndpoint, 'deliveries'>) =>
  requestsOf(crm)
    .map(({ receivedAt }) => Date.parse(receivedAt))
    .toSorted((a, b) => a - b);

async function until(holds: () => boolean, withinMillis = 5_000): Promise<void> {
  const started = Date.now();
  while (!holds()) {
    if (Date.now() - started > withinMillis) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const acceptedAll =
  ({ deliveries }: Pick<CrmEndpoint, 'deliveries'>, count: number) =>
  () =>
    deliveries().filter(({ accepted }) => accepted > 0).length === count;

describe('a fact for an API destination', () => {
  test('is posted with its id, the connection’s key and of the event what InputPath says', async () => {
    const crm = await route();
    await crm.publish('f1');
    await until(acceptedAll(crm, 1));
    const [delivery] = crm.deliveries();
    expect(delivery).toMatchObject({ factId: 'f1', accepted: 1, requests: [{ status: 200 }] });
    expect(JSON.parse(delivery?.requests[0]?.body ?? '')).toEqual({
      route: crm.name,
      id: 'f1',
      text: 'Grüße',
    });
    expect(delivery?.requests[0]?.headers).toMatchObject({
      'x-api-key': 'k1',
      'content-type': 'application/json; charset=utf-8',
      'user-agent': 'Amazon/EventBridge/ApiDestinations',
    });
  });

  test('without InputPath is the whole event; a path that leads nowhere gives no header', async () => {
    const HeaderParameters = {
      'x-aftercall-fact-id': '$.detail.id',
      'x-none': '$.detail.none',
      'x-fixed': 'v',
    };
    const crm = await route({ target: { InputPath: undefined, HttpParameters: { HeaderParameters } } });
    await crm.publish('f1');
    await until(acceptedAll(crm, 1));
    const [request] = requestsOf(crm);
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ source: 'aftercall', detail: { id: 'f1' } });
    expect([request?.headers['x-none'], request?.headers['x-fixed']]).toEqual([undefined, 'v']);
  });

  test('is not posted faster than the destination’s rate, however many there are', async () => {
    const crm = await route({ callsPerSecond: 20 });
    await crm.publish(...ids(30));
    await until(acceptedAll(crm, 30));
    const times = timesOf(crm);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual((29 / 20) * 1000 * 0.98);
    // Of any second; the network may bring two calls a little closer together.
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 950).length));
    expect(most).toBeLessThanOrEqual(20);
    expect(most).toBeGreaterThan(10);
  });

  test.each(['down', 'unreachable'] as const)(
    'is posted again to a receiver that is %s until it is up, under one id',
    async (behaviour) => {
      const crm = await route({ behaviour: { behaviour } });
      await crm.publish('f1', 'f2');
      await until(() => requestsOf(crm).length >= 4);
      expect(crm.deliveries().map(({ accepted }) => accepted)).toEqual([0, 0]);
      crm.setBehaviour({ behaviour: 'up' });
      await until(acceptedAll(crm, 2));
      expect(crm.deliveries().map(({ factId, accepted }) => [factId, accepted])).toEqual([
        ['f1', 1],
        ['f2', 1],
      ]);
    },
  );

  test('waits as long as a 429 asks for, and so do all others for that receiver', async () => {
    const crm = await route({ behaviour: { behaviour: 'throttled', retryAfterSeconds: 1 } });
    await crm.publish('f1');
    await until(() => requestsOf(crm)[0]?.status === 429);
    crm.setBehaviour({ behaviour: 'up' });
    await crm.publish('f2', 'f3');
    await until(acceptedAll(crm, 3));
    const [first = 0, second = 0, third, fourth, ...more] = timesOf(crm);
    expect(second - first).toBeGreaterThanOrEqual(990);
    expect([third, fourth, more].flat()).toHaveLength(2);
  });

  test('is given up by a receiver after five seconds, and posted again', async () => {
    const crm = await route({ behaviour: { behaviour: 'slow' } });
    await crm.publish('f1');
    await until(() => requestsOf(crm).length === 1);
    crm.setBehaviour({ behaviour: 'up' });
    await until(acceptedAll(crm, 1), 8_000);
    const [first = 0, second = 0] = timesOf(crm);
    expect(second - first).toBeGreaterThanOrEqual(5_000);
    expect(second - first).toBeLessThan(5_900);
    expect(crm.deliveries()).toMatchObject([
      { accepted: 1, requests: [{ status: 'none' }, { status: 200 }] },
    ]);
  });
});

describe('the dead-letter queue gets', () => {
  test('the whole event once the retries of its policy are spent, with what EventBridge says of it', async () => {
    const crm = await route({
      behaviour: { behaviour: 'down' },
      target: { RetryPolicy: { MaximumRetryAttempts: 2 } },
    });
    await crm.publish('f1');
    const [letter] = await crm.deadLetters();
    expect(requestsOf(crm)).toHaveLength(3);
    expect(letter?.event).toMatchObject({ source: 'aftercall', 'detail-type': 'fact', detail: { id: 'f1' } });
    expect(letter?.attributes).toEqual({
      RULE_ARN: crm.ruleArn,
      TARGET_ARN: crm.destinationArn,
      ERROR_CODE: 'SDK_CLIENT_ERROR',
      ERROR_MESSAGE: 'Unable to invoke ApiDestination endpoint: the endpoint answered 503',
      RETRY_ATTEMPTS: '2',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
    });
  });

  test('at once what the receiver rejects', async () => {
    const crm = await route({ behaviour: { behaviour: 'rejecting' } });
    await crm.publish('f1', 'f2');
    const letters = await crm.deadLetters(2);
    expect(letters.map(({ event }) => event.detail.id)).toEqual(['f1', 'f2']);
    expect(letters[0]?.attributes).toMatchObject({ RETRY_ATTEMPTS: '0' });
    expect(letters[0]?.attributes).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
    expect(requestsOf(crm)).toHaveLength(2);
  });

  test('at once what a receiver asks never to get again, by a negative Retry-After', async () => {
    const crm = await route({ behaviour: { behaviour: 'throttled', retryAfterSeconds: -1 } });
    await crm.publish('f1');
    expect(await crm.deadLetters()).toHaveLength(1);
    expect(requestsOf(crm)).toHaveLength(1);
  });

  test('what is for a destination that is deleted', async () => {
    const crm = await route();
    await clients.events.send(new DeleteApiDestinationCommand({ Name: crm.name }));
    await crm.publish('f1');
    expect((await crm.deadLetters())[0]?.attributes).toMatchObject({ ERROR_CODE: 'NO_RESOURCE' });
  });
});

describe('connections and API destinations', () => {
  test('new credentials and a new endpoint hold for whatever still waits', async () => {
    const crm = await route({ callsPerSecond: 2 });
    const other = await route();
    await crm.publish('f1', 'f2');
    await until(acceptedAll(crm, 1));
    await clients.events.send(
      new UpdateConnectionCommand({
        Name: crm.name,
        AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Api-Key', ApiKeyValue: 'k2' } },
      }),
    );
    await clients.events.send(
      new UpdateApiDestinationCommand({ Name: crm.name, InvocationEndpoint: `${other.url}/new` }),
    );
    await until(acceptedAll(other, 1));
    expect(other.deliveries()).toMatchObject([
      { factId: 'f2', requests: [{ path: '/new', headers: { 'x-api-key': 'k2' } }] },
    ]);
    expect(crm.deliveries()).toHaveLength(1);
  });

  test('are described and listed without any credentials', async () => {
    const { name, url } = await route();
    const connection = await clients.events.send(new DescribeConnectionCommand({ Name: name }));
    expect(connection).toMatchObject({
      Name: name,
      ConnectionState: 'AUTHORIZED',
      AuthorizationType: 'API_KEY',
      AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Api-Key' } },
      CreationTime: expect.any(Date),
    });
    expect(JSON.stringify(connection)).not.toContain('k1');
    const destination = await clients.events.send(new DescribeApiDestinationCommand({ Name: name }));
    expect(destination).toMatchObject({
      ApiDestinationArn: expect.stringMatching(new RegExp(`:api-destination/${name}/[0-9a-f-]{36}$`)),
      ApiDestinationState: 'ACTIVE',
      ConnectionArn: connection.ConnectionArn,
      InvocationEndpoint: `${url}/crm?tenant=1`,
      InvocationRateLimitPerSecond: 300,
    });
    const { Connections = [] } = await clients.events.send(new ListConnectionsCommand());
    const { ApiDestinations = [] } = await clients.events.send(new ListApiDestinationsCommand());
    expect(Connections.map((one) => one.Name)).toContain(name);
    expect(ApiDestinations.map((one) => one.Name)).toContain(name);
    await clients.events.send(new DeleteConnectionCommand({ Name: name }));
    await expect(clients.events.send(new DescribeConnectionCommand({ Name: name }))).rejects.toThrow(
      'does not exist',
    );
  });

  test('basic authorization and parameters of the connection are sent, above those of the target', async () => {
    const crm = await route({
      target: {
        HttpParameters: {
          HeaderParameters: { 'x-aftercall-fact-id': '$.detail.id', 'X-Team': 'target' },
          QueryStringParameters: { id: '$.detail.id' },
        },
      },
    });
    await clients.events.send(
      new UpdateConnectionCommand({
        Name: crm.name,
        AuthorizationType: 'BASIC',
        AuthParameters: {
          BasicAuthParameters: { Username: 'u', Password: 'p' },
          InvocationHttpParameters: { HeaderParameters: [{ Key: 'x-team', Value: 'connection' }] },
        },
      }),
    );
    await crm.publish('f1');
    await until(acceptedAll(crm, 1));
    expect(requestsOf(crm)[0]?.headers).toMatchObject({
      authorization: 'Basic dTpw',
      'x-team': 'connection',
    });
    expect(requestsOf(crm)[0]?.headers).not.toHaveProperty('x-api-key');
    expect(requestsOf(crm)[0]?.path).toBe('/crm?tenant=1&id=f1');
  });

  test.each([
    [{ InvocationEndpoint: 'http://crm.example.com/' }, 'must begin with https://'],
    [{ InvocationEndpoint: 'https://10.0.0.1/' }, 'IP address'],
    [{ InvocationEndpoint: 'https://crm.example.com/*' }, 'path parameters'],
    [{ HttpMethod: 'OPTIONS' as const }, 'HttpMethod'],
    [{ InvocationRateLimitPerSecond: 301 }, 'InvocationRateLimitPerSecond'],
    [{ ConnectionArn: 'arn:aws:events:r:0:connection/x/y' }, 'does not exist'],
  ])('an API destination with %j is refused', async (change, message) => {
    const { name } = await route();
    await expect(
      clients.events.send(new UpdateApiDestinationCommand({ Name: name, ...change })),
    ).rejects.toThrow(message);
  });

  test('what is there already, or of a kind that is not known here, is refused', async () => {
    const { name } = await route();
    const create = (more: object) =>
      clients.events.send(
        new CreateConnectionCommand({
          Name: 'new',
          AuthorizationType: 'API_KEY',
          AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'k', ApiKeyValue: 'v' } },
          ...more,
        }),
      );
    await expect(create({ Name: name })).rejects.toThrow(
      expect.objectContaining({ name: 'ResourceAlreadyExistsException' }),
    );
    await expect(create({ AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS' })).rejects.toThrow(
      'API_KEY and BASIC',
    );
    await expect(create({ AuthParameters: {} })).rejects.toThrow('ApiKeyAuthParameters');
    await expect(create({ Name: 'a b' })).rejects.toThrow('name');
  });

  test.each([
    [{ RoleArn: undefined }, 'RoleArn is required'],
    [{ InputPath: '$..id' }, 'not a JSON path'],
    [{ HttpParameters: { HeaderParameters: { x: '$.a[*]' } } }, 'not a JSON path'],
    [{ HttpParameters: { PathParameterValues: ['x'] } }, 'PathParameterValues'],
    [{ InputTransformer: { InputTemplate: 'x' } }, 'InputTransformer'],
    [{ DeadLetterConfig: { Arn: arn('sqs', 'dead.fifo') } }, 'FIFO'],
    [{ RetryPolicy: { MaximumRetryAttempts: 186 } }, 'MaximumRetryAttempts'],
    [{ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }, 'MaximumEventAgeInSeconds'],
  ])('a target with %j is refused', async (target, message) => {
    await expect(route({ target })).rejects.toThrow(message);
  });
});
