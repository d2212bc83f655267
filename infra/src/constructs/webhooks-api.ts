import { Apigatewayv2Api } from '@cdktn/provider-aws/lib/apigatewayv2-api/index.js';
import { Apigatewayv2Integration } from '@cdktn/provider-aws/lib/apigatewayv2-integration/index.js';
import { Apigatewayv2Route } from '@cdktn/provider-aws/lib/apigatewayv2-route/index.js';
import { Apigatewayv2Stage } from '@cdktn/provider-aws/lib/apigatewayv2-stage/index.js';
import type { LambdaAlias } from '@cdktn/provider-aws/lib/lambda-alias/index.js';
import { LambdaPermission } from '@cdktn/provider-aws/lib/lambda-permission/index.js';
import { SsmParameter } from '@cdktn/provider-aws/lib/ssm-parameter/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';
import { accessLog } from './access-log.ts';
import { ingestAlarms } from './ingest-alarms.ts';
import { webhooksDomain } from './webhooks-domain.ts';

/** POST is what ingest takes; ANY brings the other methods to it, so that they too are answered with a problem. */
const ROUTE_KEYS = { post: 'POST /webhooks/{source}', any: 'ANY /webhooks/{source}' };

/** No sender has a use for a 405, so nobody may take many of them. */
const OTHER_METHODS = { throttlingRateLimit: 10, throttlingBurstLimit: 20 };

/** The stage, its names, and what is behind the API. */
export interface WebhooksApiProps {
  readonly stage: StageConfig;
  readonly names: Names;
  readonly alias: LambdaAlias;
}

/** An HTTP API with one path, under a name of its own where the stage has one, and its URL for whoever configures a sender. */
export function webhooksApi(scope: Construct, { stage, names, alias }: WebhooksApiProps): void {
  const { domain, edge } = stage.front ?? {};
  const api = new Apigatewayv2Api(scope, 'webhooks', {
    name: names.webhooksApi,
    protocolType: 'HTTP',
    // Past the name of its own there is no way around its certificates and WAF.
    ...(domain && { disableExecuteApiEndpoint: true }),
  });
  const apiStage = defaultStage(scope, stage, names, api, routes(scope, stage, api, alias));
  new LambdaPermission(scope, 'invoke', {
    statementId: 'WebhooksApi',
    action: 'lambda:InvokeFunction',
    functionName: alias.functionName,
    qualifier: alias.name,
    principal: 'apigateway.amazonaws.com',
    sourceArn: `${api.executionArn}/*/*`,
  });
  ingestAlarms(scope, api.id);
  if (domain) webhooksDomain(scope, { domain, edge, apiStage, names });
  // Without a name of its own AWS makes the host name up, so whoever configures a sender can only look it up.
  new SsmParameter(scope, 'url', {
    name: names.ingestUrlParameter,
    description: 'Senders post their deliveries to /webhooks/{source} below this URL.',
    type: 'String',
    value: domain ? `https://${domain.name}` : api.apiEndpoint,
  });
}

function routes(
  scope: Construct,
  { ingest }: StageConfig,
  api: Apigatewayv2Api,
  alias: LambdaAlias,
): readonly Apigatewayv2Route[] {
  const integration = new Apigatewayv2Integration(scope, 'integration', {
    apiId: api.id,
    integrationType: 'AWS_PROXY',
    integrationMethod: 'POST',
    integrationUri: alias.invokeArn,
    payloadFormatVersion: '2.0',
    timeoutMilliseconds: ingest.integrationTimeoutMilliseconds,
  });
  return Object.entries(ROUTE_KEYS).map(
    ([method, routeKey]) =>
      new Apigatewayv2Route(scope, `route_${method}`, {
        apiId: api.id,
        routeKey,
        target: `integrations/${integration.id}`,
      }),
  );
}

function defaultStage(
  scope: Construct,
  { ingest, front }: StageConfig,
  names: Names,
  api: Apigatewayv2Api,
  dependsOn: readonly Apigatewayv2Route[],
): Apigatewayv2Stage {
  const rate = {
    throttlingRateLimit: ingest.requestsPerSecond,
    throttlingBurstLimit: ingest.requestBurst,
  };
  return new Apigatewayv2Stage(scope, 'default_stage', {
    apiId: api.id,
    name: '$default',
    autoDeploy: true,
    defaultRouteSettings: rate,
    routeSettings: [
      { routeKey: ROUTE_KEYS.post, ...rate },
      { routeKey: ROUTE_KEYS.any, ...OTHER_METHODS },
    ],
    ...(front?.accessLogDays !== undefined && {
      accessLogSettings: accessLog(scope, names.webhooksLogGroup, front.accessLogDays),
    }),
    // AWS refuses settings of a route that is not there yet.
    dependsOn: [...dependsOn],
  });
}
