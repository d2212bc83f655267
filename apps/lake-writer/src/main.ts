import { s3Call, sqsCall } from '@aftercall/aws-json/function';
import { watchedCall } from '@aftercall/circuit-breaker';
import { functionCircuits } from '@aftercall/circuit-breaker/function';
import { isUnavailable, sqsChangeVisibility, sqsDeadLetter } from '@aftercall/queue';
import { outcomeNames } from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { setTimeout as pause } from 'node:timers/promises';
import { parseConfig } from './config.ts';
import { createHandler } from './handler.ts';
import { s3LakeFiles } from './s3-lake-files.ts';

/** A downstream that hangs is noticed while there is time to give the messages back. */
const PATIENCE = { maxAttempts: 3, timeoutMillis: 3_000 };
/** A file may be tens of megabytes; one that stalls would hold the function for ever. */
const BODY_MILLIS = 10_000;

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const reach = { access: config.awsAccess, ...PATIENCE };
const sqs = sqsCall(config.lakeQueueUrl, reach);
const log = createLogger({ function: 'lake-writer', level: config.logLevel }).child({ stage: config.stage });
const metrics = createMetrics({ function: 'lake-writer', now });
const circuits = functionCircuits({
  function: 'lake-writer',
  access: config.awsAccess,
  settings: config.circuits,
  queueUrl: config.lakeQueueUrl,
  namesOf: ({ body }) => outcomeNames(body),
  isUnavailable,
  metrics,
  log,
  now,
  random,
});

const s3 = watchedCall(circuits, 's3', s3Call({ ...reach, bodyMillis: BODY_MILLIS }));

export const handler = createHandler({
  files: s3LakeFiles(s3, config.lakeBucket),
  circuits,
  shards: config.shards,
  changeVisibility: sqsChangeVisibility(sqs, config.lakeQueueUrl),
  deadLetter: sqsDeadLetter(sqs, config.lakeDeadLetterQueueUrl, { function: 'lake-writer', now }),
  backoff: config.backoff,
  pause: (millis) => pause(millis),
  log,
  metrics,
  random,
  now,
});
