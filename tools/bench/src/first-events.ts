import { readFileSync } from 'node:fs';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import type { SQSRecord } from 'aws-lambda';
import { withFunction } from './built-function.ts';
import { httpEvent, outcomeBody } from './deliveries.ts';
import type { FunctionHost } from './function-host.ts';
import type { IdleStage } from './idle-stage.ts';
import { PARTNER_EVENT, partnerRecord } from './partner-record.ts';
import { mainSource } from './peers.ts';
import { takeMessages } from './queue-messages.ts';
import { givenUp, sqsEvent } from './sqs-record.ts';

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
  const partnerEvent = readFileSync(PARTNER_EVENT, 'utf8');
  const messages: readonly (readonly [app: string, records: readonly SQSRecord[]])[] = [
    ['processor', events],
    ['lake-writer', await take(queueUrls['lake'])],
    ['compliance-router', await take(queueUrls['compliance'])],
    ['partner-ingest', Array.from({ length: count }, () => partnerRecord(partnerEvent))],
    ['dead-letters', events.map((record) => givenUp(record, 'aftercall-local-events-dead.fifo'))],
  ];
  const step = await rotationStep(stage, (current) => current);
  return new Map<string, readonly object[]>([
    ...messages.map(([app, records]) => [app, records.map((record) => sqsEvent(record))] as const),
    ['secret-rotator', Array.from({ length: count }, () => step)],
  ]);
}

/** The step that can be repeated: the test of a pending keyring that is made of the current one. */
export async function rotationStep(
  { clients, variablesOf }: IdleStage,
  pending: (current: string) => string,
): Promise<object> {
  const SecretId = variablesOf('secret-rotator')['SEALING_SECRET_NAME'];
  const { SecretString = '' } = await clients.secrets.send(new GetSecretValueCommand({ SecretId }));
  const { VersionId } = await clients.secrets.send(
    new PutSecretValueCommand({
      ...{ SecretId, SecretString: pending(SecretString) },
      VersionStages: ['AWSPENDING'],
    }),
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
