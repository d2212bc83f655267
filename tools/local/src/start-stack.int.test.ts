import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import {
  DescribeApiDestinationCommand,
  DescribeRuleCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { GetSecretValueCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { crmEndpointAt, startCrmEndpoint } from '@aftercall/genesys-simulator';
import type { PlatformClient } from '@aftercall/genesys-simulator';
import { APP_NAMES } from '@aftercall/infra';
import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { clientConfig, createClients, destroyClients } from './aws/clients.ts';
import type { Clients } from './aws/clients.ts';
import { startEmbeddedAws } from './aws/embedded-aws.ts';
import { listenOnLoopback } from './aws/listen.ts';
import { readLocalJson } from './local-json.ts';
import { fixtureBundle, temporaryFolder } from './runtime/fixture-function.ts';
import { startStack } from './start-stack.ts';
import type { Stack, StackOptions } from './start-stack.ts';
import { createUnwinding } from './unwinding.ts';

const stacks: Stack[] = [];
const clientsMade: Clients[] = [];
afterEach(async () => {
  await Promise.all(stacks.splice(0).map((stack) => stack.stop()));
  clientsMade.splice(0).forEach(destroyClients);
});

const SDK = new URL('../../../node_modules/@aws-sdk/client-sqs/dist-cjs/index.js', import.meta.url).href;

/** Puts the body of each request on the queue; knows its sources. */
const INGEST = fixtureBundle(
  `if (event.requestContext.http.method !== 'POST') return { statusCode: 405 };
   const source = JSON.parse(process.env.SOURCES).find(({ key }) => key === event.pathParameters.source);
   if (!source) return { statusCode: 404 };
   console.log(JSON.stringify({ level: 30, msg: 'delivery', source: source.key }));
   await sqs.send(new SendMessageCommand({ QueueUrl: process.env.EVENTS_QUEUE_URL, MessageBody: event.body, MessageGroupId: 'g', MessageDeduplicationId: event.requestContext.requestId }));
   return { statusCode: 200, body: JSON.stringify({ status: 'accepted' }) };`,
  `import sdk from '${SDK}'; const { SQSClient, SendMessageCommand } = sdk; const sqs = new SQSClient();`,
);
/** Publishes a fact per message with nothing but fetch. */
const PROCESSOR = fixtureBundle(
  `for (const record of event.Records) {
     const entries = [{ Source: 'aftercall', DetailType: 'done', EventBusName: process.env.BUS_NAME, Detail: JSON.stringify({ body: record.body, group: record.attributes.MessageGroupId }) }];
     const answer = await fetch(process.env.AWS_ENDPOINT_URL_EVENTBRIDGE, { method: 'POST', headers: { 'x-amz-target': 'AWSEvents.PutEvents' }, body: JSON.stringify({ Entries: entries }) });
     if ((await answer.json()).FailedEntryCount !== 0) throw new Error('not published');
   }
   return { batchItemFailures: [] };`,
);

const SOURCES = JSON.stringify([
  { key: 'main', scheme: 'genesys-webhook', secretName: 'aftercall/local/sources/main' },
  { key: 'relay', scheme: 'standard-webhooks', secretName: 'aftercall/local/sources/relay' },
]);

const FOUNDATION = {
  provider: { aws: [{ region: 'eu-west-1' }] },
  data: { aws_caller_identity: { me: {} } },
  resource: {
    aws_sqs_queue: {
      events: {
        name: 'aftercall-local-events.fifo',
        fifo_queue: true,
        visibility_timeout_seconds: 5,
        redrive_policy: '{"deadLetterTargetArn":"${aws_sqs_queue.dead.arn}","maxReceiveCount":1000}',
      },
      dead: { name: 'aftercall-local-events-dead.fifo', fifo_queue: true },
      lake: { name: 'aftercall-local-lake' },
    },
    aws_sqs_queue_policy: {
      events: {
        queue_url: '${aws_sqs_queue.events.url}',
        policy: '{"a":"${data.aws_caller_identity.me.account_id}"}',
      },
    },
    aws_dynamodb_table: {
      ledger: {
        name: 'aftercall-local-ledger',
        hash_key: 'pk',
        attribute: [
          { name: 'pk', type: 'S' },
          { name: 'kind', type: 'S' },
        ],
        ttl: { attribute_name: 'expiresAt', enabled: true },
        global_secondary_index: [
          { name: 'by-kind', hash_key: 'kind', range_key: 'pk', projection_type: 'ALL' },
        ],
      },
    },
    aws_s3_bucket: { lake: { bucket: 'aftercall-local-lake' } },
    aws_s3_bucket_public_access_block: { lake: { bucket: '${aws_s3_bucket.lake.id}' } },
    aws_cloudwatch_event_bus: { bus: { name: 'aftercall' } },
    aws_cloudwatch_event_rule: {
      done: {
        name: 'done',
        event_bus_name: '${aws_cloudwatch_event_bus.bus.name}',
        event_pattern: '{"detail-type":["done"]}',
      },
    },
    aws_cloudwatch_event_target: {
      done: {
        rule: '${aws_cloudwatch_event_rule.done.name}',
        event_bus_name: 'aftercall',
        arn: '${aws_sqs_queue.lake.arn}',
      },
    },
    aws_secretsmanager_secret: {
      main: { name: 'aftercall/local/sources/main' },
      relay: { name: 'aftercall/local/sources/relay' },
      sealing: { name: 'aftercall/local/sealing' },
    },
    aws_ssm_parameter: { circuit: { name: '/aftercall/local/circuit', type: 'String', value: '{}' } },
  },
};

const functionOf = (name: string, variables: object) => ({
  function_name: `aftercall-local-${name}`,
  handler: 'main.handler',
  role: '${aws_iam_role.role.arn}',
  timeout: 3,
  memory_size: 256,
  environment: { variables },
});

const INGEST_STACK = {
  data: { aws_sqs_queue: { events: { name: 'aftercall-local-events.fifo' } } },
  resource: {
    aws_iam_role: { role: { name: 'ingest' } },
    aws_cloudwatch_log_group: { log: { name: '/aws/lambda/ingest' } },
    aws_lambda_function: {
      ingest: functionOf('ingest', { EVENTS_QUEUE_URL: '${data.aws_sqs_queue.events.url}', SOURCES }),
    },
    aws_apigatewayv2_api: { api: { name: 'webhooks', protocol_type: 'HTTP' } },
    aws_apigatewayv2_integration: {
      i: {
        api_id: '${aws_apigatewayv2_api.api.id}',
        integration_uri: '${aws_lambda_function.ingest.invoke_arn}',
        payload_format_version: '2.0',
        timeout_milliseconds: 2900,
      },
    },
    aws_apigatewayv2_route: {
      post: {
        api_id: '${aws_apigatewayv2_api.api.id}',
        route_key: 'POST /webhooks/{source}',
        target: 'integrations/${aws_apigatewayv2_integration.i.id}',
      },
      any: {
        api_id: '${aws_apigatewayv2_api.api.id}',
        route_key: 'ANY /webhooks/{source}',
        target: 'integrations/${aws_apigatewayv2_integration.i.id}',
      },
    },
    aws_apigatewayv2_stage: { stage: { api_id: '${aws_apigatewayv2_api.api.id}', name: '$default' } },
    aws_lambda_permission: {
      api: {
        function_name: '${aws_lambda_function.ingest.function_name}',
        source_arn: '${aws_apigatewayv2_api.api.execution_arn}/*',
      },
    },
  },
};

const PROCESSOR_STACK = {
  data: {
    aws_sqs_queue: { events: { name: 'aftercall-local-events.fifo' } },
    aws_cloudwatch_event_bus: { bus: { name: 'aftercall' } },
  },
  resource: {
    aws_iam_role: { role: { name: 'processor' } },
    aws_lambda_function: {
      processor: functionOf('processor', {
        BUS_NAME: '${data.aws_cloudwatch_event_bus.bus.name}',
        SOURCES: '[{"key":"main"}]',
      }),
    },
    aws_lambda_event_source_mapping: {
      events: {
        event_source_arn: '${data.aws_sqs_queue.events.arn}',
        function_name: '${aws_lambda_function.processor.arn}',
        batch_size: 10,
        function_response_types: ['ReportBatchItemFailures'],
        scaling_config: { maximum_concurrency: 2 },
      },
    },
  },
};

function terraform(more: Readonly<Record<string, object>> = {}): string {
  const directory = temporaryFolder();
  const all = { foundation: FOUNDATION, ingest: INGEST_STACK, processor: PROCESSOR_STACK, ...more };
  for (const [stack, json] of Object.entries(all)) {
    mkdirSync(join(directory, 'stacks', stack), { recursive: true });
    writeFileSync(join(directory, 'stacks', stack, 'cdk.tf.json'), JSON.stringify(json));
  }
  return directory;
}

async function start(options: Partial<StackOptions> = {}): Promise<Stack> {
  const stack = await startStack({
    directory: temporaryFolder(),
    terraformDirectory: terraform(),
    apps: { ingest: INGEST, processor: PROCESSOR },
    ...options,
  });
  stacks.push(stack);
  return stack;
}

function clientsOf(stack: Stack): Clients {
  const clients = createClients(stack.local.aws.endpoints);
  clientsMade.push(clients);
  return clients;
}

const deliver = (stack: Stack, source: string, body = '{"n":1}') =>
  fetch(`${stack.local.http}/webhooks/${source}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

async function factOf(stack: Stack): Promise<{ detail: unknown } | undefined> {
  const { Messages: messages = [] } = await clientsOf(stack).sqs.send(
    new ReceiveMessageCommand({ QueueUrl: stack.local.resources.queueUrls['lake'], WaitTimeSeconds: 10 }),
  );
  return messages[0]?.Body === undefined ? undefined : (JSON.parse(messages[0].Body) as { detail: unknown });
}

describe('a stack', () => {
  test('carries a request from the way in through queue, functions and bus to the last queue', async () => {
    const stack = await start();
    const answer = await deliver(stack, 'main', '{"n":"👍"}');
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'accepted' }]);
    expect(await factOf(stack)).toMatchObject({
      source: 'aftercall',
      'detail-type': 'done',
      detail: { body: '{"n":"👍"}', group: 'g' },
    });
    expect((await fetch(`${stack.local.http}/webhooks/main`)).status).toBe(405);
    expect((await deliver(stack, 'unknown')).status).toBe(404);
    expect((await fetch(`${stack.local.http}/`)).status).toBe(404);
    expect(readFileSync(join(stack.logsDirectory, 'ingest.ndjson'), 'utf8')).toContain('"source":"main"');
  });

  test('says in local.json all that tools need, and removes it when it stops', async () => {
    const directory = temporaryFolder();
    const stack = await start({ directory });
    const local = readLocalJson(directory);
    expect(local).toEqual(stack.local);
    expect(local).toMatchObject({
      pid: process.pid,
      aws: { region: 'eu-west-1', accessKeyId: 'local', secretAccessKey: 'local' },
      resources: {
        eventsQueueUrl: `${local?.aws.endpoints.sqs}/000000000000/aftercall-local-events.fifo`,
        ledgerTable: 'aftercall-local-ledger',
        lakeBucket: 'aftercall-local-lake',
        busName: 'aftercall',
      },
    });
    await stack.stop();
    await stack.stopped;
    expect(readLocalJson(directory)).toBeUndefined();
    for (const url of [stack.local.http, stack.local.control, ...Object.values(stack.local.aws.endpoints)]) {
      await expect(fetch(url)).rejects.toThrow();
    }
  });

  test('makes tables, parameters and secrets with values of the form that each needs', async () => {
    const stack = await start();
    const { secrets, dynamodb, ssm } = clientsOf(stack);
    const secret = async (SecretId: string) =>
      (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString ?? '';
    const [main, relay] = stack.local.sources;
    expect(main).toEqual({
      key: 'main',
      scheme: 'genesys-webhook',
      url: `${stack.local.http}/webhooks/main`,
      secret: await secret('aftercall/local/sources/main'),
    });
    expect(main?.secret).toMatch(/^[0-9a-f]{64}$/);
    expect(relay?.secret).toMatch(/^whsec_/);
    expect(Buffer.from(relay?.secret.slice(6) ?? '', 'base64')).toHaveLength(32);
    const keyring = JSON.parse(await secret('aftercall/local/sealing')) as {
      current: string;
      keys: Record<string, { key: string }>;
    };
    expect(Buffer.from(keyring.keys[keyring.current]?.key ?? '', 'base64')).toHaveLength(32);
    await dynamodb.send(
      new PutItemCommand({ TableName: 'aftercall-local-ledger', Item: { pk: { S: 'a' } } }),
    );
    expect(
      (
        await dynamodb.send(
          new GetItemCommand({ TableName: 'aftercall-local-ledger', Key: { pk: { S: 'a' } } }),
        )
      ).Item,
    ).toEqual({ pk: { S: 'a' } });
    expect(
      (await ssm.send(new GetParameterCommand({ Name: '/aftercall/local/circuit' }))).Parameter?.Value,
    ).toBe('{}');
  });

  test('lets its functions see other variables and a new bundle', async () => {
    const stack = await start({
      environment: ({ app }, endpoints) => (app === 'ingest' ? { SOURCES: '[]', SEEN: endpoints.sqs } : {}),
    });
    expect((await deliver(stack, 'main')).status).toBe(404);
    writeFileSync(INGEST.replace('main.mjs', 'copy.mjs'), readFileSync(INGEST));
    const own = fixtureBundle('return { statusCode: 200, body: "old" };');
    const other = await start({ apps: { ingest: own, processor: PROCESSOR } });
    expect(await (await deliver(other, 'main')).text()).toBe('old');
    writeFileSync(own, 'export const handler = async () => ({ statusCode: 200, body: "new" });');
    expect(await other.reload('ingest')).toBeUndefined();
    expect(await (await deliver(other, 'main')).text()).toBe('new');
    writeFileSync(own, 'throw new Error("bad environment: X");');
    expect(await other.reload('ingest')).toBe('bad environment: X');
  });
});

describe('Lambda', () => {
  const lambdaOf = (stack: Stack) =>
    new LambdaClient(clientConfig(stack.local.aws.endpoints.lambda ?? 'http://127.0.0.1:9'));
  const FunctionName = 'aftercall-local-ingest';

  test('gives a function other variables, and calls see them once the alias points to them', async () => {
    const own = fixtureBundle(
      'return { statusCode: 200, body: `${process.env.X} ${process.env.AWS_REGION}` };',
    );
    const stack = await start({ apps: { ingest: own, processor: PROCESSOR } });
    const lambda = lambdaOf(stack);
    expect(await (await deliver(stack, 'main')).text()).toBe('undefined eu-west-1');
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(Object.keys(Environment?.Variables ?? {}).toSorted()).toEqual(['EVENTS_QUEUE_URL', 'SOURCES']);
    const Variables = { ...Environment?.Variables, X: '1' };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    const { Version } = await lambda.send(new PublishVersionCommand({ FunctionName }));
    expect(await (await deliver(stack, 'main')).text()).toBe('undefined eu-west-1');
    const pointTo = (FunctionVersion?: string) =>
      lambda.send(new UpdateAliasCommand({ FunctionName, Name: 'live', FunctionVersion }));
    await pointTo(Version);
    expect(await (await deliver(stack, 'main')).text()).toBe('1 eu-west-1');
    await expect(pointTo('2')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    lambda.destroy();
  });

  test('knows no other function, and changes nothing else', async () => {
    const lambda = lambdaOf(await start());
    await expect(
      lambda.send(new GetFunctionConfigurationCommand({ FunctionName: 'other' })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, MemorySize: 256 })),
    ).rejects.toThrow('changes no MemorySize');
    lambda.destroy();
  });
});

describe('a secret that a function rotates', () => {
  const rotation = (permissions: object) => ({
    data: { aws_secretsmanager_secret: { sealing: { name: 'aftercall/local/sealing' } } },
    resource: {
      aws_iam_role: { role: { name: 'rotator' } },
      aws_lambda_function: { rotator: functionOf('secret-rotator', {}) },
      aws_lambda_permission: permissions,
      aws_secretsmanager_secret_rotation: {
        sealing: {
          secret_id: '${data.aws_secretsmanager_secret.sealing.id}',
          rotation_lambda_arn: '${aws_lambda_function.rotator.arn}',
          rotate_immediately: false,
          rotation_rules: { automatically_after_days: 30 },
        },
      },
    },
  });
  const permission = (SourceArn: string) => ({
    sealing: {
      function_name: '${aws_lambda_function.rotator.function_name}',
      principal: 'secretsmanager.amazonaws.com',
      source_arn: SourceArn,
    },
  });
  const SecretId = 'aftercall/local/sealing';

  async function rotated(permissions: object): Promise<readonly string[]> {
    const printed: string[] = [];
    const rotator = fixtureBundle(
      'console.log(`asked to ${event.Step}`); if (event.Step === "testSecret") throw new Error("no");',
    );
    const stack = await start({
      terraformDirectory: terraform({ rotator: rotation(permissions) }),
      apps: { ingest: INGEST, processor: PROCESSOR, 'secret-rotator': rotator },
      print: (line) => printed.push(line),
    });
    expect(stack.summary.unknownTypes).toEqual([]);
    await clientsOf(stack).secrets.send(new RotateSecretCommand({ SecretId }));
    await until(() => printed.some((line) => line.includes('rotation of')));
    return printed;
  }

  test('is rotated by that function when it lets Secrets Manager call it for this secret', async () => {
    const printed = (await rotated(permission('${data.aws_secretsmanager_secret.sealing.arn}'))).join('\n');
    for (const step of ['createSecret', 'setSecret', 'testSecret'])
      expect(printed).toContain(`asked to ${step}`);
    expect(printed).toContain('failed at testSecret: Error: Error: no');
  });

  test.each([{}, permission('arn:aws:secretsmanager:eu-west-1:000000000000:secret:another')])(
    'and not otherwise: %j',
    async (permissions) => {
      const printed = (await rotated(permissions)).join('\n');
      expect(printed).toContain('failed at createSecret');
      expect(printed).toContain('may not invoke aftercall-local-secret-rotator');
    },
  );
});

/** A rule set, and all it takes to post events to a CRM. */
const crmStack = (endpoint: string) => ({
  resource: {
    aws_sqs_queue: { dead: { name: 'aftercall-local-crm-dead' } },
    aws_s3_bucket: { config: { bucket: 'aftercall-local-config' } },
    aws_s3_bucket_versioning: {
      config: { bucket: '${aws_s3_bucket.config.id}', versioning_configuration: { status: 'Enabled' } },
    },
    aws_s3_object: {
      rules: {
        bucket: '${aws_s3_bucket.config.id}',
        key: 'compliance/rules.json',
        content: '{"rules":[]}',
        content_type: 'application/json',
        depends_on: ['aws_s3_bucket_versioning.config'],
      },
    },
    aws_cloudwatch_event_connection: {
      crm: {
        name: 'aftercall-local-crm',
        authorization_type: 'API_KEY',
        auth_parameters: { api_key: { key: 'x-api-key', value: 'set-outside-terraform' } },
        lifecycle: { ignore_changes: 'all' },
      },
    },
    aws_cloudwatch_event_api_destination: {
      crm: {
        name: 'aftercall-local-crm',
        invocation_endpoint: endpoint,
        http_method: 'POST',
        invocation_rate_limit_per_second: 50,
        connection_arn: '${aws_cloudwatch_event_connection.crm.arn}',
      },
    },
    aws_cloudwatch_event_rule: {
      crm: { name: 'crm', event_bus_name: 'aftercall', event_pattern: '{"source":["aftercall"]}' },
    },
    aws_iam_role: { crm: { name: 'crm' } },
    aws_cloudwatch_event_target: {
      crm: {
        rule: '${aws_cloudwatch_event_rule.crm.name}',
        event_bus_name: 'aftercall',
        target_id: 'crm',
        arn: '${aws_cloudwatch_event_api_destination.crm.arn}',
        role_arn: '${aws_iam_role.crm.arn}',
        input_path: '$.detail',
        http_target: { header_parameters: { 'x-aftercall-fact-id': '$.detail.id' } },
        retry_policy: { maximum_event_age_in_seconds: 86400, maximum_retry_attempts: 0 },
        dead_letter_config: { arn: '${aws_sqs_queue.dead.arn}' },
      },
    },
  },
});

const PARTNER_BUS = 'aws.partner/genesys.com/cloud/5d32fe61-985f-44e7-aa09-5ee82bb29976/postcall';

/** A partner's bus, and a queue that gets what is on it, and something else every day. */
const PARTNER_STACK = {
  resource: {
    aws_sqs_queue: { inbox: { name: 'aftercall-local-partner-inbox' } },
    aws_cloudwatch_event_bus: { partner: { name: PARTNER_BUS, event_source_name: PARTNER_BUS } },
    aws_cloudwatch_event_rule: {
      partner: {
        name: 'partner',
        event_bus_name: '${aws_cloudwatch_event_bus.partner.name}',
        event_pattern: JSON.stringify({ source: [PARTNER_BUS] }),
      },
      daily: { name: 'daily', schedule_expression: 'rate(1 day)' },
    },
    aws_cloudwatch_event_target: {
      partner: {
        rule: '${aws_cloudwatch_event_rule.partner.name}',
        event_bus_name: '${aws_cloudwatch_event_bus.partner.name}',
        arn: '${aws_sqs_queue.inbox.arn}',
      },
      daily: {
        rule: '${aws_cloudwatch_event_rule.daily.name}',
        arn: '${aws_sqs_queue.inbox.arn}',
        input: '{"kind":"daily"}',
      },
    },
  },
};

/** An outcome for the bus of stage local, with as much in it as its rules look at. */
const outcomeEvent = (id: string, violations: number) => ({
  Source: 'aftercall',
  DetailType: 'aftercall.outcome.recorded',
  EventBusName: 'aftercall',
  Detail: JSON.stringify({
    id,
    type: 'aftercall.outcome.recorded',
    data: { violation_count: violations, has_transcript: false },
  }),
});

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const started = Date.now();
  while (!(await holds())) {
    if (Date.now() - started > 10_000) throw new Error('it did not happen within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('what an outcome comes to', () => {
  test('is posted to the CRM that Terraform names, and a rule set is an object with its type', async () => {
    const crm = await startCrmEndpoint({ now: () => new Date() });
    try {
      const stack = await start({ terraformDirectory: terraform({ crm: crmStack(`${crm.url}/crm`) }) });
      const { events, s3 } = clientsOf(stack);
      await events.send(new PutEventsCommand({ Entries: [outcomeEvent('f1', 0)] }));
      await until(() => crm.deliveries()[0]?.accepted === 1);
      expect(crm.deliveries()).toMatchObject([
        { factId: 'f1', requests: [{ headers: { 'x-api-key': 'set-outside-terraform' } }] },
      ]);
      crm.setBehaviour({ behaviour: 'down' });
      await events.send(new PutEventsCommand({ Entries: [outcomeEvent('f2', 0)] }));
      const QueueUrl = stack.local.resources.deadLetterQueueUrls['crm'];
      const { Messages } = await clientsOf(stack).sqs.send(
        new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }),
      );
      expect(Messages?.[0]?.Body).toContain('"f2"');
      const rules = await s3.send(
        new GetObjectCommand({ Bucket: stack.local.resources.configBucket, Key: 'compliance/rules.json' }),
      );
      expect([rules.ContentType, await rules.Body?.transformToString()]).toEqual([
        'application/json',
        '{"rules":[]}',
      ]);
      expect(stack.summary.unknownTypes).toEqual([]);
      expect(stack.summary.counts).toMatchObject({ 'API destinations': 1, rules: 2 });
    } finally {
      await crm.close();
    }
  });

  test('on stage local, as it is synthesised: the stack makes all of it, its own CRM among it', async () => {
    const consumer = fixtureBundle(
      `console.log(JSON.stringify({ level: 30, bodies: event.Records?.map(({ body }) => JSON.parse(body).detail?.id) }));
       return { batchItemFailures: [] };`,
    );
    const directory = temporaryFolder();
    const stack = await startStack({
      directory,
      apps: Object.fromEntries(APP_NAMES.map((app) => [app, consumer])),
    });
    stacks.push(stack);
    expect(stack.summary.unknownTypes).toEqual([]);
    expect([...stack.apps].toSorted()).toEqual([...APP_NAMES].toSorted());
    const { resources, crm } = readLocalJson(directory) ?? stack.local;
    const queues = ['compliance', 'lake', 'partner-inbox', 'transcript', 'backfill'];
    expect(Object.keys(resources.queueUrls)).toEqual(expect.arrayContaining(queues));
    expect(Object.keys(resources.deadLetterQueueUrls)).toEqual(
      expect.arrayContaining([...queues, 'crm', 'qa-default']),
    );
    expect(resources).toMatchObject({
      busName: 'aftercall',
      transcriptsTable: 'aftercall-local-transcripts',
      backfillTable: 'aftercall-local-backfill',
      partner: [{ key: 'partner' }, { key: 'partner-test' }],
    });
    expect(resources.qaQueueUrls).toHaveProperty('default', expect.stringMatching(/-qa-default\.fifo$/));

    const { events } = clientsOf(stack);
    await events.send(new PutEventsCommand({ Entries: [outcomeEvent('calm', 0), outcomeEvent('bad', 2)] }));
    const remote = crmEndpointAt(crm.url);
    const logOf = (app: string) => readFileSync(join(stack.logsDirectory, `${app}.ndjson`), 'utf8');
    await until(
      async () => (await remote.deliveries()).filter(({ accepted }) => accepted === 1).length === 2,
    );
    await until(() => logOf('lake-writer').includes('bad') && logOf('compliance-router').includes('bad'));
    expect(logOf('lake-writer')).toContain('calm');
    expect(logOf('compliance-router')).not.toContain('calm');

    await partnerEventsReachTheInbox(stack);
    await platformApiAnswers(stack);
    const daily = new DescribeRuleCommand({ Name: 'aftercall-local-backfill-daily' });
    expect(await events.send(daily)).toMatchObject({ ScheduleExpression: 'rate(1 day)', State: 'ENABLED' });
  });

  /** As the organisation's integration puts them there; the inbox's consumer logs the ids. */
  async function partnerEventsReachTheInbox(stack: Stack): Promise<void> {
    const detailType = 'v2.detail.events.conversation.{id}.customer.end';
    const entry = (bus: string, id: string, DetailType = detailType) => ({
      EventBusName: bus,
      Source: bus,
      DetailType,
      Detail: JSON.stringify({ id }),
    });
    const [real, published] = stack.local.resources.partner.map(({ busName }) => busName);
    const Entries = [
      entry(real ?? '', 'from-genesys'),
      entry(real ?? '', 'of-no-use', 'v2.users.{id}.presence'),
      entry(published ?? '', 'from-an-example'),
    ];
    expect(await clientsOf(stack).events.send(new PutEventsCommand({ Entries }))).toMatchObject({
      FailedEntryCount: 0,
    });
    const log = () => readFileSync(join(stack.logsDirectory, 'partner-ingest.ndjson'), 'utf8');
    await until(() => log().includes('from-genesys') && log().includes('from-an-example'));
    expect(log()).not.toContain('of-no-use');
  }

  /** With the OAuth client that the function is given, at the address that it is given. */
  async function platformApiAnswers(stack: Stack): Promise<void> {
    const terraform = join(stack.logsDirectory, '../terraform/stacks/transcript-fetcher/cdk.tf.json');
    expect(readFileSync(terraform, 'utf8')).toContain(stack.local.genesys.api);
    const SecretId = 'aftercall/local/genesys/main/transcript-fetcher';
    const secret = await clientsOf(stack).secrets.send(new GetSecretValueCommand({ SecretId }));
    const { clientId, clientSecret } = JSON.parse(secret.SecretString ?? '') as PlatformClient;
    const login = await fetch(`${stack.local.genesys.login}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token } = (await login.json()) as { access_token: string };
    const metrics = await fetch(
      `${stack.local.genesys.api}/api/v2/speechandtextanalytics/conversations/7a6e0000-0000-4000-8000-000000000001`,
      { headers: { authorization: `Bearer ${token}` } },
    );
    expect([login.status, metrics.status]).toEqual([200, 200]);
  }
});

