import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { CREDENTIALS, REGION } from './identity.ts';

/** The base URL of every AWS service that the stack knows, named as in `local.json`. */
export interface Endpoints {
  readonly sqs: string;
  readonly dynamodb: string;
  readonly s3: string;
  readonly secretsmanager: string;
  readonly events: string;
  readonly ssm: string;
  readonly sfn: string;
}

/** The SDK's clients at the stack's endpoints. */
export interface Clients {
  readonly sqs: SQSClient;
  readonly dynamodb: DynamoDBClient;
  readonly s3: S3Client;
  readonly secrets: SecretsManagerClient;
  readonly events: EventBridgeClient;
  readonly ssm: SSMClient;
  readonly sfn: SFNClient;
}

/** Longer than any long poll: an endpoint that hangs is given up. */
const REQUEST_TIMEOUT_MILLIS = 30_000;

/** SDK configuration for one endpoint. */
export function clientConfig(endpoint: string) {
  return {
    endpoint,
    region: REGION,
    credentials: { ...CREDENTIALS },
    requestHandler: {
      requestTimeout: REQUEST_TIMEOUT_MILLIS,
      httpAgent: { keepAlive: true, maxSockets: 200 },
    },
  };
}

export function createClients(endpoints: Endpoints): Clients {
  return {
    sqs: new SQSClient(clientConfig(endpoints.sqs)),
    dynamodb: new DynamoDBClient(clientConfig(endpoints.dynamodb)),
    s3: new S3Client({ ...clientConfig(endpoints.s3), forcePathStyle: true }),
    secrets: new SecretsManagerClient(clientConfig(endpoints.secretsmanager)),
    events: new EventBridgeClient(clientConfig(endpoints.events)),
    ssm: new SSMClient(clientConfig(endpoints.ssm)),
    sfn: new SFNClient(clientConfig(endpoints.sfn)),
  };
}

export function destroyClients(clients: Clients): void {
  for (const client of Object.values(clients) as { destroy(): void }[]) client.destroy();
}
