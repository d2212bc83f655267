import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { setTimeout as sleep } from 'node:timers/promises';
import { sdkOptions } from '@aftercall/aws-json';
import { sdkDynamodb } from '@aftercall/aws-json/sdk-dynamodb';
import { sdkEvents } from '@aftercall/aws-json/sdk-events';
import { sdkSecretsManager } from '@aftercall/aws-json/sdk-secrets-manager';
import { sdkSsm } from '@aftercall/aws-json/sdk-ssm';
import { openCircuits, ssmSharedCircuits } from '@aftercall/circuit-breaker';
import { eventbridgeFacts } from '@aftercall/facts';
import { dynamodbLedgerStore, forgetClaim } from '@aftercall/idempotency';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import {
  createSetAside,
  dynamodbIndexStore,
  s3ObjectStore,
  SET_ASIDE_RETENTION_SECONDS,
} from '@aftercall/set-aside';
import { dynamodbReviewStore } from '@aftercall/set-aside/reviews';
import { parseKeyring } from '@aftercall/signing';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { eventbridgeReplayedFacts } from './eventbridge-replayed-facts.ts';
import { createHandler } from './handler.ts';
import { sqsOriginQueues } from './sqs-origin-queues.ts';

/** A downstream that hangs is noticed while there is time to give the letters back. */
const PATIENT = sdkOptions({ maxAttempts: 3, timeoutMillis: 5_000 });

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const documents = DynamoDBDocumentClient.from(new DynamoDBClient(PATIENT));
const s3 = new S3Client(PATIENT);
const events = new EventBridgeClient(PATIENT);
const secrets = secretsManagerSecrets(sdkSecretsManager(new SecretsManagerClient(PATIENT)), {
  ttlSeconds: config.secretTtlSeconds,
  now,
  random,
});
const setAside = createSetAside({
  objects: s3ObjectStore(s3, config.setAsideBucket),
  index: dynamodbIndexStore(documents, config.setAsideTable),
  now,
  retentionSeconds: SET_ASIDE_RETENTION_SECONDS,
});
const ledger = dynamodbLedgerStore(sdkDynamodb(documents), config.ledgerTable);
const circuits = ssmSharedCircuits(
  sdkSsm(new SSMClient(sdkOptions({ maxAttempts: 1, timeoutMillis: 1_000 }))),
  config.circuitsParameter,
);

export const handler = createHandler({
  ...config,
  ...sqsOriginQueues(new SQSClient(PATIENT)),
  keyring: parsedSecret(secrets, config.sealingSecretName, parseKeyring).current,
  setAside,
  put: setAside.put,
  reviews: dynamodbReviewStore(documents, config.setAsideTable),
  publish: eventbridgeReplayedFacts(events, config.busName),
  publishFacts: eventbridgeFacts(sdkEvents(events), config.busName),
  forgetClaim: (consumer, event) => forgetClaim({ consumer, ...event }, { store: ledger, now }),
  openCircuits: () => openCircuits(circuits),
  storeObject: async (Key, Body) => {
    await s3.send(new PutObjectCommand({ Bucket: config.deliveriesBucket, Key, Body }));
  },
  objectRef: (key) => `s3://${config.deliveriesBucket}/${key}`,
  log: createLogger({ function: 'dead-letters', level: config.logLevel }),
  metrics: createMetrics({ function: 'dead-letters', now }),
  sleep: async (millis) => {
    await sleep(millis);
  },
  random,
  now,
});
