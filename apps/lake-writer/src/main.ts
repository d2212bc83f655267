import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { watchedClient } from '@aftercall/circuit-breaker';
import { functionCircuits } from '@aftercall/circuit-breaker/function';
import { isUnavailable } from '@aftercall/queue';
import { sqsChangeVisibility, sqsDeadLetter } from '@aftercall/queue/sqs';
import { outcomeNames } from '@aftercall/schemas';
import { createLogger, createMetrics } from '@aftercall/telemetry';
import { setTimeout as pause } from 'node:timers/promises';
import { parseConfig } from './config.ts';
import { createHandler } from './handler.ts';
import { s3LakeFiles } from './s3-lake-files.ts';

/** A downstream that hangs is noticed while there is time to give the messages back. */
const PATIENT = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

const config = parseConfig(process.env);
const now = () => new Date();
const random = () => Math.random();
const sqs = new SQSClient(PATIENT);
const log = createLogger({ function: 'lake-writer', level: config.logLevel }).child({ stage: config.stage });
const metrics = createMetrics({ function: 'lake-writer', now });
const circuits = functionCircuits({
  function: 'lake-writer',
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
  files: s3LakeFiles(watchedClient(circuits, 's3', new S3Client(PATIENT)), config.lakeBucket),
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
