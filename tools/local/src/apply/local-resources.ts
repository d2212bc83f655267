import { alarmSpec } from '../alarms/alarm-spec.ts';
import type { AlarmSpec } from '../alarms/alarm-spec.ts';
import { ACCOUNT, arn, nameIn, REGION } from '../aws/identity.ts';
import { block, optionalNumber, optionalText, text } from './arguments.ts';
import type { Attributes } from './evaluate.ts';
import type { Arguments } from './read-stacks.ts';

/** A Lambda function as Terraform describes it. */
export interface FunctionSpec {
  readonly name: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMegabytes: number;
  readonly environment: Readonly<Record<string, string>>;
  /** `undefined`: no limit of its own. */
  readonly reservedConcurrency: number | undefined;
}

/** A queue that a function takes its work from. */
export interface EventSourceSpec {
  readonly functionName: string;
  readonly queueArn: string;
  readonly batchSize: number;
  readonly batchingWindowSeconds: number;
  readonly maximumConcurrency: number | undefined;
  readonly reportsBatchItemFailures: boolean;
}

/** One route of the HTTP API, with the function behind it. */
export interface RouteSpec {
  /** e.g. `POST /webhooks/{source}` or `$default` */
  readonly key: string;
  readonly functionName: string;
  readonly timeoutMillis: number;
}

/** A service that may call a function. */
export interface PermissionSpec {
  readonly functionName: string;
  /** e.g. `secretsmanager.amazonaws.com` */
  readonly principal: string;
  readonly sourceArn: string | undefined;
}

/** What runs in this process because no emulator has it. */
export interface Runtime {
  readonly functions: FunctionSpec[];
  readonly permissions: PermissionSpec[];
  readonly eventSources: EventSourceSpec[];
  readonly integrations: Map<string, { readonly functionName: string; readonly timeoutMillis: number }>;
  readonly routes: RouteSpec[];
  readonly alarms: AlarmSpec[];
}

export interface LocalResourceDeps {
  readonly runtime: Runtime;
  readonly httpUrl: string;
}

export function emptyRuntime(): Runtime {
  return {
    functions: [],
    permissions: [],
    eventSources: [],
    integrations: new Map(),
    routes: [],
    alarms: [],
  };
}

/** The resource types that become part of the local runtime. */
export const LOCAL_RESOURCES: Readonly<
  Record<string, (args: Arguments, deps: LocalResourceDeps, id: string) => Attributes>
> = {
  aws_lambda_function: addFunction,
  aws_lambda_permission: addPermission,
  aws_lambda_event_source_mapping: addEventSource,
  aws_lambda_alias: addAlias,
  aws_cloudwatch_metric_alarm: addAlarm,
  aws_apigatewayv2_api: (args, { httpUrl }, id) => ({
    id,
    name: args['name'],
    api_endpoint: httpUrl,
    arn: `arn:aws:apigateway:${REGION}::/apis/${id}`,
    execution_arn: arn('execute-api', id),
  }),
  aws_apigatewayv2_integration: addIntegration,
  aws_apigatewayv2_route: addRoute,
  aws_apigatewayv2_stage: (args, { httpUrl }, id) => {
    const name = text(args, 'name');
    if (name !== '$default') throw new Error(`the local HTTP front serves the stage $default, not ${name}`);
    return { id, name, invoke_url: `${httpUrl}/`, arn: arn('apigateway', id) };
  },
};

/** Whether an ARN is one of a resource that is not played here: see `plainAttributes`. */
export const isOfUnplayed = (resourceArn: string): boolean => resourceArn.startsWith('arn:aws:local:');

/** What references may ask of a resource without effect. */
export function plainAttributes(args: Arguments, type: string, id: string): Attributes {
  const name = optionalText(args, 'name') ?? id;
  const arns: Readonly<Record<string, string>> = {
    aws_iam_role: `arn:aws:iam::${ACCOUNT}:role/${name}`,
    aws_cloudwatch_log_group: arn('logs', `log-group:${name}`),
  };
  return { ...args, id: name, name, arn: arns[type] ?? arn('local', `${type}/${name}`), unique_id: id };
}

