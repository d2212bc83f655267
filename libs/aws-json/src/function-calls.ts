import type { AwsCall } from './aws-call.ts';
import { type AwsJsonService, createAwsJsonCall } from './aws-json-call.ts';
import { documentsCall } from './dynamodb-documents-call.ts';
import { createS3Call } from './s3-call.ts';
import type { ObjectPatience, Patience } from './sdk-options.ts';
import type { Credentials } from './signed-request.ts';

/** How a function reaches AWS: `sdk` for a stage that wants the SDK's credential providers and endpoint rules. */
export type AwsAccess = SignedAccess | 'sdk';

interface SignedAccess {
  readonly region: string;
  readonly credentials: Credentials;
  endpointOf(service: Exclude<Service, 'sqs'>): string;
}

/** How a function reaches AWS, and how long it waits for it. */
interface AwsReach extends Patience {
  readonly access: AwsAccess;
}

/** As signatures name them. */
export type Service = 'dynamodb' | 'events' | 's3' | 'secretsmanager' | 'sqs' | 'ssm';

type JsonService = Exclude<Service, 's3'>;

const SERVICES: Readonly<Record<JsonService, Omit<AwsJsonService, 'name'>>> = {
  dynamodb: { target: 'DynamoDB_20120810', version: '1.0' },
  events: { target: 'AWSEvents', version: '1.1' },
  secretsmanager: { target: 'secretsmanager', version: '1.1' },
  sqs: { target: 'AmazonSQS', version: '1.0' },
  ssm: { target: 'AmazonSSM', version: '1.1' },
};

/** Calls of SQS. As with the SDK, a queue's URL says where they go. */
export const sqsCall = (queueUrl: string, reach: AwsReach): AwsCall =>
  callOf('sqs', reach, (access) => signed('sqs', queueUrl, access, reach));

/** Calls of DynamoDB, with plain values. */
export const dynamodbCall = (reach: AwsReach): AwsCall =>
  callOf('dynamodb', reach, (access) =>
    documentsCall(signed('dynamodb', access.endpointOf('dynamodb'), access, reach)),
  );

/** Calls of EventBridge. */
export const eventsCall = (reach: AwsReach): AwsCall =>
  callOf('events', reach, (access) => signed('events', access.endpointOf('events'), access, reach));

/** Calls of Secrets Manager. */
export const secretsManagerCall = (reach: AwsReach): AwsCall =>
  callOf('secretsmanager', reach, (access) =>
    signed('secretsmanager', access.endpointOf('secretsmanager'), access, reach),
  );

/** `GetObject` and `PutObject` of S3, with bytes in place of streams. */
export const s3Call = (reach: AwsReach & ObjectPatience): AwsCall =>
  callOf('s3', reach, ({ region, credentials, endpointOf }) =>
    createS3Call({ ...reach, region, credentials, endpoint: endpointOf('s3'), random: Math.random }),
  );

/** Calls of Systems Manager's Parameter Store. */
export const ssmCall = (reach: AwsReach): AwsCall =>
  callOf('ssm', reach, (access) => signed('ssm', access.endpointOf('ssm'), access, reach));

/** The SDK is loaded with the first call. */
function callOf(service: Service, reach: AwsReach, make: (access: SignedAccess) => AwsCall): AwsCall {
  if (reach.access !== 'sdk') return make(reach.access);
  let loading: Promise<AwsCall> | undefined;
  const load = () =>
    (loading ??= import('./sdk-calls.ts').then(({ SDK_CALLS }) => SDK_CALLS[service](reach)));
  return async (...call) => (await load())(...call);
}

const signed = (
  service: JsonService,
  endpoint: string,
  { region, credentials }: SignedAccess,
  { maxAttempts, timeoutMillis }: Patience,
): AwsCall =>
  createAwsJsonCall(
    { name: service, ...SERVICES[service] },
    { endpoint, region, credentials, maxAttempts, timeoutMillis, random: Math.random },
  );
