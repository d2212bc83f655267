import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { sqsSendBatch } from '@aftercall/queue/sqs';
import { secretsManagerSecretStore } from '@aftercall/secrets/secretsmanager';
import { IMPATIENT } from './impatient.ts';
import type { AwsCalls } from './signed-calls.ts';

/** Through the SDK, for a stage that wants its credential providers and endpoint rules: `AWS_CALLS=sdk`. */
export function sdkCalls(queueUrl: string): AwsCalls {
  return {
    sendBatch: sqsSendBatch(new SQSClient(IMPATIENT), queueUrl),
    store: secretsManagerSecretStore(new SecretsManagerClient(IMPATIENT)),
  };
}