/** Data sources that look nothing up. */
export const DATA_SOURCES: Readonly<Record<string, Attributes>> = {
  aws_caller_identity: {
    id: ACCOUNT,
    account_id: ACCOUNT,
    arn: `arn:aws:iam::${ACCOUNT}:root`,
    user_id: 'local',
  },
  aws_region: { id: REGION, name: REGION, region: REGION },
  aws_partition: { id: 'aws', partition: 'aws', dns_suffix: 'amazonaws.com' },
};

/** Data sources that stand for a resource, by the argument that names it. */
export const LOOKUP_KEYS: Readonly<Record<string, string>> = {
  aws_sqs_queue: 'name',
  aws_dynamodb_table: 'name',
  aws_s3_bucket: 'bucket',
  aws_cloudwatch_event_bus: 'name',
  aws_secretsmanager_secret: 'name',
  aws_ssm_parameter: 'name',
  aws_sns_topic: 'name',
};

/** Lambda's own defaults. */
const FUNCTION_DEFAULTS = { timeoutSeconds: 3, memoryMegabytes: 128 };
const EVENT_SOURCE_DEFAULTS = { batchSize: 10 };
const LARGEST_FIFO_BATCH = 10;
const LARGEST_BATCH = 10_000;
const LONGEST_WINDOW_SECONDS = 300;
const MAXIMUM_CONCURRENCY = { lowest: 2, highest: 1_000 };
const DEFAULT_INTEGRATION_TIMEOUT_MILLIS = 30_000;

function addFunction(args: Arguments, { runtime }: LocalResourceDeps): Attributes {
  const name = text(args, 'function_name');
  const reserved = optionalNumber(args, 'reserved_concurrent_executions');
  const functionArn = arn('lambda', `function:${name}`);
  runtime.functions.push({
    name,
    handler: text(args, 'handler'),
    timeoutSeconds: optionalNumber(args, 'timeout') ?? FUNCTION_DEFAULTS.timeoutSeconds,
    memoryMegabytes: optionalNumber(args, 'memory_size') ?? FUNCTION_DEFAULTS.memoryMegabytes,
    environment: stringValues(block(block(args, 'environment'), 'variables')),
    reservedConcurrency: reserved === -1 ? undefined : reserved,
  });
  return {
    id: name,
    function_name: name,
    arn: functionArn,
    qualified_arn: `${functionArn}:$LATEST`,
    version: '$LATEST',
    invoke_arn: invokeArn(functionArn),
  };
}

function addPermission(args: Arguments, { runtime }: LocalResourceDeps, id: string): Attributes {
  const permission = {
    functionName: functionIn(text(args, 'function_name')),
    principal: optionalText(args, 'principal') ?? '',
    sourceArn: optionalText(args, 'source_arn'),
  };
  runtime.permissions.push(permission);
  return { id, statement_id: optionalText(args, 'statement_id') ?? id };
}

/** The name in an ARN of a function, of one of its versions, or of what calls it. */
export const functionIn = (arnOrName: string): string =>
  /function:([\w-]+)/.exec(arnOrName)?.[1] ?? arnOrName;

/** Locally there is one version of a function, so each of its aliases is the function. */
function addAlias(args: Arguments): Attributes {
  const name = text(args, 'name');
  const functionName = functionIn(text(args, 'function_name'));
  const aliasArn = arn('lambda', `function:${functionName}:${name}`);
  return {
    id: aliasArn,
    name,
    function_name: functionName,
    arn: aliasArn,
    invoke_arn: invokeArn(aliasArn),
  };
}

function addAlarm(args: Arguments, { runtime }: LocalResourceDeps): Attributes {
  const spec = alarmSpec(args);
  runtime.alarms.push(spec);
  return { id: spec.name, alarm_name: spec.name, arn: spec.arn };
}

