import type { AwsCall } from './aws-call.ts';
import { type AwsJsonService, createAwsJsonCall } from './aws-json-call.ts';
import { documentsCall } from './dynamodb-documents-call.ts';
import type { SdkCalls } from './sdk-calls.ts';
import type { Patience } from './sdk-options.ts';
import type { Credentials } from './signed-request.ts';

/** How a function reaches AWS, and how long it waits for it. */
export interface AwsReach extends Patience {
  /** `sdk` for a stage that wants the SDK's credential providers and endpoint rules. */
  readonly access: AwsAccess | 'sdk';
}

export interface AwsAccess {
  readonly region: string;
  readonly credentials: Credentials;
  endpointOf(service: 'dynamodb' | 'events' | 'secretsmanager' | 'ssm'): string;
}

const SQS: AwsJsonService = { name: 'sqs', target: 'AmazonSQS', version: '1.0' };
const DYNAMODB: AwsJsonService = { name: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' };
const EVENTS: AwsJsonService = { name: 'events', target: 'AWSEvents', version: '1.1' };
const SECRETS_MANAGER: AwsJsonService = { name: 'secretsmanager', target: 'secretsmanager', version: '1.1' };
const SSM: AwsJsonService = { name: 'ssm', target: 'AmazonSSM', version: '1.1' };

/** Calls of SQS. As with the SDK, a queue's URL says where they go. */
export const sqsCall = (queueUrl: string, reach: AwsReach): AwsCall =>
  callOf('sqs', reach, (access) => signed(SQS, queueUrl, access, reach));

/** Calls of DynamoDB, with plain values. */
export const dynamodbCall = (reach: AwsReach): AwsCall =>
  callOf('dynamodb', reach, (access) =>
    documentsCall(signed(DYNAMODB, access.endpointOf('dynamodb'), access, reach)),
  );

/** Calls of EventBridge. */
export const eventsCall = (reach: AwsReach): AwsCall =>
  callOf('events', reach, (access) => signed(EVENTS, access.endpointOf('events'), access, reach));

/** Calls of Secrets Manager. */
export const secretsManagerCall = (reach: AwsReach): AwsCall =>
  callOf('secretsManager', reach, (access) =>
    signed(SECRETS_MANAGER, access.endpointOf('secretsmanager'), access, reach),
  );

/** Calls of Systems Manager's Parameter Store. */
export const ssmCall = (reach: AwsReach): AwsCall =>
  callOf('ssm', reach, (access) => signed(SSM, access.endpointOf('ssm'), access, reach));

function callOf(service: keyof SdkCalls, reach: AwsReach, make: (access: AwsAccess) => AwsCall): AwsCall {
  if (reach.access !== 'sdk') return make(reach.access);
  let loading: Promise<SdkCalls> | undefined;
  const load = () => (loading ??= import('./sdk-calls.ts').then(({ sdkCalls }) => sdkCalls(reach)));
  return async (...call) => (await load())[service](...call);
}

const signed = (
  service: AwsJsonService,
  endpoint: string,
  { region, credentials }: AwsAccess,
  { maxAttempts, timeoutMillis }: Patience,
): AwsCall =>
  createAwsJsonCall(service, {
    ...{ endpoint, region, credentials, maxAttempts, timeoutMillis },
    random: Math.random,
  });
