import { lostAndDoubled } from './event-counts.ts';
import { lakeEventIds } from './lake-event-ids.ts';
import type { OwnStack } from './on-local-stack.ts';
import { processedEvents } from './processed-events.ts';
import { drained, longestWhile } from './stage-queues.ts';
import { percentile } from './statistics.ts';
import { millisToProcessed, type SentOutcome, sendConversations, warmUp } from './worst-day-load.ts';
import { acknowledgementRows, lossRows, type PartRow, sentPerSecond } from './worst-day-rows.ts';

const QUIET = { name: 'quiet', count: 40, perSecond: 2 };
const BURST = { name: 'burst', count: 12_000, perSecond: 200 };
const LEAST_PER_SECOND = 190;

/** A hundred times as many deliveries for a minute: more than the local stack works off, so that a queue grows. */
export async function burst(own: OwnStack): Promise<readonly PartRow[]> {
  const { stack, clients } = own;
  const { local } = stack;
  await warmUp(own);
  const quiet = await sendConversations(local, QUIET);
  let sent: readonly SentOutcome[] = [];
  const queue = { queueUrl: local.resources.eventsQueueUrl, sqs: clients.sqs };
  const longest = await longestWhile(async () => {
    sent = await sendConversations(local, BURST);
  }, queue);
  const endedAt = performance.now();
  const drainMillis = (await drained(local, clients.sqs)) - endedAt;
  const processed = await processedEvents(stack);
  const slowest = (of: readonly SentOutcome[]) => percentile(millisToProcessed(of, processed), 99);
  const all = [...quiet, ...sent].map(({ eventId }) => eventId);
  return [
    {
      ...{ measure: 'deliveries per second, for a minute', value: sentPerSecond(sent), unit: '/s' },
      target: { atLeast: LEAST_PER_SECOND },
    },
    ...acknowledgementRows('when quiet', quiet),
    ...acknowledgementRows('in the burst', sent),
    {
      measure: 'answers that were not 200, and sent again',
      value: sum(sent.map(({ refusals }) => refusals)),
      unit: '',
    },
    { measure: 'longest queue', value: longest, unit: '' },
    { measure: 'drained after the last delivery', value: drainMillis / 1000, unit: 's' },
    { measure: 'delivery to processed when quiet, p99', value: slowest(quiet), unit: 'ms' },
    { measure: 'delivery to processed in the burst, p99', value: slowest(sent), unit: 'ms' },
    ...lossRows(lostAndDoubled(all, await lakeEventIds(local, clients.s3))),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
