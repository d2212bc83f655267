import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretsManagerSecretStore } from './secretsmanager-secret-store.ts';
import { functionSecrets, type FunctionSecretsDeps } from './function-secrets.ts';
import type { Secrets } from './secrets.ts';

/** Secrets as every function reads them, through the SDK. */
export const secretsManagerSecrets = (
  client: SecretsManagerClient,
  deps: Omit<FunctionSecretsDeps, 'store'>,
): Secrets => functionSecrets({ ...deps, store: secretsManagerSecretStore(client) });
