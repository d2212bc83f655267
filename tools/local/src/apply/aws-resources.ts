import { CreateTableCommand, DescribeTableCommand, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import type {
  AttributeDefinition,
  CreateTableCommandInput,
  KeySchemaElement,
  Projection,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { STATE_MACHINE_RESOURCES } from './state-machine-resources.ts';
import type { Clients, Endpoints } from '../aws/clients.ts';
import { arn, REGION } from '../aws/identity.ts';
import { block, blocks, onlyKnown, optionalNumber, optionalText, text } from './arguments.ts';
import type { Attributes } from './evaluate.ts';
import { EVENT_RESOURCES } from './event-resources.ts';
import type { Arguments } from './read-stacks.ts';
import { unless } from './unless.ts';

export interface AwsResourceDeps {
  readonly clients: Clients;
  readonly endpoints: Endpoints;
  /** Something that is not quite as on AWS, said once at start-up. */
  readonly note: (line: string) => void;
}

/** Makes one resource through the SDK. Making what is there already is no error: another endpoint may outlive the stack. */
export type Creator = (args: Arguments, deps: AwsResourceDeps) => Promise<Attributes>;

/** The resource types that exist at the AWS endpoints, embedded or not. */
export const AWS_RESOURCES: Readonly<Record<string, Creator>> = {
  aws_sqs_queue: createQueue,
  aws_dynamodb_table: createTable,
  aws_s3_bucket: createBucket,
  aws_s3_object: createObject,
  aws_secretsmanager_secret: createSecret,
  aws_secretsmanager_secret_rotation: createRotation,
  aws_ssm_parameter: createParameter,
  ...EVENT_RESOURCES,
  ...STATE_MACHINE_RESOURCES,
};

const QUEUE_ATTRIBUTES: Readonly<Record<string, string>> = {
  fifo_queue: 'FifoQueue',
  content_based_deduplication: 'ContentBasedDeduplication',
  deduplication_scope: 'DeduplicationScope',
  fifo_throughput_limit: 'FifoThroughputLimit',
  visibility_timeout_seconds: 'VisibilityTimeout',
  message_retention_seconds: 'MessageRetentionPeriod',
  max_message_size: 'MaximumMessageSize',
  delay_seconds: 'DelaySeconds',
  receive_wait_time_seconds: 'ReceiveMessageWaitTimeSeconds',
  redrive_policy: 'RedrivePolicy',
  redrive_allow_policy: 'RedriveAllowPolicy',
};

const SET_AT_CREATION = ['FifoQueue'];

async function createQueue(
  args: Arguments,
  { clients: { sqs }, endpoints }: AwsResourceDeps,
): Promise<Attributes> {
  const name = text(args, 'name');
  const attributes = Object.fromEntries(
    Object.entries(QUEUE_ATTRIBUTES)
      .filter(([key]) => args[key] !== undefined)
      .map(([key, attribute]) => [attribute, String(args[key])]),
  );
  const isNew = await unless(['QueueNameExists', 'QueueAlreadyExists'], () =>
    sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes })),
  );
  // Emulators answer queue URLs on host names of their own; the SDK would follow those and not the endpoint.
  const answered = (await sqs.send(new GetQueueUrlCommand({ QueueName: name }))).QueueUrl ?? '';
  const url = `${endpoints.sqs}${new URL(answered).pathname}`;
  if (!isNew) {
    const changeable = Object.entries(attributes).filter(([key]) => !SET_AT_CREATION.includes(key));
    await sqs.send(
      new SetQueueAttributesCommand({ QueueUrl: url, Attributes: Object.fromEntries(changeable) }),
    );
  }
  const made = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  return { id: url, url, name, arn: made.Attributes?.['QueueArn'] };
}

async function createTable(
  args: Arguments,
  { clients: { dynamodb }, note }: AwsResourceDeps,
): Promise<Attributes> {
  const name = text(args, 'name');
  const isNew = await unless(['ResourceInUseException'], () =>
    dynamodb.send(new CreateTableCommand(tableInput(name, args))),
  );
  const ttl = block(args, 'ttl');
  if (isNew && ttl['enabled'] !== false && ttl['attribute_name'] !== undefined) {
    const TimeToLiveSpecification = { AttributeName: text(ttl, 'attribute_name'), Enabled: true };
    const isSet = await unless(['UnknownOperationException'], () =>
      dynamodb.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification })),
    );
    if (!isSet) note(`table ${name}: this DynamoDB emulator knows no time to live; expired items stay`);
  }
  const made = await dynamodb.send(new DescribeTableCommand({ TableName: name }));
  return {
    id: name,
    name,
    arn: made.Table?.TableArn,
    hash_key: args['hash_key'],
    stream_arn: made.Table?.LatestStreamArn ?? '',
  };
}

