import { parseConfig } from '@aftercall/ingest/config';
import { expect, test } from '@jest/globals';
import { actionsFor, deployedCalls, entrySource, type Calls } from '../deployed-calls.ts';
import { stageNamed } from '../stages.ts';
import {
  conditionsByResource,
  environmentOf,
  grantsByResource,
  resources,
  runtimeEnvironmentOf,
  synthesisedStacks,
} from '../synthesised-stacks.ts';

const dev = synthesisedStacks('dev').ingest;
const lambda = resources(dev, 'aws_lambda_function').ingest;

const EVENTS = '${data.aws_sqs_queue.events.arn}';
const SET_ASIDE_TABLE = '${data.aws_dynamodb_table.set_aside_table.arn}';
const SET_ASIDE_BUCKET = '${data.aws_s3_bucket.set_aside_bucket.arn}';
const QUARANTINE = `${SET_ASIDE_BUCKET}/quarantine/*`;
const DELIVERIES = '${data.aws_s3_bucket.deliveries.arn}/deliveries/*';
const ITEMS = '${data.aws_s3_bucket.deliveries.arn}/items/*';

const SECRETS = ['sealing', 'source_main', 'source_messaging', 'source_relay'].map(
  (id) => `\${data.aws_secretsmanager_secret.${id}.arn}`,
);

/** Which file sends which command where. */
const CALLS: Calls = {
  'apps/ingest/src/s3-object-store.ts PutObjectCommand': [DELIVERIES, ITEMS],
  'libs/queue/src/sqs-send-batch.ts SendMessageBatchCommand': [EVENTS],
  'libs/secrets/src/secretsmanager-secret-store.ts GetSecretValueCommand': SECRETS,
  // HEAD, and only the quarantined: dead letters and archive are not for this role.
  'libs/set-aside/src/s3-object-store.ts HeadObjectCommand': [QUARANTINE],
  'libs/set-aside/src/s3-object-store.ts PutObjectCommand': [QUARANTINE],
  'libs/set-aside/src/dynamodb-index-store.ts PutCommand': [SET_ASIDE_TABLE],
  'libs/set-aside/src/dynamodb-index-store.ts UpdateCommand': [SET_ASIDE_TABLE],
  // Only `list` and `get` of the set-aside store make these; the test below sees that no function calls either.
  'libs/set-aside/src/s3-object-store.ts GetObjectCommand': [],
  'libs/set-aside/src/dynamodb-index-store.ts GetCommand': [],
  'libs/set-aside/src/dynamodb-index-store.ts QueryCommand': [],
};

test('ingest of stage dev is what was reviewed', () => {
  expect(dev).toMatchSnapshot();
});

/** What Lambda adds to every function's environment. */
test.each(['local', 'dev'])('ingest accepts the environment that it gets on stage %s', (stage) => {
  const environment = runtimeEnvironmentOf(synthesisedStacks(stage).ingest);
  const { sources, quarantineDailyBytes } = parseConfig(environment);
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

test('the public URL is published under a name that follows from the stage', () => {
  for (const stage of ['local', 'dev']) {
    expect(resources(synthesisedStacks(stage).ingest, 'aws_ssm_parameter').url).toMatchObject({
      name: `/aftercall/${stage}/ingest/url`,
      type: 'String',
      value: '${aws_apigatewayv2_api.webhooks.api_endpoint}',
    });
  }
});

test('ingest may do on each resource exactly what its code does', async () => {
  expect(await deployedCalls('ingest')).toEqual(Object.keys(CALLS).toSorted());
  expect(grantsByResource(dev)).toEqual({
    ...actionsFor(CALLS),
    // Lambda itself, in the name of the function.
    '${aws_cloudwatch_log_group.log.arn}:*': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    // What makes S3 answer 404 to a HEAD.
    [SET_ASIDE_BUCKET]: ['s3:ListBucket'],
  });
});

test('ingest only ever puts into set-aside', () => {
  const methods = [...entrySource('ingest').matchAll(/\(await (?:loadSetAside\(\)|setAside)\)\.(\w+)/g)];
  expect(methods.map(([, method]) => method)).toEqual(['put']);
  expect(entrySource('ingest')).not.toMatch(/\.(list|get|query)\(/);
});

test('ingest can write quarantine and its byte counts, but neither a dead letter nor the archive', () => {
  expect(conditionsByResource(dev)).toEqual({
    [SET_ASIDE_TABLE]: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['quarantine', 'usage#*'] } },
  });
});
