import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AwsCall } from './aws-call.ts';
import { sdkCall } from './sdk-call.ts';

/** Our calls of Secrets Manager through a client of the SDK. */
export const sdkSecretsManager = (client: SecretsManagerClient): AwsCall =>
  sdkCall(client, { GetSecretValue: GetSecretValueCommand });
