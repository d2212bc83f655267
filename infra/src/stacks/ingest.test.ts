import { parseConfig } from '@aftercall/ingest/config';
import { expect, test } from '@jest/globals';
import { stageNamed } from '../stages.ts';
import { environmentOf, grantsByResource, resources, synthesisedStacks } from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev').ingest;
const lambda = resources(dev, 'aws_lambda_function').ingest;

test('ingest of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

test.each(['local', 'dev'])('ingest accepts the environment that it gets on stage %s', (stage) => {
  const { sources, quarantineDailyBytes } = parseConfig(environmentOf(synthesisedStacks(stage).ingest));
  expect([...sources.keys()]).toEqual(['main', 'messaging', 'relay']);
  expect(sources.get('relay')).toMatchObject({
    scheme: 'standard-webhooks',
    secretName: `aftercall/${stage}/sources/relay`,
  });
  expect(quarantineDailyBytes).toBeGreaterThan(0);
});

test('no signing secret comes by the environment', () => {
  expect(environmentOf(dev)).not.toHaveProperty('GENESYS_WEBHOOK_SECRET');
});

test('the HTTP API stops waiting before the function is stopped', () => {
  expect(resources(dev, 'aws_apigatewayv2_integration').integration).toMatchObject({
    integration_type: 'AWS_PROXY',
    payload_format_version: '2.0',
    timeout_milliseconds: 2_900,
  });
  expect(lambda?.timeout).toBe(3);
});

test('every method of the path reaches ingest, so that ingest answers 405 itself', () => {
  const routes = Object.values(resources(dev, 'aws_apigatewayv2_route'));
  expect(routes.map((route) => route.route_key)).toEqual([
    'ANY /webhooks/{source}',
    'POST /webhooks/{source}',
  ]);
  const targets = new Set(routes.map((route) => route.target));
  expect([...targets]).toEqual(['integrations/${aws_apigatewayv2_integration.integration.id}']);
});

test('requests above the rate of the stage are throttled before they cost an invocation', () => {
  const { requestsPerSecond, requestBurst } = stageNamed('dev').ingest;
  expect(resources(dev, 'aws_apigatewayv2_stage').default_stage).toMatchObject({
    name: '$default',
    auto_deploy: true,
    default_route_settings: {
      throttling_rate_limit: requestsPerSecond,
      throttling_burst_limit: requestBurst,
    },
  });
});

test('only this HTTP API may invoke ingest', () => {
  expect(resources(dev, 'aws_lambda_permission').invoke).toMatchObject({
    principal: 'apigateway.amazonaws.com',
    source_arn: '${aws_apigatewayv2_api.webhooks.execution_arn}/*/*',
  });
});

test('ingest may do on each resource exactly what it does', () => {
  expect(grantsByResource(dev)).toEqual({
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    '${data.aws_sqs_queue.events.arn}': ['sqs:SendMessage'],
    '${data.aws_secretsmanager_secret.sealing.arn}': ['secretsmanager:GetSecretValue'],
    '${data.aws_secretsmanager_secret.source_main.arn}': ['secretsmanager:GetSecretValue'],
    '${data.aws_secretsmanager_secret.source_messaging.arn}': ['secretsmanager:GetSecretValue'],
    '${data.aws_secretsmanager_secret.source_relay.arn}': ['secretsmanager:GetSecretValue'],
    '${data.aws_s3_bucket.set_aside_bucket.arn}/quarantine/*': ['s3:PutObject', 's3:GetObject'],
    '${data.aws_s3_bucket.set_aside_bucket.arn}': ['s3:ListBucket'],
    '${data.aws_dynamodb_table.set_aside_table.arn}': [
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'dynamodb:GetItem',
    ],
    '${data.aws_s3_bucket.deliveries.arn}/*': ['s3:PutObject', 's3:GetObject'],
    '${data.aws_s3_bucket.deliveries.arn}': ['s3:ListBucket'],
  });
});
