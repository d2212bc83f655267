import type { AwsCall } from '@aftercall/aws-json';
import type { SecretStore } from './secret-store.ts';

/** Secrets Manager as a store. Time-outs and retries are the call's. */
export function secretsManagerSecretStore(call: AwsCall): SecretStore {
  return {
    async getSecretValue(name, stage, signal) {
      try {
        const { SecretString } = await call(
          'GetSecretValue',
          { SecretId: name, VersionStage: stage },
          signal,
        );
        // A binary secret has no text: it reads as empty and is refused as such.
        return typeof SecretString === 'string' ? SecretString : '';
      } catch (error) {
        // Also the answer for a secret without this version.
        if (Error.isError(error) && error.name === 'ResourceNotFoundException') return undefined;
        throw error;
      }
    },
  };
}
