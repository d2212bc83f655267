import { randomUUID } from 'node:crypto';
import { lostAndDoubled } from './event-counts.ts';
import type { OwnStack } from './on-local-stack.ts';
import { processedEvents } from './processed-events.ts';
import { sendDelivery } from './send-delivery.ts';
import { drained, messagesOn } from './stage-queues.ts';
import { percentile } from './statistics.ts';
import {
  eventIdOf,
  millisToProcessed,
  minimalOutcome,
  type SentOutcome,
  sendConversations,
  warmUp,
} from './worst-day-load.ts';
import { lossRows, type PartRow } from './worst-day-rows.ts';

const OUTCOMES = 20_000;
/** What ingest takes. */
const MAX_BYTES = 4_400_000;
const PER_SECOND = 5;
const QUIET = { name: 'quiet', count: 75, perSecond: PER_SECOND };
/** Between two looks at the queue. */
const ROUND = { count: 25, perSecond: PER_SECOND };
/** With fewer the batch is through, and what is there is of the others. */
const A_FEW = 10;

/** One delivery of very many outcomes, each of another conversation, and a trickle of others beside it. */
export async function batchBesideOthers(own: OwnStack): Promise<readonly PartRow[]> {
  const { stack, clients } = own;
  const { local } = stack;
  await warmUp(own);
  const quiet = await sendConversations(local, QUIET);
  const { body, eventIds } = batch();
  const [{ sentAt, millis, refusals }, others] = await Promise.all([sendDelivery(local, body), trickle(own)]);
  await drained(local, clients.sqs);
  const processed = await processedEvents(stack);
  const ids = new Set(eventIds);
  const endedAt = processed.findLast(({ eventId }) => ids.has(eventId))?.at ?? NaN;
  const beside = others.filter((one) => one.sentAt < endedAt);
  const p99 = (sent: readonly SentOutcome[]) => percentile(millisToProcessed(sent, processed), 99);
  return [
    { measure: 'size of the delivery', value: Buffer.byteLength(body) / 1e6, unit: 'MB' },
    { measure: 'acknowledgement', value: millis, unit: 'ms', target: { atMost: 1_000 } },
    { measure: 'answers that were not 200, and sent again', value: refusals, unit: '' },
    { measure: 'processed, from its delivery', value: (endedAt - sentAt) / 1000, unit: 's' },
    { measure: 'the others, delivery to processed without it, p99', value: p99(quiet), unit: 'ms' },
    { measure: 'the others, delivery to processed beside it, p99', value: p99(beside), unit: 'ms' },
    ...lossRows(
      lostAndDoubled(
        [...eventIds, ...others.map(({ eventId }) => eventId)],
        processed.map(({ eventId }) => eventId),
      ),
    ),
  ];
}

/** @throws RangeError when it outgrows what ingest takes */
function batch() {
  const data = Array.from({ length: OUTCOMES }, () => minimalOutcome(randomUUID()));
  const webhookEventId = randomUUID();
  const body = JSON.stringify({ webhookEventId, data });
  if (Buffer.byteLength(body) > MAX_BYTES) throw new RangeError('the batch is larger than ingest takes');
  return { body, eventIds: data.map(({ conversationId }) => eventIdOf(webhookEventId, conversationId)) };
}

/** Others, until the batch has gone by. */
async function trickle({ stack, clients }: OwnStack): Promise<readonly SentOutcome[]> {
  const { local } = stack;
  const sent: SentOutcome[] = [];
  do {
    sent.push(...(await sendConversations(local, { ...ROUND, name: `other-${sent.length}` })));
  } while ((await messagesOn(local.resources.eventsQueueUrl, clients.sqs)) > A_FEW);
  return sent;
}
