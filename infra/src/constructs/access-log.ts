import { CloudwatchLogGroup } from '@cdktn/provider-aws/lib/cloudwatch-log-group/index.js';
import type { Construct } from 'constructs';
import { stageKeyArn } from './stage-key.ts';

/** What is known of a request without reading it: no header, no query, no body. */
const FORMAT = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  sourceIp: '$context.identity.sourceIp',
  routeKey: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  responseLength: '$context.responseLength',
  responseLatency: '$context.responseLatency',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  error: '$context.error.message',
};

/** A line of JSON for each request that reaches the API, also for those that never reach ingest. */
export function accessLog(scope: Construct, name: string, retentionInDays: number) {
  const keyArn = stageKeyArn(scope);
  const group = new CloudwatchLogGroup(scope, 'access_log', {
    name,
    retentionInDays,
    ...(keyArn !== undefined && { kmsKeyId: keyArn }),
  });
  return { destinationArn: group.arn, format: JSON.stringify(FORMAT) };
}
