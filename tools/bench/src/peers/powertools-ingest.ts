// The same job as Powertools for AWS Lambda documents it: Middy, its logger, metrics, parameters and parser.
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { deliverySchema, type Outcome } from './outcome-schema.ts';

const { EVENTS_QUEUE_URL: QueueUrl, SOURCE_SECRET_NAME = '' } = process.env;
const SECRET_TTL_SECONDS = 300;

const logger = new Logger({ serviceName: 'ingest' });
const metrics = new Metrics({ namespace: 'Powertools', serviceName: 'ingest' });
const secrets = new SecretsProvider();
const sqs = new SQSClient();

async function receive({ headers, body = '' }: APIGatewayProxyEventV2) {
  const secret = await secrets.get(SOURCE_SECRET_NAME, { maxAge: SECRET_TTL_SECONDS });
  if (!isSigned(body, headers['x-genesys-webhook-signature'] ?? '', String(secret)))
    return { statusCode: 401 };
  const parsed = deliverySchema.safeParse(JSON.parse(body));
  if (!parsed.success) return { statusCode: 400, body: JSON.stringify(parsed.error.issues) };
  const { webhookEventId, data } = parsed.data;
  const outcomes = Array.isArray(data) ? data : [data];
  await sqs.send(
    new SendMessageBatchCommand({
      QueueUrl,
      Entries: outcomes.map((outcome, index) => entry(webhookEventId, outcome, index)),
    }),
  );
  metrics.addMetric('Accepted', MetricUnit.Count, outcomes.length);
  logger.info('delivery', { webhookEventId, events: outcomes.length });
  return { statusCode: 200, body: JSON.stringify({ status: 'accepted' }) };
}

function isSigned(body: string, signature: string, secret: string): boolean {
  const calculated = createHmac('sha256', secret).update(body).digest();
  const given = Buffer.from(signature, 'hex');
  return given.length === calculated.length && timingSafeEqual(given, calculated);
}

const entry = (webhookEventId: string, outcome: Outcome, index: number) => ({
  Id: String(index),
  MessageBody: JSON.stringify({ ...outcome, eventId: `${webhookEventId}#${outcome.conversationId}` }),
  MessageGroupId: outcome.conversationId,
  MessageDeduplicationId: `${webhookEventId}-${index}`,
});

export const handler = middy(receive).use(injectLambdaContext(logger)).use(logMetrics(metrics));
