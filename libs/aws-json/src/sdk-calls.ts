import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AwsCall } from './aws-call.ts';
import type { Service } from './function-calls.ts';
import { sdkDynamodb } from './sdk-dynamodb.ts';
import { sdkEvents } from './sdk-events.ts';
import { type sdkOptions } from './sdk-options.ts';
import { sdkSecretsManager } from './sdk-secrets-manager.ts';
import { sdkSqs } from './sdk-sqs.ts';
import { sdkSsm } from './sdk-ssm.ts';

/** Calls through a client of the SDK, by service. */
export const SDK_CALLS: Readonly<Record<Service, (options: ReturnType<typeof sdkOptions>) => AwsCall>> = {
  sqs: (options) => sdkSqs(new SQSClient(options)),
  dynamodb: (options) =>
    sdkDynamodb(
      DynamoDBDocumentClient.from(new DynamoDBClient(options), {
        marshallOptions: { removeUndefinedValues: true },
      }),
    ),
  events: (options) => sdkEvents(new EventBridgeClient(options)),
  secretsmanager: (options) => sdkSecretsManager(new SecretsManagerClient(options)),
  ssm: (options) => sdkSsm(new SSMClient(options)),
};
