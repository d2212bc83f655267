import type { LambdaEventSourceMappingConfig } from '@cdktn/provider-aws/lib/lambda-event-source-mapping/index.js';
import { LambdaEventSourceMapping } from '@cdktn/provider-aws/lib/lambda-event-source-mapping/index.js';
import type { Construct } from 'constructs';
import type { AppFunction } from './app-function.ts';
import { queueAgeAlarm, type QueueAgeProps } from './queue-age-alarm.ts';

/** The fewest invocations at a time that an event source can be held to. */
const LEAST_SCALING = 2;

/** What Lambda itself does to a queue, in the name of the function. */
export const POLLING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/** Which messages of which queue a function gets at a time. */
export interface QueueSourceProps extends QueueAgeProps {
  readonly queueArn: string;
  readonly batchSize: number;
  /** Waits so long for a batch to fill. Without it a batch is what is there. */
  readonly windowSeconds?: number;
  /** Below two it is for the function's reserved concurrency to hold. */
  readonly maximumConcurrency: number;
}

/** Feeds a function from a queue, and watches how long messages wait for it; what it fails of a batch comes back alone. */
export function queueSource(
  scope: Construct,
  id: string,
  { alias, policy }: AppFunction,
  { queueArn, batchSize, windowSeconds, maximumConcurrency, ...watched }: QueueSourceProps,
): void {
  const config: LambdaEventSourceMappingConfig = {
    eventSourceArn: queueArn,
    functionName: alias.arn,
    batchSize,
    functionResponseTypes: ['ReportBatchItemFailures'],
    ...(windowSeconds !== undefined && { maximumBatchingWindowInSeconds: windowSeconds }),
    ...(maximumConcurrency >= LEAST_SCALING && { scalingConfig: { maximumConcurrency } }),
    // Lambda refuses a mapping whose role may not read the queue yet.
    dependsOn: [policy],
  };
  new LambdaEventSourceMapping(scope, id, config);
  queueAgeAlarm(scope, watched);
}
