import { lostAndDoubled, outOfOrder } from './event-counts.ts';
import type { OwnStack } from './on-local-stack.ts';
import { type ProcessedEvent, processedEvents } from './processed-events.ts';
import { drained } from './stage-queues.ts';
import { median, percentile, spread } from './statistics.ts';
import {
  millisToProcessed,
  type SentOutcome,
  sendConversations,
  sendOneConversation,
  warmUp,
} from './worst-day-load.ts';
import { lossRows, none, type PartRow, sentPerSecond } from './worst-day-rows.ts';

const EVENTS = 10_000;
/**
 * Both together are far below what the local stack works off: the others are to wait for the hot conversation, if for
 * anything. At twice the rate they wait as long beside fifty more conversations.
 */
const PER_SECOND = 25;
const LEAST_PER_SECOND = 24;
/** Each time. */
const QUIET_EVENTS = 2_000;
/** A p99 is that of so many neighbours: what stops the whole machine for a moment is in one of many. */
const NEIGHBOURS = 1_000;
const MOST_SLOWER = 2;

interface HotRun {
  /** Afterwards, when all compilers have done their work: what is still cold counts against the conversation. */
  readonly quiet: readonly SentOutcome[];
  readonly others: readonly SentOutcome[];
  readonly hot: readonly SentOutcome[];
  readonly processed: readonly ProcessedEvent[];
}

/** One conversation with as many events as all the others together, in the same time. */
export async function hotConversation(own: OwnStack): Promise<readonly PartRow[]> {
  const { stack, clients } = own;
  const { local } = stack;
  const sendOthers = (name: string, count: number) =>
    sendConversations(local, { name, count, perSecond: PER_SECOND });
  await warmUp(own);
  const [others, hot] = await Promise.all([
    sendOthers('other', EVENTS),
    sendOneConversation(local, { name: 'hot', count: EVENTS, perSecond: PER_SECOND }),
  ]);
  await drained(local, clients.sqs);
  const quiet = await sendOthers('quiet', QUIET_EVENTS);
  await drained(local, clients.sqs);
  return rowsOf({ quiet, others, hot, processed: await processedEvents(stack) });
}

function rowsOf({ quiet, others, hot, processed }: HotRun): readonly PartRow[] {
  const [quietP99s, besideP99s] = [p99s(quiet, processed), p99s(others, processed)];
  const ratios = besideP99s.map((each) => each / median(quietP99s));
  const idsOf = (sent: readonly SentOutcome[]) => sent.map(({ eventId }) => eventId);
  const found = processed.map(({ eventId }) => eventId);
  return [
    {
      ...{ measure: 'deliveries per second of the others', value: sentPerSecond(others), unit: '/s' },
      target: { atLeast: LEAST_PER_SECOND },
    },
    { measure: 'deliveries per second of its own', value: sentPerSecond(hot), unit: '/s' },
    { ...sampled('the others, delivery to processed without it, p99', quietP99s), unit: 'ms' },
    { ...sampled('the others, delivery to processed beside it, p99', besideP99s), unit: 'ms' },
    { ...sampled('· ratio', ratios), unit: '×', target: { atMost: MOST_SLOWER } },
    { measure: 'processed, from its first delivery', value: secondsOf(hot, processed), unit: 's' },
    ...lossRows(lostAndDoubled(idsOf([...others, ...hot]), found)),
    { measure: 'its events out of order', value: outOfOrder(idsOf(hot), found), unit: '', ...none },
  ];
}

function p99s(sent: readonly SentOutcome[], processed: readonly ProcessedEvent[]): readonly number[] {
  const groups = Array.from({ length: sent.length / NEIGHBOURS }, (_, index) =>
    sent.slice(index * NEIGHBOURS, (index + 1) * NEIGHBOURS),
  );
  return groups.map((group) => percentile(millisToProcessed(group, processed), 99));
}

const sampled = (measure: string, samples: readonly number[]) => ({
  ...{ measure, value: median(samples), spread: spread(samples) },
});

function secondsOf(sent: readonly SentOutcome[], processed: readonly ProcessedEvent[]): number {
  const ids = new Set(sent.map(({ eventId }) => eventId));
  const lastAt = processed.findLast(({ eventId }) => ids.has(eventId))?.at ?? NaN;
  return (lastAt - (sent[0]?.sentAt ?? NaN)) / 1000;
}
