import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { SQSRecord } from 'aws-lambda';
import { httpEvent, outcomeBody } from './deliveries.ts';
import { type FunctionHost, startHost } from './function-host.ts';
import type { IdleStage } from './idle-stage.ts';
import { mainSource } from './peers.ts';
import { sqsEvent, takeMessages } from './queue-messages.ts';
import { repository } from './repository.ts';

const PARTNER_EVENT = join(repository, 'libs/schemas/src/fixtures/partner-events/customer-end.json');
/** Deliveries of other measurements are numbered from zero. */
const FIRST_DELIVERY = 1_000_000;

/** So many events for each function: messages as they come on its queue, made by the functions before it from signed deliveries. */
export async function firstEvents(
  stage: IdleStage,
  count: number,
): Promise<ReadonlyMap<string, readonly object[]>> {
  const { eventsQueueUrl, queueUrls } = stage.local.resources;
  const take = (url: string | undefined) => takeMessages(stage.clients.sqs, url ?? '', count);
  await withFunction(stage, 'ingest', (ingest) => deliver(ingest, stage, count));
  const events = await take(eventsQueueUrl);
  // The first ones are the processor's own: an event has its effect only once.
  await withFunction(stage, 'ingest', (ingest) => deliver(ingest, stage, count));
  const others = await take(eventsQueueUrl);
  await withFunction(stage, 'processor', async (processor) => {
    for (const record of others) await processor.invoke(sqsEvent(record));
  });
  const messages: readonly (readonly [app: string, records: readonly SQSRecord[]])[] = [
    ['processor', events],
    ['lake-writer', await take(queueUrls['lake'])],
    ['compliance-router', await take(queueUrls['compliance'])],
    ['partner-ingest', Array.from({ length: count }, partnerRecord)],
    ['dead-letters', events.map(givenUp)],
  ];
  const step = await rotationStep(stage);
  return new Map<string, readonly object[]>([
    ...messages.map(([app, records]) => [app, records.map((record) => sqsEvent(record))] as const),
    ['secret-rotator', Array.from({ length: count }, () => step)],
  ]);
}

/** As it comes on the dead-letter queue. */
const givenUp = (record: SQSRecord): SQSRecord => ({
  ...record,
  eventSourceARN: record.eventSourceARN.replace(/[^:]+$/, 'aftercall-local-events-dead.fifo'),
});

/** The step that can be repeated: the test of the pending keyring. */
async function rotationStep({ clients, variablesOf }: IdleStage): Promise<object> {
  const SecretId = variablesOf('secret-rotator')['SEALING_SECRET_NAME'];
  const { SecretString } = await clients.secrets.send(new GetSecretValueCommand({ SecretId }));
  const { VersionId } = await clients.secrets.send(
    new PutSecretValueCommand({ SecretId, SecretString, VersionStages: ['AWSPENDING'] }),
  );
  return { Step: 'testSecret', SecretId, ClientRequestToken: VersionId };
}

let delivered = FIRST_DELIVERY;
async function deliver(ingest: FunctionHost, stage: IdleStage, count: number): Promise<void> {
  const { secret } = mainSource(stage);
  for (let index = 0; index < count; index += 1) {
    delivered += 1;
    const now = new Date();
    await ingest.invoke(httpEvent(outcomeBody(delivered, now), delivered, { now, secret }));
  }
}

async function withFunction(
  stage: IdleStage,
  app: string,
  use: (host: FunctionHost) => Promise<unknown>,
): Promise<void> {
  const host = await startHost({ environment: stage.variablesOf(app) });
  try {
    await host.load(join(repository, `dist/apps/${app}/main.mjs`));
    await use(host);
  } finally {
    await host.stop();
  }
}

/** The recorded event of a customer who hung up, a moment ago and in another conversation. */
function partnerRecord(): SQSRecord {
  const conversationId = randomUUID();
  const text = readFileSync(PARTNER_EVENT, 'utf8').replaceAll(
    '47eaa099-2cb6-416d-86dc-283cf0480ff9',
    conversationId,
  );
  const event = JSON.parse(text) as { readonly detail: { readonly eventBody: object } };
  const now = Date.now();
  const body = JSON.stringify({
    ...event,
    id: randomUUID(),
    detail: { ...event.detail, eventBody: { ...event.detail.eventBody, eventTime: now } },
  });
  return {
    messageId: randomUUID(),
    receiptHandle: 'bench',
    body,
    attributes: {
      ApproximateReceiveCount: '1',
      ApproximateFirstReceiveTimestamp: String(now),
      SenderId: 'bench',
      SentTimestamp: String(now),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:bench',
    awsRegion: 'eu-west-1',
  };
}
