// What ingest cannot do without, and nothing else: the measure that its own start is held against.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';

export const sqs = new SQSClient();
export const secretsManager = new SecretsManagerClient();
export const sendMessageBatch = new SendMessageBatchCommand({ QueueUrl: 'http://127.0.0.1/q', Entries: [] });
export const getSecretValue = new GetSecretValueCommand({ SecretId: 'sealing' });
