import {
  CreateApiDestinationCommand,
  CreateConnectionCommand,
  CreateEventBusCommand,
  CreatePartnerEventSourceCommand,
  DescribeApiDestinationCommand,
  DescribeConnectionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  UpdateApiDestinationCommand,
} from '@aws-sdk/client-eventbridge';
import type {
  ConnectionHttpParameters,
  CreateConnectionAuthRequestParameters,
  EventBridgeClient,
  Target,
} from '@aws-sdk/client-eventbridge';
import { ACCOUNT, arn } from '../aws/identity.ts';
import { block, blocks, onlyKnown, optionalNumber, optionalText, text } from './arguments.ts';
import type { Attributes } from './evaluate.ts';
import { isOfUnplayed } from './local-resources.ts';
import type { Arguments } from './read-stacks.ts';
import { unless } from './unless.ts';

interface EventsDeps {
  readonly clients: { readonly events: EventBridgeClient };
  readonly note: (line: string) => void;
}

/** The resource types of EventBridge. Terraform still calls them by its old name, CloudWatch Events. */
export const EVENT_RESOURCES = {
  aws_cloudwatch_event_bus: createBus,
  aws_cloudwatch_event_rule: createRule,
  aws_cloudwatch_event_target: createTarget,
  aws_cloudwatch_event_connection: createConnection,
  aws_cloudwatch_event_api_destination: createApiDestination,
} as const;

const ALREADY_THERE = ['ResourceAlreadyExistsException'];

async function createBus(args: Arguments, { clients: { events } }: EventsDeps): Promise<Attributes> {
  onlyKnown(args, ['name', 'description', 'event_source_name', 'tags']);
  const name = text(args, 'name');
  const EventSourceName = optionalText(args, 'event_source_name');
  if (EventSourceName !== undefined) {
    // On AWS the partner has done so before.
    await unless(ALREADY_THERE, () =>
      events.send(new CreatePartnerEventSourceCommand({ Name: EventSourceName, Account: ACCOUNT })),
    );
  }
  await unless(ALREADY_THERE, () =>
    events.send(
      new CreateEventBusCommand({ Name: name, ...(EventSourceName !== undefined && { EventSourceName }) }),
    ),
  );
  return { id: name, name, arn: arn('events', `event-bus/${name}`) };
}

async function createRule(args: Arguments, { clients: { events } }: EventsDeps): Promise<Attributes> {
  onlyKnown(args, [
    'name',
    'description',
    'event_bus_name',
    'event_pattern',
    'schedule_expression',
    'state',
    'tags',
  ]);
  const name = text(args, 'name');
  const bus = optionalText(args, 'event_bus_name') ?? 'default';
  const made = await events.send(
    new PutRuleCommand({
      Name: name,
      EventBusName: bus,
      EventPattern: optionalText(args, 'event_pattern'),
      ScheduleExpression: optionalText(args, 'schedule_expression'),
      State: (optionalText(args, 'state') ?? 'ENABLED') as 'ENABLED',
    }),
  );
  return { id: bus === 'default' ? name : `${bus}/${name}`, name, arn: made.RuleArn, event_bus_name: bus };
}

const TARGET_ARGUMENTS = [
  'rule',
  'event_bus_name',
  'target_id',
  'arn',
  'role_arn',
  'input',
  'input_path',
  'input_transformer',
  'sqs_target',
  'http_target',
  'dead_letter_config',
  'retry_policy',
];

async function createTarget(args: Arguments, { clients: { events }, note }: EventsDeps): Promise<Attributes> {
  onlyKnown(args, TARGET_ARGUMENTS);
  const rule = text(args, 'rule');
  const bus = optionalText(args, 'event_bus_name') ?? 'default';
  const target = targetOf(args, optionalText(args, 'target_id') ?? rule);
  const made = { id: `${bus}-${rule}-${target.Id}`, target_id: target.Id, arn: target.Arn };
  if (isOfUnplayed(text(args, 'arn'))) {
    note(`rule ${rule}: what it tells is not played here, and hears nothing: ${target.Arn}`);
    return made;
  }
  const answer = await events.send(
    new PutTargetsCommand({ Rule: rule, EventBusName: bus, Targets: [target] }),
  );
  const failed = answer.FailedEntries?.[0];
  if (failed)
    throw new Error(`target ${target.Id} of rule ${rule}: ${failed.ErrorCode} ${failed.ErrorMessage}`);
  return made;
}

