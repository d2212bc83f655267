import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { AwsCall } from './aws-call.ts';
import type { Service } from './function-calls.ts';
import { sdkDynamodb } from './sdk-dynamodb.ts';
import { sdkEvents } from './sdk-events.ts';
import { type ObjectPatience, sdkOptions } from './sdk-options.ts';
import { sdkS3 } from './sdk-s3.ts';
import { sdkSecretsManager } from './sdk-secrets-manager.ts';
import { sdkSqs } from './sdk-sqs.ts';
import { sdkSsm } from './sdk-ssm.ts';

/** Calls through a client of the SDK, by service. */
export const SDK_CALLS: Readonly<Record<Service, (patience: ObjectPatience) => AwsCall>> = {
  sqs: (patience) => sdkSqs(new SQSClient(sdkOptions(patience))),
  dynamodb: (patience) =>
    sdkDynamodb(
      DynamoDBDocumentClient.from(new DynamoDBClient(sdkOptions(patience)), {
        marshallOptions: { removeUndefinedValues: true },
      }),
    ),
  events: (patience) => sdkEvents(new EventBridgeClient(sdkOptions(patience))),
  s3: (patience) => sdkS3(new S3Client(sdkOptions(patience)), patience),
  secretsmanager: (patience) => sdkSecretsManager(new SecretsManagerClient(sdkOptions(patience))),
  ssm: (patience) => sdkSsm(new SSMClient(sdkOptions(patience))),
};
