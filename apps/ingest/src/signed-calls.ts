import { type SendBatch, sqsJsonSendBatch } from '@aftercall/queue';
import { secretsManagerJsonSecretStore, type SecretStore } from '@aftercall/secrets';
import type { AwsAccess } from './config.ts';
import { PATIENCE } from './impatient.ts';

/** What every delivery needs of AWS; everything else is rare, and the SDK's. */
export interface AwsCalls {
  readonly sendBatch: SendBatch;
  readonly store: SecretStore;
}

/** Without the SDK: its clients for these two calls were two thirds of ingest's cold start. */
export function signedCalls(queueUrl: string, access: AwsAccess, random: () => number): AwsCalls {
  const deps = { ...PATIENCE, region: access.region, credentials: access.credentials, random };
  return {
    sendBatch: sqsJsonSendBatch(queueUrl, deps),
    store: secretsManagerJsonSecretStore({ ...deps, endpoint: access.secretsManagerEndpoint }),
  };
}