function targetOf(args: Arguments, Id: string): Target {
  const groupId = optionalText(block(args, 'sqs_target'), 'message_group_id');
  const deadLetterArn = optionalText(block(args, 'dead_letter_config'), 'arn');
  const attempts = optionalNumber(block(args, 'retry_policy'), 'maximum_retry_attempts');
  const ageSeconds = optionalNumber(block(args, 'retry_policy'), 'maximum_event_age_in_seconds');
  const roleArn = optionalText(args, 'role_arn');
  return {
    Id,
    Arn: text(args, 'arn'),
    ...(roleArn !== undefined && { RoleArn: roleArn }),
    ...(args['input'] !== undefined && { Input: text(args, 'input') }),
    ...(args['input_path'] !== undefined && { InputPath: text(args, 'input_path') }),
    ...(args['input_transformer'] !== undefined && {
      InputTransformer: { InputTemplate: text(block(args, 'input_transformer'), 'input_template') },
    }),
    ...(groupId !== undefined && { SqsParameters: { MessageGroupId: groupId } }),
    ...(args['http_target'] !== undefined && { HttpParameters: httpParameters(block(args, 'http_target')) }),
    ...(deadLetterArn !== undefined && { DeadLetterConfig: { Arn: deadLetterArn } }),
    ...(args['retry_policy'] !== undefined && {
      RetryPolicy: { MaximumRetryAttempts: attempts, MaximumEventAgeInSeconds: ageSeconds },
    }),
  };
}

function httpParameters(args: Arguments): NonNullable<Target['HttpParameters']> {
  const path = args['path_parameter_values'];
  return {
    HeaderParameters: texts(block(args, 'header_parameters')),
    QueryStringParameters: texts(block(args, 'query_string_parameters')),
    ...(Array.isArray(path) && path.length > 0 && { PathParameterValues: path.map(String) }),
  };
}

function texts(args: Arguments): Record<string, string> {
  return Object.fromEntries(Object.entries(args).map(([key, value]) => [key, String(value)]));
}

/** One that is there is left alone: its credentials are set outside Terraform. */
async function createConnection(args: Arguments, { clients: { events } }: EventsDeps): Promise<Attributes> {
  onlyKnown(args, ['name', 'description', 'authorization_type', 'auth_parameters']);
  const name = text(args, 'name');
  await unless(ALREADY_THERE, () =>
    events.send(
      new CreateConnectionCommand({
        Name: name,
        AuthorizationType: text(args, 'authorization_type') as 'API_KEY',
        AuthParameters: authParameters(block(args, 'auth_parameters')),
      }),
    ),
  );
  const made = await events.send(new DescribeConnectionCommand({ Name: name }));
  return { id: name, name, arn: made.ConnectionArn, secret_arn: made.SecretArn ?? '' };
}

function authParameters(args: Arguments): CreateConnectionAuthRequestParameters {
  onlyKnown(args, ['api_key', 'basic', 'invocation_http_parameters']);
  const apiKey = block(args, 'api_key');
  const basic = block(args, 'basic');
  const http = block(args, 'invocation_http_parameters');
  return {
    ...(args['api_key'] !== undefined && {
      ApiKeyAuthParameters: { ApiKeyName: text(apiKey, 'key'), ApiKeyValue: text(apiKey, 'value') },
    }),
    ...(args['basic'] !== undefined && {
      BasicAuthParameters: { Username: text(basic, 'username'), Password: text(basic, 'password') },
    }),
    ...(args['invocation_http_parameters'] !== undefined && {
      InvocationHttpParameters: connectionHttpParameters(http),
    }),
  };
}

function connectionHttpParameters(args: Arguments): ConnectionHttpParameters {
  const parameters = (key: string) =>
    blocks(args, key).map((one) => ({ Key: text(one, 'key'), Value: text(one, 'value') }));
  const body = parameters('body');
  return {
    HeaderParameters: parameters('header'),
    QueryStringParameters: parameters('query_string'),
    ...(body.length > 0 && { BodyParameters: body }),
  };
}

/** The endpoint may be another one at every start, so one that is there is brought up to date. */
async function createApiDestination(
  args: Arguments,
  { clients: { events } }: EventsDeps,
): Promise<Attributes> {
  onlyKnown(args, [
    'name',
    'description',
    'connection_arn',
    'invocation_endpoint',
    'http_method',
    'invocation_rate_limit_per_second',
  ]);
  const name = text(args, 'name');
  const wanted = {
    Name: name,
    ConnectionArn: text(args, 'connection_arn'),
    InvocationEndpoint: text(args, 'invocation_endpoint'),
    HttpMethod: text(args, 'http_method') as 'POST',
    InvocationRateLimitPerSecond: optionalNumber(args, 'invocation_rate_limit_per_second'),
  };
  const isNew = await unless(ALREADY_THERE, () => events.send(new CreateApiDestinationCommand(wanted)));
  if (!isNew) await events.send(new UpdateApiDestinationCommand(wanted));
  const made = await events.send(new DescribeApiDestinationCommand({ Name: name }));
  return { id: name, name, arn: made.ApiDestinationArn };
}