function tableInput(name: string, args: Arguments): CreateTableCommandInput {
  const globalIndexes = blocks(args, 'global_secondary_index').map(index);
  const localIndexes = blocks(args, 'local_secondary_index').map((it) =>
    index({ hash_key: args['hash_key'], ...it }),
  );
  return {
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: keySchema(args),
    AttributeDefinitions: blocks(args, 'attribute').map(
      (it): AttributeDefinition => ({
        AttributeName: text(it, 'name'),
        AttributeType: text(it, 'type') as 'S' | 'N' | 'B',
      }),
    ),
    ...(globalIndexes.length > 0 && { GlobalSecondaryIndexes: globalIndexes }),
    ...(localIndexes.length > 0 && { LocalSecondaryIndexes: localIndexes }),
  };
}

function index(args: Arguments) {
  const nonKey = args['non_key_attributes'];
  const Projection: Projection = {
    ProjectionType: (optionalText(args, 'projection_type') ?? 'ALL') as 'ALL',
    ...(Array.isArray(nonKey) && { NonKeyAttributes: nonKey as string[] }),
  };
  return { IndexName: text(args, 'name'), KeySchema: keySchema(args), Projection };
}

function keySchema(args: Arguments): KeySchemaElement[] {
  const range = optionalText(args, 'range_key');
  return [
    { AttributeName: text(args, 'hash_key'), KeyType: 'HASH' },
    ...(range === undefined ? [] : [{ AttributeName: range, KeyType: 'RANGE' as const }]),
  ];
}

async function createBucket(args: Arguments, { clients: { s3 } }: AwsResourceDeps): Promise<Attributes> {
  const name = text(args, 'bucket');
  const CreateBucketConfiguration = { LocationConstraint: REGION } as const;
  await unless(['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'], () =>
    s3.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration })),
  );
  return { id: name, bucket: name, arn: `arn:aws:s3:::${name}`, region: REGION };
}

/** A file's path would be relative to where Terraform runs, so content is taken from the block only. */
async function createObject(args: Arguments, { clients: { s3 } }: AwsResourceDeps): Promise<Attributes> {
  onlyKnown(args, ['bucket', 'key', 'content', 'content_base64', 'content_type']);
  const bucket = text(args, 'bucket');
  const key = text(args, 'key');
  const base64 = optionalText(args, 'content_base64');
  const Body = base64 === undefined ? text(args, 'content') : Buffer.from(base64, 'base64');
  const contentType = optionalText(args, 'content_type');
  const made = await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body,
      ...(contentType !== undefined && { ContentType: contentType }),
    }),
  );
  return {
    id: key,
    bucket,
    key,
    etag: made.ETag?.replaceAll('"', ''),
    arn: `arn:aws:s3:::${bucket}/${key}`,
  };
}

async function createSecret(args: Arguments, { clients: { secrets } }: AwsResourceDeps): Promise<Attributes> {
  const name = text(args, 'name');
  await unless(['ResourceExistsException'], () => secrets.send(new CreateSecretCommand({ Name: name })));
  const made = await secrets.send(new DescribeSecretCommand({ SecretId: name }));
  return { id: made.ARN, arn: made.ARN, name };
}

/** The function runs here and not at another endpoint, which therefore need not know it. */
async function createRotation(
  args: Arguments,
  { clients: { secrets }, note }: AwsResourceDeps,
): Promise<Attributes> {
  onlyKnown(args, ['secret_id', 'rotation_lambda_arn', 'rotation_rules', 'rotate_immediately', 'depends_on']);
  const SecretId = text(args, 'secret_id');
  if (args['rotate_immediately'] !== false) throw new Error('the local stack rotates on request only');
  const rules = block(args, 'rotation_rules');
  const days = optionalNumber(rules, 'automatically_after_days');
  const ScheduleExpression = optionalText(rules, 'schedule_expression');
  const isSet = await unless(['ResourceNotFoundException', 'UnknownOperationException'], () =>
    secrets.send(
      new RotateSecretCommand({
        SecretId,
        RotationLambdaARN: text(args, 'rotation_lambda_arn'),
        RotateImmediately: false,
        RotationRules: {
          ...(days !== undefined && { AutomaticallyAfterDays: days }),
          ...(ScheduleExpression !== undefined && { ScheduleExpression }),
        },
      }),
    ),
  );
  if (!isSet) note(`${SecretId}: this Secrets Manager does not rotate with a function that runs elsewhere`);
  return { id: SecretId, rotation_enabled: isSet };
}

async function createParameter(args: Arguments, { clients: { ssm } }: AwsResourceDeps): Promise<Attributes> {
  const name = text(args, 'name');
  const value = optionalText(args, 'value') ?? optionalText(args, 'insecure_value') ?? '';
  const type = (optionalText(args, 'type') ?? 'String') as 'String';
  const made = await ssm.send(
    new PutParameterCommand({ Name: name, Value: value, Type: type, Overwrite: true }),
  );
  return {
    id: name,
    name,
    value,
    type,
    arn: arn('ssm', `parameter${name.startsWith('/') ? '' : '/'}${name}`),
    version: made.Version,
  };
}
