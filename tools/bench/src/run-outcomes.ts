import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { readOutcomes } from '@aftercall/lake';
import type { LocalJson } from '@aftercall/local';
import { schemeOf, signDelivery } from '@aftercall/signing';
import pMap from 'p-map';
import type { StackClients } from './stack-clients.ts';

const SENDERS = 4;
const POLL_MILLIS = 500;
/** Queues that are empty so often in a row are empty. */
const QUIET_POLLS = 4;
const TIMEOUT_MILLIS = 15 * 60_000;

/** What is sent. */
export interface OutcomesPlan {
  readonly outcomes: number;
  /** So many come in one delivery: a batch that ingest splits by itself. */
  readonly perDelivery: number;
}

export interface OutcomesRun {
  readonly perSecond: number;
  readonly lost: number;
  readonly doubled: number;
}

/** Sends so many outcomes, each of a conversation of its own, and waits until the lake and the QA queues have them. */
export async function runOutcomes(
  local: LocalJson,
  clients: StackClients,
  { outcomes, perDelivery }: OutcomesPlan,
): Promise<OutcomesRun> {
  const startedAt = performance.now();
  const deliveries = Array.from({ length: outcomes / perDelivery }, (_, index) => index);
  await pMap(deliveries, (index) => send(local, index, perDelivery), { concurrency: SENDERS });
  const drainedAt = await drained(local, clients.sqs);
  const ids = await eventIds(clients.s3, local.resources.lakeBucket);
  const distinct = new Set(ids).size;
  return {
    perSecond: outcomes / ((drainedAt - startedAt) / 1000),
    lost: outcomes - distinct,
    doubled: ids.length - distinct,
  };
}

async function send({ sources }: LocalJson, delivery: number, outcomes: number): Promise<void> {
  const source = sources.find(({ key }) => key === 'main');
  if (!source) throw new Error('the stack has no source main');
  const now = new Date();
  const body = Buffer.from(deliveryBody(delivery, outcomes, now));
  const signature = signDelivery(body, schemeOf('genesys-webhook'), source.secret, {
    id: String(delivery),
    now,
  });
  for (;;) {
    const headers = { 'content-type': 'application/json', ...signature };
    const { status } = await fetch(source.url, { method: 'POST', headers, body });
    if (status === 200) return;
    if (status !== 503) throw new Error(`a good delivery was answered ${status}`);
    await sleep(POLL_MILLIS);
  }
}

function deliveryBody(delivery: number, outcomes: number, now: Date): string {
  const data = Array.from({ length: outcomes }, (_, index) => delivery * outcomes + index).map((item) => ({
    conversationId: `bench-${item}`,
    agentId: `agent-${item % 100}`,
    queueId: 'claims',
    mediaType: 'voice',
    timestamp: now.toISOString(),
    sentiment: { overall: item % 3 === 0 ? 'negative' : 'positive' },
    intents: [{ name: 'billing_dispute', confidence: 0.61 }],
    keywords: [{ phrase: 'cancel my contract', count: 1, participant: 'external' }],
    categories: ['complaint'],
    // As many as people see: one call in twenty.
    ...(item % 20 === 0 && {
      complianceViolations: [
        { code: 'PCI_CARD_SPOKEN', category: 'payment', severity: 'critical', offsetMs: 184_250 },
      ],
    }),
  }));
  return JSON.stringify({
    webhookEventId: `bench-${delivery}`,
    topic: 'post-call-analytics',
    timestamp: now,
    data,
  });
}

/** @returns when the queues were first seen empty, on the clock of `performance.now` */
async function drained({ resources }: LocalJson, sqs: SQSClient): Promise<number> {
  const urls = [resources.eventsQueueUrl, ...Object.values(resources.queueUrls)];
  const deadline = performance.now() + TIMEOUT_MILLIS;
  let emptySince: number | undefined;
  for (let quiet = 0; quiet < QUIET_POLLS; ) {
    if (performance.now() > deadline) throw new Error('the queues are not empty after 15 minutes');
    const depths = await Promise.all(urls.map((url) => depth(sqs, url)));
    const isEmpty = depths.every((each) => each === 0);
    quiet = isEmpty ? quiet + 1 : 0;
    emptySince = isEmpty ? (emptySince ?? performance.now()) : undefined;
    await sleep(POLL_MILLIS);
  }
  return emptySince ?? performance.now();
}

async function depth(sqs: SQSClient, QueueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...names] }),
  );
  return names.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
}

async function eventIds(s3: S3Client, Bucket: string): Promise<string[]> {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'outcomes/' }));
  const files = await pMap(
    Contents,
    async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
      const rows = await readOutcomes((await Body?.transformToByteArray()) ?? new Uint8Array());
      return rows.map(({ event_id: id }) => id);
    },
    { concurrency: 2 },
  );
  return files.flat();
}
