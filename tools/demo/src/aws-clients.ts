import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { LocalJson } from '@aftercall/local';

/** The SDK at the endpoints of a running stack. */
export interface DemoClients {
  readonly sqs: SQSClient;
  readonly sqsUrl: string;
  readonly s3: S3Client;
  readonly events: EventBridgeClient;
  readonly documents: DynamoDBDocumentClient;
  readonly secrets: SecretsManagerClient;
  readonly destroy: () => void;
}

/** Makes clients from what `local.json` says, as any other program would. */
export function createDemoClients({ aws }: LocalJson): DemoClients {
  const { endpoints, region, accessKeyId, secretAccessKey } = aws;
  const at = (endpoint: string) => ({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  const sqs = new SQSClient(at(endpoints.sqs));
  const s3 = new S3Client({ ...at(endpoints.s3), forcePathStyle: true });
  const events = new EventBridgeClient(at(endpoints.events));
  const documents = DynamoDBDocumentClient.from(new DynamoDBClient(at(endpoints.dynamodb)));
  const secrets = new SecretsManagerClient(at(endpoints.secretsmanager));
  return {
    ...{ sqs, s3, events, documents, secrets, sqsUrl: endpoints.sqs },
    destroy: () => [sqs, s3, events, documents, secrets].forEach((client) => client.destroy()),
  };
}
