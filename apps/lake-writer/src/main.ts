import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { sqsChangeVisibility, sqsDeadLetter } from '@aftercall/queue/sqs';
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
const sqs = new SQSClient(PATIENT);

export const handler = createHandler({
  files: s3LakeFiles(new S3Client(PATIENT), config.lakeBucket),
  shards: config.shards,
  changeVisibility: sqsChangeVisibility(sqs, config.lakeQueueUrl),
  deadLetter: sqsDeadLetter(sqs, config.lakeDeadLetterQueueUrl, { function: 'lake-writer', now }),
  backoff: config.backoff,
  pause: (millis) => pause(millis),
  log: createLogger({ function: 'lake-writer', level: config.logLevel }).child({ stage: config.stage }),
  metrics: createMetrics({ function: 'lake-writer', now }),
  random: () => Math.random(),
  now,
});
