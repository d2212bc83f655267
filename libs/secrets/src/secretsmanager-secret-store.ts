import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { SecretStore } from './secret-store.ts';

/** Secrets Manager as a store. Time-outs and retries are the client's. */
export function secretsManagerSecretStore(client: SecretsManagerClient): SecretStore {
  return {
    async getSecretValue(name, stage, signal) {
      const command = new GetSecretValueCommand({ SecretId: name, VersionStage: stage });
      try {
        const { SecretString } = await client.send(
          command,
          signal === undefined ? {} : { abortSignal: signal },
        );
        // A binary secret has no text: it reads as empty and is refused as such.
        return SecretString ?? '';
      } catch (error) {
        // Also the answer for a secret without this version.
        if (Error.isError(error) && error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },
  };
}
