import { ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClients, destroyClients } from '../aws/clients.ts';
import { fixtureBundle, temporaryFolder } from '../runtime/fixture-function.ts';
import { startStack } from '../start-stack.ts';
import type { Stack } from '../start-stack.ts';
import type { AlarmView } from './play-alarms.ts';

let stack: Stack | undefined;
afterEach(() => stack?.stop());

/** Counts a dead letter for each request, and fails when it is asked to. */
const INGEST = fixtureBundle(
  `if (event.body === 'fail') throw new Error('as asked');
   console.log(JSON.stringify({
     _aws: { Timestamp: Date.now(), CloudWatchMetrics: [{ Namespace: 'Aftercall', Dimensions: [['Function'], ['Function', 'Reason']], Metrics: [{ Name: 'DeadLettered', Unit: 'Count' }] }] },
     Function: 'ingest', Reason: 'conflict', DeadLettered: 1,
   }));
   return { statusCode: 200 };`,
);

const alarm = (name: string, metric: { namespace: string; metric_name: string; dimensions: object }) => ({
  ...{ alarm_name: name, alarm_description: `${name}.`, ...metric },
  ...{ statistic: 'Maximum', comparison_operator: 'GreaterThanOrEqualToThreshold', threshold: 1 },
  ...{ period: 1, evaluation_periods: 1, treat_missing_data: 'notBreaching' },
});

const STACK = {
  resource: {
    aws_sqs_queue: { heard: { name: 'heard' }, waiting: { name: 'waiting' } },
    aws_cloudwatch_event_rule: {
      alarms: {
        name: 'alarms',
        event_pattern: JSON.stringify({
          source: ['aws.cloudwatch'],
          'detail-type': ['CloudWatch Alarm State Change'],
          detail: { alarmName: ['dead-letters'], state: { value: ['ALARM'] } },
        }),
      },
    },
    aws_cloudwatch_event_target: {
      heard: { rule: '${aws_cloudwatch_event_rule.alarms.name}', arn: '${aws_sqs_queue.heard.arn}' },
    },
    aws_lambda_function: {
      ingest: {
        function_name: 'aftercall-local-ingest',
        handler: 'main.handler',
        timeout: 3,
        memory_size: 256,
      },
    },
    aws_apigatewayv2_api: { api: { name: 'webhooks', protocol_type: 'HTTP' } },
    aws_apigatewayv2_integration: {
      i: {
        api_id: '${aws_apigatewayv2_api.api.id}',
        integration_uri: '${aws_lambda_function.ingest.invoke_arn}',
        payload_format_version: '2.0',
      },
    },
    aws_apigatewayv2_route: {
      any: { route_key: 'ANY /', target: 'integrations/${aws_apigatewayv2_integration.i.id}' },
    },
    aws_cloudwatch_metric_alarm: {
      dead: alarm('dead-letters', {
        ...{ namespace: 'Aftercall', metric_name: 'DeadLettered' },
        dimensions: { Function: 'ingest', Reason: 'conflict' },
      }),
      errors: alarm('errors', {
        ...{ namespace: 'AWS/Lambda', metric_name: 'Errors' },
        dimensions: { FunctionName: '${aws_lambda_function.ingest.function_name}' },
      }),
      api: alarm('api', {
        ...{ namespace: 'AWS/ApiGateway', metric_name: '5xx' },
        dimensions: { ApiId: '${aws_apigatewayv2_api.api.id}' },
      }),
      age: alarm('age', {
        ...{ namespace: 'AWS/SQS', metric_name: 'ApproximateAgeOfOldestMessage' },
        dimensions: { QueueName: '${aws_sqs_queue.heard.name}' },
      }),
      bill: alarm('bill', {
        ...{ namespace: 'AWS/Billing', metric_name: 'EstimatedCharges' },
        dimensions: { Currency: 'USD' },
      }),
    },
  },
};

async function start(): Promise<Stack> {
  const directory = temporaryFolder();
  mkdirSync(join(directory, 'stacks', 'one'), { recursive: true });
  writeFileSync(join(directory, 'stacks', 'one', 'cdk.tf.json'), JSON.stringify(STACK));
  return startStack({
    directory: temporaryFolder(),
    terraformDirectory: directory,
    apps: { ingest: INGEST },
  });
}

async function rings(name: string, { local }: Stack): Promise<AlarmView> {
  for (;;) {
    const alarms = (await (await fetch(`${local.control}/alarms`)).json()) as readonly AlarmView[];
    const found = alarms.find((one) => one.name === name && one.state === 'ALARM');
    if (found) return found;
    await pause(200);
  }
}

test('what a function counts, what fails, what is answered and what waits turn alarms, and rules of the default bus hear of it', async () => {
  stack = await start();
  expect(stack.summary).toMatchObject({ counts: { alarms: 5 }, unplayedAlarms: ['bill'], unknownTypes: [] });
  const post = (body: string) => fetch(`${stack?.local.http}/`, { method: 'POST', body });
  expect((await post('count')).status).toBe(200);
  await rings('dead-letters', stack);
  expect((await post('fail')).status).toBe(500);
  await Promise.all([rings('errors', stack), rings('api', stack)]);

  const clients = createClients(stack.local.aws.endpoints);
  const QueueUrl = `${stack.local.aws.endpoints.sqs}/000000000000/heard`;
  // Nobody takes what the rule has put there, so it grows old.
  expect(await rings('age', stack)).toMatchObject({
    reason: expect.stringContaining('ThanOrEqualToThreshold (1)'),
  });
  const { Messages = [] } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  destroyClients(clients);
  expect(Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown)).toEqual([
    expect.objectContaining({
      source: 'aws.cloudwatch',
      'detail-type': 'CloudWatch Alarm State Change',
      detail: expect.objectContaining({
        alarmName: 'dead-letters',
        state: expect.objectContaining({ value: 'ALARM' }),
        previousState: expect.objectContaining({ value: 'OK' }),
      }),
    }),
  ]);
}, 30_000);