describe('control', () => {
  const send = async (stack: Stack, method: string, path: string, body?: object | string) => {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const answer = await fetch(`${stack.local.control}${path}`, {
      method,
      ...(text !== undefined && { body: text }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  test('adds a source that works at once and stays in local.json', async () => {
    const directory = temporaryFolder();
    const stack = await start({ directory });
    expect((await deliver(stack, 'extra')).status).toBe(404);
    const made = await send(stack, 'POST', '/sources', { key: 'extra', scheme: 'standard-webhooks' });
    expect(made).toMatchObject({
      status: 201,
      body: {
        key: 'extra',
        url: `${stack.local.http}/webhooks/extra`,
        secret: expect.stringMatching(/^whsec_/),
      },
    });
    expect((await deliver(stack, 'extra')).status).toBe(200);
    expect((await send(stack, 'GET', '/sources')).body).toEqual(readLocalJson(directory)?.sources);
    expect(readLocalJson(directory)?.sources.map(({ key }) => key)).toEqual(['main', 'relay', 'extra']);
    const { secrets } = clientsOf(stack);
    expect(
      (await secrets.send(new GetSecretValueCommand({ SecretId: 'aftercall/local/sources/extra' })))
        .SecretString,
    ).toBe(made.body['secret']);
  });

  test.each([
    [{ key: 'main', scheme: 'genesys-webhook' }, 'already'],
    [{ key: 'Bad Key', scheme: 'genesys-webhook' }, 'key:'],
    [{ key: 'x', scheme: 'md5' }, 'scheme:'],
    [{ key: 'x' }, 'scheme:'],
    ['no json', 'JSON object'],
    ['null', 'JSON object'],
  ])('refuses %j and says why', async (body, message) => {
    const answer = await send(await start(), 'POST', '/sources', body);
    expect(answer).toEqual({ status: 400, body: { error: expect.stringContaining(message) } });
  });

  test('stops the stack, but not for a web page', async () => {
    const stack = await start();
    const page = await fetch(`${stack.local.control}/stop`, {
      method: 'POST',
      headers: { origin: 'http://example.test' },
    });
    expect(page.status).toBe(403);
    const rebound = await new Promise<number>((resolve) => {
      request(`${stack.local.control}/sources`, { headers: { host: 'example.test' } }, ({ statusCode = 0 }) =>
        resolve(statusCode),
      ).end();
    });
    expect(rebound).toBe(403);
    expect((await send(stack, 'POST', '/elsewhere')).status).toBe(404);
    expect(await send(stack, 'POST', '/stop')).toEqual({
      status: 202,
      body: { pid: process.pid, status: 'stopping' },
    });
    await stack.stopped;
    await expect(fetch(stack.local.http)).rejects.toThrow();
  });
});

describe('what cannot be', () => {
  const children = (): string => {
    try {
      return execFileSync('pgrep', ['-P', String(process.pid), '-a'], { encoding: 'utf8' });
    } catch {
      return '';
    }
  };

  test('a second stack in one directory is refused and harms the first in nothing', async () => {
    const directory = temporaryFolder();
    const stack = await start({ directory });
    await expect(start({ directory })).rejects.toThrow(`pid ${process.pid}`);
    expect((await deliver(stack, 'main')).status).toBe(200);
    expect(readLocalJson(directory)).toBeDefined();
  });

  test('a start that fails half way leaves nothing running and the directory free', async () => {
    const directory = temporaryFolder();
    const broken = fixtureBundle('', 'throw new Error("bad environment: STAGE");');
    await expect(start({ directory, apps: { ingest: broken, processor: PROCESSOR } })).rejects.toThrow(
      'aftercall-local-ingest does not load: bad environment: STAGE',
    );
    expect(children()).not.toMatch(/dynoxide/);
    expect(existsSync(join(directory, '.aftercall/stack.pid'))).toBe(false);
    const stack = await start({ directory });
    expect(/dynoxide/.test(children())).toBe(stack.summary.aws.includes('dynoxide'));
  });

  test('a port that is taken is an error', async () => {
    const taken = await listenOnLoopback(() => undefined, 0);
    await expect(start({ httpPort: Number(new URL(taken.url).port) })).rejects.toThrow('EADDRINUSE');
    await taken.close();
  });

  test('a resource type that it does not know is named, not passed over', async () => {
    const more = {
      resource: { aws_kinesis_stream: { s: { name: 's' } }, aws_iam_role: { r: { name: 'r' } } },
      data: { aws_moon: { v: {} } },
    };
    const stack = await start({ terraformDirectory: terraform({ more }) });
    expect(stack.summary.unknownTypes).toEqual(['aws_kinesis_stream', 'data.aws_moon']);
    expect(Object.values(stack.summary.notPlayed).flat()).toContain('aws_iam_role');
  });

  test.each([
    [
      'a rule EventBridge refuses',
      { aws_cloudwatch_event_rule: { r: { name: 'r', event_pattern: '{"a":"b"}' } } },
      'more/aws_cloudwatch_event_rule.r: Event pattern is not valid',
    ],
    [
      'an event source that is no queue',
      {
        aws_lambda_event_source_mapping: { e: { event_source_arn: 'arn:aws:kinesis:x', function_name: 'f' } },
      },
      'are SQS queues',
    ],
    [
      'a window on a FIFO queue',
      {
        aws_lambda_event_source_mapping: {
          e: {
            event_source_arn: 'arn:aws:sqs:r:0:q.fifo',
            function_name: 'f',
            maximum_batching_window_in_seconds: 1,
          },
        },
      },
      'no batching window',
    ],
    [
      'an endpoint that is no endpoint',
      {
        aws_cloudwatch_event_connection: {
          c: {
            name: 'c',
            authorization_type: 'API_KEY',
            auth_parameters: { api_key: { key: 'k', value: 'v' } },
          },
        },
        aws_cloudwatch_event_api_destination: {
          d: {
            name: 'd',
            connection_arn: '${aws_cloudwatch_event_connection.c.arn}',
            invocation_endpoint: 'https://10.0.0.1/',
            http_method: 'POST',
          },
        },
      },
      'more/aws_cloudwatch_event_api_destination.d: InvocationEndpoint must name its host',
    ],
    [
      'an argument that would be passed over in silence',
      { aws_s3_object: { o: { bucket: 'b', key: 'k', source: 'rules.json' } } },
      'more/aws_s3_object.o: the local stack does not know source here',
    ],
    [
      'a concurrency that Lambda does not know',
      {
        aws_lambda_event_source_mapping: {
          e: {
            event_source_arn: 'arn:aws:sqs:r:0:q',
            function_name: 'f',
            scaling_config: { maximum_concurrency: 1 },
          },
        },
      },
      'maximum concurrency is 2 to 1000',
    ],
    [
      'a batch that is too large',
      {
        aws_lambda_event_source_mapping: {
          e: {
            event_source_arn: 'arn:aws:sqs:r:0:q',
            function_name: 'f',
            batch_size: 10001,
            maximum_batching_window_in_seconds: 1,
          },
        },
      },
      '1 to 10000 messages',
    ],
    [
      'payload format 1.0',
      { aws_apigatewayv2_integration: { i: { integration_uri: 'x' } } },
      'payload format 2.0',
    ],
  ])('%s is an error with its place', async (_name, resource, message) => {
    await expect(start({ terraformDirectory: terraform({ more: { resource } }) })).rejects.toThrow(message);
  });

  test('AWS itself is refused as another endpoint', async () => {
    await expect(start({ awsEndpoint: 'https://sqs.eu-west-1.amazonaws.com' })).rejects.toThrow('AWS itself');
  });
});

test('another endpoint is used for everything, and what is there already is taken as it is', async () => {
  const unwinding = createUnwinding({ report: () => undefined });
  const { endpoints } = await startEmbeddedAws({ unwinding, now: () => new Date(), report: () => undefined });
  const gateway = await listenOnLoopback((incoming, outgoing) => {
    const service = /\/(\w+)\/aws4_request/.exec(incoming.headers.authorization ?? '')?.[1];
    const target = String(incoming.headers['x-amz-target'] ?? '');
    const url =
      service === undefined && target.startsWith('AWSEvents')
        ? endpoints.events
        : endpoints[service as keyof typeof endpoints];
    const onward = request(
      `${url}${incoming.url}`,
      { method: incoming.method ?? 'POST', headers: incoming.headers },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }, 0);
  unwinding.add(() => gateway.close());
  try {
    const first = await start({
      awsEndpoint: gateway.url,
      terraformDirectory: terraform({ crm: crmStack('http://127.0.0.1:9/first'), partner: PARTNER_STACK }),
    });
    expect(first.local.aws.endpoints.dynamodb).toBe(gateway.url);
    expect(first.local.resources.eventsQueueUrl).toBe(
      `${gateway.url}/000000000000/aftercall-local-events.fifo`,
    );
    const { sources } = first.local;
    await first.stop();
    const second = await start({
      awsEndpoint: gateway.url,
      terraformDirectory: terraform({ crm: crmStack('http://127.0.0.1:9/second'), partner: PARTNER_STACK }),
    });
    const destination = await clientsOf(second).events.send(
      new DescribeApiDestinationCommand({ Name: 'aftercall-local-crm' }),
    );
    expect(destination.InvocationEndpoint).toBe('http://127.0.0.1:9/second');
    expect(second.local.sources.map(({ secret }) => secret)).toEqual(sources.map(({ secret }) => secret));
    expect((await deliver(second, 'main')).status).toBe(200);
    expect(await factOf(second)).toMatchObject({ detail: { body: '{"n":1}' } });
    await second.stop();
  } finally {
    await unwinding.run();
  }
});
