import { S3Client } from '@aws-sdk/client-s3';
import { sdkOptions } from '@aftercall/aws-json';
import { sqsCall } from '@aftercall/aws-json/function';
import { watchedClient } from '@aftercall/circuit-breaker';
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

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const sqs = sqsCall(config.lakeQueueUrl, { access: config.awsAccess, ...PATIENCE });
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

export const handler = createHandler({
  files: s3LakeFiles(watchedClient(circuits, 's3', new S3Client(sdkOptions(PATIENCE))), config.lakeBucket),
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
