import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { sdkOptions } from '@aftercall/aws-json';
import { sdkSecretsManager } from '@aftercall/aws-json/sdk-secrets-manager';
import { sdkSqs } from '@aftercall/aws-json/sdk-sqs';
import { platformApis } from '@aftercall/genesys';
import { parseClientCredentials, systemClock } from '@aftercall/oauth';
import {
  createEnqueue,
  sealedEntry,
  sqsChangeVisibility,
  sqsDeadLetter,
  sqsSendBatch,
} from '@aftercall/queue';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import { parseKeyring } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { dynamodbRecordedOutcomes } from './dynamodb-recorded-outcomes.ts';
import { dynamodbRunsStore } from './dynamodb-runs-store.ts';
import { createHandler } from './handler.ts';

/** A downstream that hangs is noticed while there is time to give the message back. */
const PATIENT = sdkOptions({ maxAttempts: 3, timeoutMillis: 2_000 });

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const sqs = sdkSqs(new SQSClient(PATIENT));
const documents = DynamoDBDocumentClient.from(new DynamoDBClient(PATIENT), {
  marshallOptions: { removeUndefinedValues: true },
});
const secrets = secretsManagerSecrets(sdkSecretsManager(new SecretsManagerClient(PATIENT)), {
  ttlSeconds: config.secretTtlSeconds,
  now,
  random,
});
const keyring = parsedSecret(secrets, config.sealingSecretName, parseKeyring);
const log = createLogger({ function: 'backfill', level: config.logLevel }).child({ stage: config.stage });
const metrics = createMetrics({ function: 'backfill', now });
const enqueueEvents = createEnqueue(sqsSendBatch(sqs, config.eventsQueueUrl));

export const handler = createHandler({
  sources: config.sources,
  apiOf: platformApis({
    orgs: config.genesysOrgs,
    credentials: (secretName) => parsedSecret(secrets, secretName, parseClientCredentials),
    secretText: (name) => parsedSecret(secrets, name, (url) => url).current(),
    fetch,
    clock: systemClock(),
    random,
    log,
    countTokenRequest: (outcome) =>
      metrics.count('TokenRequests', 1, outcome === 'issued' ? {} : { Reason: outcome }),
    onRateLimitRemaining: (remaining) => metrics.least('RateLimitRemaining', remaining),
  }),
  runs: dynamodbRunsStore(documents, config.backfillTable),
  ...dynamodbRecordedOutcomes(documents, config),
  sendEvents: async (events) => {
    const current = await keyring.current();
    await enqueueEvents(events.map(({ envelope, dataText }) => sealedEntry(envelope, current, dataText)));
  },
  sendRequests: createEnqueue(sqsSendBatch(sqs, config.backfillQueueUrl)),
  changeVisibility: sqsChangeVisibility(sqs, config.backfillQueueUrl),
  deadLetter: sqsDeadLetter(sqs, config.backfillDeadLetterQueueUrl, { function: 'backfill', now }),
  backoff: config.backoff,
  newOwner: () => crypto.randomUUID(),
  log,
  metrics,
  random,
  now,
});
