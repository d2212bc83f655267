import { type AwsJsonDeps, createAwsJsonCall } from '@aftercall/aws-json';
import type { SecretStore } from './secret-store.ts';

/** Secrets Manager without the SDK, where its weight counts. */
export function secretsManagerJsonSecretStore(deps: AwsJsonDeps): SecretStore {
  const call = createAwsJsonCall({ name: 'secretsmanager', target: 'secretsmanager', version: '1.1' }, deps);
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
