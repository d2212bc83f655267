import type { AwsCall } from '@aftercall/aws-json';
import { createSecrets, type Secrets, type SecretsDeps } from './secrets.ts';
import { secretsManagerSecretStore } from './secretsmanager-secret-store.ts';

/** A rotation is noticed within this after the first delivery that does not match; a flood of forgeries costs no more. */
const REFRESH_INTERVAL_SECONDS = 3;
/** Longer than any outage of Secrets Manager has been; a secret older than that may have been withdrawn. */
const MAX_STALE_SECONDS = 24 * 3600;

/** Secrets as every function reads them. */
export const secretsManagerSecrets = (
  call: AwsCall,
  deps: Pick<SecretsDeps, 'ttlSeconds' | 'now' | 'random'>,
): Secrets =>
  createSecrets({
    ...deps,
    store: secretsManagerSecretStore(call),
    refreshIntervalSeconds: REFRESH_INTERVAL_SECONDS,
    maxStaleSeconds: MAX_STALE_SECONDS,
  });
