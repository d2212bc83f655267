import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { sdkDynamodb } from './sdk-dynamodb.ts';
import { sdkEvents } from './sdk-events.ts';
import { type Patience, sdkOptions } from './sdk-options.ts';
import { sdkSecretsManager } from './sdk-secrets-manager.ts';
import { sdkSqs } from './sdk-sqs.ts';
import { sdkSsm } from './sdk-ssm.ts';

/** Calls through the SDK's clients. */
export function sdkCalls(patience: Patience) {
  const options = sdkOptions(patience);
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(options), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return {
    sqs: sdkSqs(new SQSClient(options)),
    dynamodb: sdkDynamodb(documents),
    events: sdkEvents(new EventBridgeClient(options)),
    secretsManager: sdkSecretsManager(new SecretsManagerClient(options)),
    ssm: sdkSsm(new SSMClient(options)),
  };
}

export type SdkCalls = ReturnType<typeof sdkCalls>;
