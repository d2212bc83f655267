import { secretsManagerCall, sqsCall } from '@aftercall/aws-json/function';
import { createEnqueue, sqsSendBatch } from '@aftercall/queue';
import { parsedSecret, secretsManagerSecrets } from '@aftercall/secrets';
import type { SetAside } from '@aftercall/set-aside';
import { parseKeyring } from '@aftercall/signing';
import { createLogger, createMetrics, traceparentOf } from '@aftercall/telemetry';
import { parseConfig } from './config.ts';
import { createHandler } from './handler.ts';
import type { IngestDeps } from './ingest.ts';
import { IMPATIENT, PATIENCE } from './impatient.ts';
import { startDeadline } from './start-deadline.ts';

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
/** Rare paths: their clients are loaded when the first delivery needs them, not at every cold start. */
let putObject: Promise<IngestDeps['storeObject']> | undefined;
let setAside: Promise<SetAside> | undefined;

export const handler = createHandler({
  sources: config.sources,
  webhookSecret: config.webhookSecret,
  retentionSeconds: config.retentionSeconds,
  quarantineDailyBytes: config.quarantineDailyBytes,
  secrets,
  sealingKeyring: keyring.current,
  enqueue: createEnqueue(sqsSendBatch(sqsCall(eventsQueueUrl, reach), eventsQueueUrl)),
  storeObject: async (...object) => {
    putObject ??= import('./s3-object-store.ts').then((rare) =>
      rare.s3PutObject(config.deliveriesBucket, IMPATIENT),
    );
    return (await putObject)(...object);
  },
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
