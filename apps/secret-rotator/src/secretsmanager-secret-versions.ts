import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  type SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import type { SecretVersions } from './secret-versions.ts';

/** The versions of secrets in Secrets Manager. */
export function secretsManagerSecretVersions(client: SecretsManagerClient): SecretVersions {
  return {
    describe: async (SecretId) => {
      const described = await client.send(new DescribeSecretCommand({ SecretId }));
      const { Name: name = SecretId, VersionIdsToStages = {}, LastRotatedDate: rotatedAt } = described;
      return { name, labels: new Map(Object.entries(VersionIdsToStages)), rotatedAt };
    },
    read: async (SecretId, VersionId) => {
      try {
        const { SecretString: text, CreatedDate: createdAt } = await client.send(
          new GetSecretValueCommand({ SecretId, VersionId }),
        );
        return text === undefined || createdAt === undefined ? undefined : { text, createdAt };
      } catch (error) {
        if (error instanceof ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    putPending: async (SecretId, ClientRequestToken, SecretString) => {
      await client.send(
        new PutSecretValueCommand({
          SecretId,
          ClientRequestToken,
          SecretString,
          VersionStages: ['AWSPENDING'],
        }),
      );
    },
    promote: async (SecretId, MoveToVersionId, RemoveFromVersionId) => {
      await client.send(
        new UpdateSecretVersionStageCommand({
          SecretId,
          VersionStage: 'AWSCURRENT',
          MoveToVersionId,
          RemoveFromVersionId,
        }),
      );
    },
  };
}
