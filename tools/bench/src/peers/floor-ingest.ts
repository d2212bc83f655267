// The SDK calls that ingest makes, and nothing else: what no handler on the SDK can be faster than.
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { randomUUID } from 'node:crypto';

const sqs = new SQSClient();
const secretsManager = new SecretsManagerClient();
const { EVENTS_QUEUE_URL: QueueUrl, SEALING_SECRET_NAME: SecretId } = process.env;
let secret: Promise<unknown> | undefined;

export async function handler({ body }: { readonly body: string }) {
  await (secret ??= secretsManager.send(new GetSecretValueCommand({ SecretId })));
  const id = randomUUID();
  const Entries = [{ Id: '0', MessageBody: body, MessageGroupId: id, MessageDeduplicationId: id }];
  await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
  return { statusCode: 200 };
}
