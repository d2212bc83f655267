import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager';
import { type Secrets, type SecretsDeps } from '@aftercall/secrets';
import { secretsManagerSecrets } from '@aftercall/secrets/secretsmanager';

/** The secrets of OAuth clients. Secrets Manager's client is loaded with this file: when the first tag is to be set. */
export const oauthSecrets = (
  options: SecretsManagerClientConfig,
  deps: Pick<SecretsDeps, 'ttlSeconds' | 'now' | 'random'>,
): Secrets => secretsManagerSecrets(new SecretsManagerClient(options), deps);
