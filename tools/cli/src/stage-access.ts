import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { SchemeName, SignatureScheme } from '@aftercall/signing';
import type { FoundStack } from './find-stack.ts';
import type { StageGenesys } from './genesys-clients.ts';

/** A way in, as a stage configures it. */
export interface StageSource {
  readonly key: string;
  readonly scheme: SchemeName | SignatureScheme;
  readonly org: string;
  /** Not known for a stage on AWS. */
  readonly url?: string;
}

/** What the commands touch. */
export interface StageResources {
  readonly ledgerTable: string;
  readonly conversationsTable: string;
  readonly setAsideTable: string;
  readonly backfillTable: string;
  readonly setAsideBucket: string;
  readonly lakeBucket: string;
  readonly circuitsParameter: string;
  /** By name, such as `events`. */
  readonly queueUrls: Readonly<Record<string, string>>;
  readonly deadLetterQueueUrls: Readonly<Record<string, string>>;
  /** By team. */
  readonly qaQueueUrls: Readonly<Record<string, string>>;
}

/** A source's signing secret and the one before it, while a rotation lasts. */
export interface SigningSecrets {
  readonly current?: string;
  readonly previous?: string;
}

/** The way to one stage, here or on AWS. */
export interface StageAccess {
  readonly stage: string;
  /** Present when the stage is the stack that runs here. */
  readonly stack?: FoundStack;
  readonly sources: readonly StageSource[];
  readonly resources: StageResources;
  /** Whose conversations are stored under their bare id. */
  readonly defaultOrg: string;
  readonly clients: {
    readonly documents: DynamoDBDocumentClient;
    readonly s3: S3Client;
    readonly sqs: SQSClient;
    readonly secrets: SecretsManagerClient;
    readonly ssm: SSMClient;
  };
  /** What a source signs with now; `undefined` when it has no secret. */
  readonly currentSecret: (sourceKey: string) => Promise<string | undefined>;
  readonly signingSecrets: (sourceKey: string) => Promise<SigningSecrets>;
  /** Genesys Cloud's own side, read from the stage's file when somebody asks. */
  readonly genesys: () => Promise<StageGenesys>;
  /** Ends the clients' connections. */
  readonly close: () => void;
}

/** The name of the secret that a source's deliveries are signed with. */
export const sourceSecretName = (stage: string, sourceKey: string): string =>
  `aftercall/${stage}/sources/${sourceKey}`;

/** The name of the secret with the keyring that messages are sealed with. */
export const sealingSecretName = (stage: string): string => `aftercall/${stage}/sealing`;
