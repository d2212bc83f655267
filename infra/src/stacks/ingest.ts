import type { Env } from '@aftercall/ingest/config';
import { Apigatewayv2Api } from '@cdktn/provider-aws/lib/apigatewayv2-api/index.js';
import { Apigatewayv2Integration } from '@cdktn/provider-aws/lib/apigatewayv2-integration/index.js';
import { Apigatewayv2Route } from '@cdktn/provider-aws/lib/apigatewayv2-route/index.js';
import { Apigatewayv2Stage } from '@cdktn/provider-aws/lib/apigatewayv2-stage/index.js';
import { DataAwsDynamodbTable } from '@cdktn/provider-aws/lib/data-aws-dynamodb-table/index.js';
import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { DataAwsSecretsmanagerSecret } from '@cdktn/provider-aws/lib/data-aws-secretsmanager-secret/index.js';
import { DataAwsSqsQueue } from '@cdktn/provider-aws/lib/data-aws-sqs-queue/index.js';
import type { LambdaAlias } from '@cdktn/provider-aws/lib/lambda-alias/index.js';
import { LambdaPermission } from '@cdktn/provider-aws/lib/lambda-permission/index.js';
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js';
import type { Construct } from 'constructs';
import type { AppStackProps } from '../app-stacks.ts';
import { appFunction } from '../constructs/app-function.ts';
import { quarantineGrants } from '../constructs/quarantine-grants.ts';
import { allow, type Statement } from '../constructs/statement.ts';
import type { Names } from '../names.ts';
import { sourcesVariable } from '../sources.ts';
import type { StageConfig } from '../stage.ts';

/** POST is what ingest takes; ANY brings the other methods to it, so that they too are answered with a problem. */
const ROUTE_KEYS = { post: 'POST /webhooks/{source}', any: 'ANY /webhooks/{source}' };

/** The way in: an HTTP API with one path, and the function behind it. */
export function ingest(scope: Construct, props: AppStackProps): void {
  const { stage, names, code } = props;
  const events = new DataAwsSqsQueue(scope, 'events', { name: names.eventsQueue });
  const { alias } = appFunction(scope, {
    app: 'ingest',
    names,
    impact:
      'Deliveries from Genesys Cloud are not accepted: the sender retries for a while, then they are lost.',
    memoryMegabytes: stage.ingest.memoryMegabytes,
    timeoutSeconds: stage.ingest.timeoutSeconds,
    ...(stage.ingest.reservedConcurrency !== undefined && {
      reservedConcurrency: stage.ingest.reservedConcurrency,
    }),
    environment: ingestEnvironment(stage, names, events),
    grants: ingestGrants(scope, stage, names, events),
    code,
  });
  webhooksApi(scope, stage, names, alias);
}

function ingestEnvironment(stage: StageConfig, names: Names, events: DataAwsSqsQueue) {
  return {
    EVENTS_QUEUE_URL: events.url,
    SET_ASIDE_BUCKET: names.setAsideBucket,
    SET_ASIDE_TABLE: names.setAsideTable,
    DELIVERIES_BUCKET: names.deliveriesBucket,
    SEALING_SECRET_NAME: names.sealingSecret,
    SOURCES: sourcesVariable(stage, names),
    RETENTION_SECONDS: String(stage.retentionSeconds),
    SECRET_TTL_SECONDS: String(stage.secretTtlSeconds),
    QUARANTINE_DAILY_BYTES: String(stage.quarantineDailyBytes),
    LOG_LEVEL: stage.logLevel,
  } satisfies Env;
}

function ingestGrants(
  scope: Construct,
  stage: StageConfig,
  names: Names,
  events: DataAwsSqsQueue,
): readonly Statement[] {
  const setAside = {
    bucket: new DataAwsS3Bucket(scope, 'set_aside_bucket', { bucket: names.setAsideBucket }),
    table: new DataAwsDynamodbTable(scope, 'set_aside_table', { name: names.setAsideTable }),
  };
  const deliveries = new DataAwsS3Bucket(scope, 'deliveries', { bucket: names.deliveriesBucket });
  const sealing = new DataAwsSecretsmanagerSecret(scope, 'sealing', { name: names.sealingSecret });
  const sources = stage.sources.map(
    ({ key }) => new DataAwsSecretsmanagerSecret(scope, `source_${key}`, { name: names.sourceSecret(key) }),
  );
  return [
    allow(['sqs:SendMessage'], [events.arn]),
    allow(
      ['secretsmanager:GetSecretValue'],
      [sealing, ...sources].map(({ arn }) => arn),
    ),
    ...quarantineGrants(setAside),
    allow(['s3:PutObject'], [`${deliveries.arn}/deliveries/*`, `${deliveries.arn}/items/*`]),
  ];
}

function webhooksApi(
  scope: Construct,
  { ingest: limits }: StageConfig,
  names: Names,
  alias: LambdaAlias,
): void {
  const api = new Apigatewayv2Api(scope, 'webhooks', { name: names.webhooksApi, protocolType: 'HTTP' });
  const integration = new Apigatewayv2Integration(scope, 'integration', {
    apiId: api.id,
    integrationType: 'AWS_PROXY',
    integrationMethod: 'POST',
    integrationUri: alias.invokeArn,
    payloadFormatVersion: '2.0',
    timeoutMilliseconds: limits.integrationTimeoutMilliseconds,
  });
  for (const [method, routeKey] of Object.entries(ROUTE_KEYS)) {
    new Apigatewayv2Route(scope, `route_${method}`, {
      apiId: api.id,
      routeKey,
      target: `integrations/${integration.id}`,
    });
  }
  new Apigatewayv2Stage(scope, 'default_stage', {
    apiId: api.id,
    name: '$default',
    autoDeploy: true,
    defaultRouteSettings: {
      throttlingRateLimit: limits.requestsPerSecond,
      throttlingBurstLimit: limits.requestBurst,
    },
  });
  new LambdaPermission(scope, 'invoke', {
    statementId: 'WebhooksApi',
    action: 'lambda:InvokeFunction',
    functionName: alias.functionName,
    qualifier: alias.name,
    principal: 'apigateway.amazonaws.com',
    sourceArn: `${api.executionArn}/*/*`,
  });
  // AWS makes the host name up, so whoever configures a sender can only look it up.
  new SsmParameter(scope, 'url', {
    name: names.ingestUrlParameter,
    description: 'Senders post their deliveries to /webhooks/{source} below this URL.',
    type: 'String',
    value: api.apiEndpoint,
  });
}
