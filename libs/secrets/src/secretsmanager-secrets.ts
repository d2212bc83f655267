import type { AwsCall } from '@aftercall/aws-json';
import { secretsManagerSecretStore } from './secretsmanager-secret-store.ts';
import { functionSecrets, type FunctionSecretsDeps } from './function-secrets.ts';
import type { Secrets } from './secrets.ts';

/** Secrets as every function reads them. */
export const secretsManagerSecrets = (call: AwsCall, deps: Omit<FunctionSecretsDeps, 'store'>): Secrets =>
  functionSecrets({ ...deps, store: secretsManagerSecretStore(call) });
