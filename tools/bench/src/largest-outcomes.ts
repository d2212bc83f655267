import { PutObjectCommand } from '@aws-sdk/client-s3';
import { PurgeQueueCommand } from '@aws-sdk/client-sqs';
import { encodeOutcomes, partitionKey } from '@aftercall/lake';
import type { OutcomeRow } from '@aftercall/schemas';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { withFunction } from './built-function.ts';
import { httpEvent } from './deliveries.ts';
import type { FunctionHost } from './function-host.ts';
import type { IdleStage } from './idle-stage.ts';
import { lakeRows } from './lake-rows.ts';
import { entriesThatFit, largestBatch, largestText } from './largest-batch.ts';
import { mainSource } from './peers.ts';
import { takeMessages } from './queue-messages.ts';
import { recordOf, sqsEvent } from './sqs-record.ts';

/** What ingest takes of a delivery. */
const MAX_DELIVERY_BYTES = 4_400_000;
/** What an outcome's data may be without being cut. */
const MAX_DATA_BYTES = 200 * 1024;
const HOUR_MILLIS = 3_600_000;
/** Files that the lake-writer has in memory at a time. */
const FILES = 2;
/** A little below what it warns of: the S3 on this machine takes 11 MiB in one piece. */
const FILE_ROWS = 85_000;
/** Far from the numbers of other measurements. */
let numbered = 7_000_000;

const uuid = (index: number): string => `47eaa099-2cb6-416d-86dc-${index.toString(16).padStart(12, '0')}`;

/** A delivery of 4.4 MB with so many outcomes, each with as many ids as that leaves room for. */
function manyOutcomes(count: number): string {
  const time = new Date().toISOString();
  const each = Math.floor((MAX_DELIVERY_BYTES - 200) / count);
  const data = Array.from({ length: count }, () => {
    numbered += 1;
    return grown({ conversationId: uuid(numbered), timestamp: time }, each);
  });
  return JSON.stringify({ webhookEventId: `evt-${uuid(numbered)}`, topic: 'analytics', data });
}

function grown(outcome: object, bytes: number): object {
  let last = outcome;
  for (const field of ['agentId', 'queueId', 'communicationId']) {
    const next = { ...last, [field]: uuid(numbered) };
    if (JSON.stringify(next).length >= bytes) return last;
    last = next;
  }
  return last;
}

/** An outcome with as many violations as it may have. */
function worstOutcome(): string {
  numbered += 1;
  const outcome = (violations: number) => ({
    conversationId: uuid(numbered),
    agentId: uuid(numbered),
    queueId: uuid(numbered),
    mediaType: 'voice',
    timestamp: new Date().toISOString(),
    complianceViolations: Array.from({ length: violations }, (_, index) => ({
      code: `CODE_${index.toString().padStart(5, '0')}`,
      category: 'payment',
      severity: 'critical',
      offsetMs: 100_000 + index,
    })),
  });
  const data = outcome(
    entriesThatFit(MAX_DATA_BYTES, (violations) => JSON.stringify(outcome(violations)).length),
  );
  return JSON.stringify({ webhookEventId: `evt-${uuid(numbered)}`, topic: 'analytics', data });
}

/** A delivery of so many outcomes, as ingest gets it. */
export const largestDelivery = (stage: IdleStage, outcomes: number): object =>
  deliveryOf(stage, manyOutcomes(outcomes));

const deliveryOf = (stage: IdleStage, body: string): object =>
  httpEvent(body, numbered, { now: new Date(), secret: mainSource(stage).secret });

async function deliver(ingest: FunctionHost, stage: IdleStage, body: string): Promise<void> {
  const { payload } = await ingest.invoke(deliveryOf(stage, body));
  if (!payload.includes('"statusCode":200')) throw new Error(`ingest answered ${payload.slice(0, 200)}`);
}

/** Deliveries as the processor gets them, and nothing that is left of others. */
async function accepted(stage: IdleStage, bodies: readonly string[]): Promise<readonly SQSRecord[]> {
  const { eventsQueueUrl } = stage.local.resources;
  await stage.clients.sqs.send(new PurgeQueueCommand({ QueueUrl: eventsQueueUrl }));
  return withFunction(stage, 'ingest', async (ingest) => {
    for (const body of bodies) await deliver(ingest, stage, body);
    return takeMessages(stage.clients.sqs, eventsQueueUrl, bodies.length);
  });
}

/** So many deliveries at once, each stored and to be split into so many outcomes. */
export async function storedDeliveries(
  stage: IdleStage,
  deliveries: number,
  outcomes: number,
): Promise<SQSEvent> {
  const bodies = Array.from({ length: deliveries }, () => manyOutcomes(outcomes));
  return sqsEvent(...(await accepted(stage, bodies)));
}

/** Outcomes that are as large as they can be, one of each conversation. */
export async function worstOutcomes(stage: IdleStage, batchSize: number): Promise<SQSEvent> {
  const bodies = Array.from({ length: batchSize }, worstOutcome);
  return largestBatch(await accepted(stage, bodies), batchSize);
}

/** What the compliance router gets of them. */
export async function worstFacts(stage: IdleStage, batchSize: number): Promise<SQSEvent> {
  const outcomes = await worstOutcomes(stage, batchSize);
  await withFunction(stage, 'processor', (processor) => processor.invoke(outcomes));
  const url = stage.local.resources.queueUrls['compliance'] ?? '';
  return largestBatch(await takeMessages(stage.clients.sqs, url, batchSize), batchSize);
}

/** A full batch of rows for files that have as many as they should, which it puts into the lake. */
export function fullLake({ clients, local }: IdleStage, batchSize: number): () => Promise<SQSEvent> {
  const files = Array.from({ length: FILES }, (_, hour) => {
    const rows = lakeRows(FILE_ROWS).map((row) => hourLater(row, hour));
    const [Key = ''] = rows.slice(0, 1).map((row) => partitionKey(row, 1));
    return { Key, Body: encodeOutcomes(rows) };
  });
  const rows = lakeRows(batchSize).map((row, index) => hourLater(row, index % FILES));
  const batch = rows.map((row) =>
    recordOf(largestText(batchSize, (keywords) => factOf({ ...row, keywords: wordsOf(keywords) }))),
  );
  return async () => {
    for (const file of files)
      await clients.s3.send(new PutObjectCommand({ Bucket: local.resources.lakeBucket, ...file }));
    return largestBatch(batch, batchSize);
  };
}

const hourLater = (row: OutcomeRow, hours: number): OutcomeRow => ({
  ...row,
  occurred_at: new Date(Date.parse(row.occurred_at) + hours * HOUR_MILLIS).toISOString(),
});

const wordsOf = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `phrase ${index.toString().padStart(5, '0')}`);

/** As EventBridge puts it on the lake-writer's queue. */
function factOf(row: OutcomeRow): string {
  const type = 'aftercall.outcome.recorded';
  const detail = {
    specversion: '1.0',
    id: `main/${row.event_id}/${type}`,
    source: 'aftercall',
    type,
    subject: row.conversation_id,
    time: row.occurred_at,
    datacontenttype: 'application/json',
    org: 'main',
    data: { ...row, violation_details: [], transcript_communication_id: null },
  };
  return JSON.stringify({ version: '0', id: row.event_id, 'detail-type': type, source: 'aftercall', detail });
}