const invokeArn = (functionArn: string): string =>
  `arn:aws:apigateway:${REGION}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;

function stringValues(variables: Arguments): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, String(value)]));
}

function addEventSource(args: Arguments, { runtime }: LocalResourceDeps, id: string): Attributes {
  const queueArn = text(args, 'event_source_arn');
  if (!queueArn.startsWith('arn:aws:sqs:'))
    throw new Error(`the local event sources are SQS queues, not ${queueArn}`);
  const unknown = ['filter_criteria', 'provisioned_poller_config'].filter((key) => args[key] !== undefined);
  if (unknown.length > 0) throw new Error(`the local event sources do not know ${unknown.join(', ')}`);
  const spec: EventSourceSpec = {
    functionName: functionIn(text(args, 'function_name')),
    queueArn,
    batchSize: optionalNumber(args, 'batch_size') ?? EVENT_SOURCE_DEFAULTS.batchSize,
    batchingWindowSeconds: optionalNumber(args, 'maximum_batching_window_in_seconds') ?? 0,
    maximumConcurrency: optionalNumber(block(args, 'scaling_config'), 'maximum_concurrency'),
    reportsBatchItemFailures: ((args['function_response_types'] ?? []) as string[]).includes(
      'ReportBatchItemFailures',
    ),
  };
  checkBatching(spec);
  checkConcurrency(spec);
  if (args['enabled'] !== false) runtime.eventSources.push(spec);
  return { id, uuid: id, function_arn: arn('lambda', `function:${spec.functionName}`) };
}

/** As Lambda refuses it at creation. */
function checkBatching({ queueArn, batchSize, batchingWindowSeconds }: EventSourceSpec): void {
  const isFifo = queueArn.endsWith('.fifo');
  if (isFifo && batchingWindowSeconds > 0) throw new Error('a FIFO queue has no batching window');
  if (isFifo && batchSize > LARGEST_FIFO_BATCH)
    throw new Error(`a FIFO queue's batch has at most ${LARGEST_FIFO_BATCH} messages`);
  if (batchSize < 1 || batchSize > LARGEST_BATCH)
    throw new Error(`a batch has 1 to ${LARGEST_BATCH} messages, not ${batchSize}`);
  if (batchingWindowSeconds < 0 || batchingWindowSeconds > LONGEST_WINDOW_SECONDS)
    throw new Error(`a batching window has 0 to ${LONGEST_WINDOW_SECONDS} seconds`);
  if (batchSize > 10 && batchingWindowSeconds < 1)
    throw new Error('a batch of more than 10 messages needs a batching window');
}

function checkConcurrency({ maximumConcurrency }: EventSourceSpec): void {
  const { lowest, highest } = MAXIMUM_CONCURRENCY;
  if (maximumConcurrency === undefined) return;
  if (maximumConcurrency < lowest || maximumConcurrency > highest)
    throw new Error(`an event source's maximum concurrency is ${lowest} to ${highest}`);
}

function addIntegration(args: Arguments, { runtime }: LocalResourceDeps, id: string): Attributes {
  const version = optionalText(args, 'payload_format_version') ?? '1.0';
  if (version !== '2.0') throw new Error(`the local HTTP front speaks payload format 2.0, not ${version}`);
  const functionName = functionIn(text(args, 'integration_uri'));
  runtime.integrations.set(id, {
    functionName,
    timeoutMillis: optionalNumber(args, 'timeout_milliseconds') ?? DEFAULT_INTEGRATION_TIMEOUT_MILLIS,
  });
  return { id };
}

function addRoute(args: Arguments, { runtime }: LocalResourceDeps, id: string): Attributes {
  const integration = runtime.integrations.get(nameIn(text(args, 'target')));
  if (!integration) throw new Error(`route ${text(args, 'route_key')} has no integration`);
  const unknown = optionalText(args, 'authorization_type') ?? 'NONE';
  if (unknown !== 'NONE') throw new Error(`the local HTTP front does not authorise (${unknown})`);
  runtime.routes.push({ key: text(args, 'route_key'), ...integration });
  return { id, route_key: text(args, 'route_key') };
}
