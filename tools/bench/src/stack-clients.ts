import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalJson } from '@aftercall/local';

/** The SDK at the endpoints of a running stack. */
export interface StackClients {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly events: EventBridgeClient;
  readonly secrets: SecretsManagerClient;
  readonly dynamodb: DynamoDBClient;
  readonly documents: DynamoDBDocumentClient;
  readonly destroy: () => void;
}

export function createClients({
  endpoints,
  region,
  accessKeyId,
  secretAccessKey,
}: LocalJson['aws']): StackClients {
  const at = (endpoint: string) => ({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const sqs = new SQSClient(at(endpoints.sqs));
  const s3 = new S3Client({ ...at(endpoints.s3), forcePathStyle: true });
  const events = new EventBridgeClient(at(endpoints.events));
  const secrets = new SecretsManagerClient(at(endpoints.secretsmanager));
  const dynamodb = new DynamoDBClient(at(endpoints.dynamodb));
  return {
    ...{ sqs, s3, events, secrets, dynamodb, documents: DynamoDBDocumentClient.from(dynamodb) },
    destroy: () => [sqs, s3, events, secrets, dynamodb].forEach((client) => client.destroy()),
  };
}
