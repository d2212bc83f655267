import { s3Call, secretsManagerCall, sqsCall } from '@aftercall/aws-json/function';
import { createEnqueue, sqsSendBatch } from '@aftercall/queue';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import type { SetAside } from '@aftercall/set-aside';
import { parseKeyring } from '@aftercall/signing';
import { createLogger, createMetrics, traceparentOf } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { createHandler } from './handler.ts';
import { s3PutObject } from './s3-object-store.ts';
import { startDeadline } from './start-deadline.ts';

/** Two attempts, and no more, fit into the sender's patience. */
const PATIENCE = { maxAttempts: 2, timeoutMillis: 800 };

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const reach = { access: config.awsAccess, ...PATIENCE };
const { eventsQueueUrl } = config;
const secrets = secretsManagerSecrets(secretsManagerCall(reach), {
  ttlSeconds: config.secretTtlSeconds,
  now,
  random,
});
const keyring = parsedSecret(secrets, config.sealingSecretName, parseKeyring);
/** A rare path: its clients are loaded when the first delivery needs them, not at every cold start. */
let setAside: Promise<SetAside> | undefined;

export const handler = createHandler({
  sources: config.sources,
  webhookSecret: config.webhookSecret,
  retentionSeconds: config.retentionSeconds,
  quarantineDailyBytes: config.quarantineDailyBytes,
  secrets,
  sealingKeyring: keyring.current,
  enqueue: createEnqueue(sqsSendBatch(sqsCall(eventsQueueUrl, reach), eventsQueueUrl)),
  storeObject: s3PutObject(s3Call(reach), config.deliveriesBucket),
  objectRef: (key) => `s3://${config.deliveriesBucket}/${key}`,
  quarantine: async (item, signal) => {
    setAside ??= import('@aftercall/set-aside').then((rare) =>
      rare.s3SetAside(config.setAsideBucket, config.setAsideTable, now),
    );
    return (await setAside).put(item, signal);
  },
  startDeadline,
  traceparent: (header) => traceparentOf(header, random),
  log: createLogger({ function: 'ingest', level: config.logLevel }),
  metrics: createMetrics({ function: 'ingest', now }),
  now,
});
