// The processor's job as Powertools for AWS Lambda documents it: a FIFO batch, idempotency in DynamoDB, a parser, a logger.
import { processPartialResponse, SqsFifoPartialProcessorAsync } from '@aws-lambda-powertools/batch';
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import { logMetrics } from '@aws-lambda-powertools/metrics/middleware';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import middy from '@middy/core';
import type { Context, SQSEvent, SQSRecord } from 'aws-lambda';
import { type QueuedOutcome, queuedOutcomeSchema } from './outcome-schema.ts';

const { CONVERSATIONS_TABLE: TableName, LEDGER_TABLE: tableName = '', BUS_NAME: EventBusName } = process.env;
const RETENTION_SECONDS = 70 * 86_400;

const logger = new Logger({ serviceName: 'processor' });
const metrics = new Metrics({ namespace: 'Powertools', serviceName: 'processor' });
const client = new DynamoDBClient();
const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
const events = new EventBridgeClient();
const batch = new SqsFifoPartialProcessorAsync();
const idempotency = new IdempotencyConfig({
  eventKeyJmesPath: 'eventId',
  expiresAfterSeconds: RETENTION_SECONDS,
});
const persistenceStore = new DynamoDBPersistenceLayer({ tableName, keyAttr: 'pk', awsSdkV3Client: client });

const record = makeIdempotent(
  async (outcome: QueuedOutcome) => {
    await project(outcome);
    await publish(outcome);
    return { eventId: outcome.eventId };
  },
  { persistenceStore, config: idempotency },
);

async function project({
  conversationId,
  eventId,
  sentiment,
  complianceViolations = [],
  timestamp,
}: QueuedOutcome) {
  const { Item } = await documents.send(
    new GetCommand({ TableName, Key: { conversationId }, ConsistentRead: true }),
  );
  const revision = typeof Item?.['revision'] === 'number' ? Item['revision'] : 0;
  await documents.send(
    new PutCommand({
      TableName,
      Item: {
        ...Item,
        conversationId,
        updatedAt: timestamp,
        sentimentScore: sentiment?.score,
        violationCount: complianceViolations.length,
        lastEventId: eventId,
        revision: revision + 1,
      },
      ConditionExpression: revision === 0 ? 'attribute_not_exists(conversationId)' : 'revision = :read',
      ...(revision > 0 && { ExpressionAttributeValues: { ':read': revision } }),
    }),
  );
}

async function publish(outcome: QueuedOutcome): Promise<void> {
  const Detail = JSON.stringify(outcome);
  const Entries = ['conversation.changed', 'outcome.recorded'].map((DetailType) => ({
    ...{ EventBusName, Source: 'powertools', DetailType, Detail },
  }));
  await events.send(new PutEventsCommand({ Entries }));
}

async function handleRecord({ body }: SQSRecord): Promise<void> {
  const outcome = queuedOutcomeSchema.parse(JSON.parse(body));
  await record(outcome);
  metrics.addMetric('Processed', MetricUnit.Count, 1);
  logger.info('event', { eventId: outcome.eventId, conversationId: outcome.conversationId });
}

export const handler = middy(async (event: SQSEvent, context: Context) => {
  idempotency.registerLambdaContext(context);
  return processPartialResponse(event, handleRecord, batch, { context });
})
  .use(injectLambdaContext(logger))
  .use(logMetrics(metrics));
