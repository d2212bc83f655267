import type { LocalJson } from '@aftercall/local';
import pMap from 'p-map';
import { lakeEventIds } from './lake-event-ids.ts';
import { sendDelivery } from './send-delivery.ts';
import type { StackClients } from './stack-clients.ts';
import { drained } from './stage-queues.ts';

const SENDERS = 4;

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
  const send = (index: number) => sendDelivery(local, deliveryBody(index, perDelivery, new Date()));
  await pMap(deliveries, send, { concurrency: SENDERS });
  const drainedAt = await drained(local, clients.sqs);
  const ids = await lakeEventIds(local, clients.s3);
  const distinct = new Set(ids).size;
  return {
    perSecond: outcomes / ((drainedAt - startedAt) / 1000),
    lost: outcomes - distinct,
    doubled: ids.length - distinct,
  };
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
