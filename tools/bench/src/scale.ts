import type { Benchmark } from './benchmark.ts';
import type { Row } from './row.ts';
import { type ScaleModel, simulateScale } from './simulate-scale.ts';

const benchmark = 'scale';
/** An effect that comes later than that is late enough for somebody to notice. */
const MAX_P99_MILLIS = 1_000;
/** What the others may wait beside one conversation that has as many events as all of them. */
const MAX_SLOWER = 2;

/** As counted: five calls one after the other, three write units; a partition writes 1,000 units a second. */
const STAGE = {
  hotShare: 0,
  batchSize: 10,
  eventMillis: 40,
  groupMillis: 2,
  writeUnitsPerEvent: 3,
  writeUnitsPerPartitionSecond: 1_000,
  seed: 1,
} as const;

type Load = Pick<ScaleModel, 'eventsPerSecond' | 'seconds' | 'conversations'>;
type Settings = Pick<ScaleModel, 'concurrency' | 'partitions'>;

const TEN: Load = { eventsPerSecond: 10, seconds: 600, conversations: 1_000 };
/** Without the hot conversation, which alone is worked on slower than it comes. */
const FIFTY: Load = { eventsPerSecond: 50, seconds: 200, conversations: 10_000 };
const THOUSAND: Load = { eventsPerSecond: 1_000, seconds: 60, conversations: 100_000 };
const FIFTY_THOUSAND: Load = { eventsPerSecond: 50_000, seconds: 10, conversations: 5_000_000 };

/** A new stage: `dev`'s concurrency, and tables on demand, of 4,000 units each before they have grown. */
const NEW: Settings = { concurrency: 20, partitions: 8 };
/** What docs/scale.md says to set. */
const ADVISED = {
  thousand: { concurrency: 60, partitions: 8 },
  fiftyThousand: { concurrency: 1_000, partitions: 250 },
} as const satisfies Readonly<Record<string, Settings>>;

/** What docs/scale.md says of loads and settings, played event by event. */
export const scale: Benchmark = {
  name: benchmark,
  run: async () => ({
    rows: [
      ...rowsOf(TEN, NEW, 'enough'),
      hotRow(FIFTY, NEW),
      ...rowsOf(THOUSAND, NEW, 'seen'),
      ...rowsOf(THOUSAND, ADVISED.thousand, 'enough'),
      ...rowsOf(FIFTY_THOUSAND, NEW, 'seen'),
      ...rowsOf(FIFTY_THOUSAND, { ...NEW, concurrency: 1_000 }, 'seen'),
      ...rowsOf(FIFTY_THOUSAND, ADVISED.fiftyThousand, 'enough'),
    ],
  }),
};

function hotRow(load: Load, settings: Settings): Row {
  const stage = { ...STAGE, ...load, ...settings };
  const quiet = simulateScale(stage);
  const beside = simulateScale({ ...stage, eventsPerSecond: 2 * load.eventsPerSecond, hotShare: 0.5 });
  return {
    benchmark,
    measure: `${load.eventsPerSecond}/s, as many of one conversation: p99 of the others, to theirs without it`,
    value: beside.p99 / quiet.p99,
    unit: '×',
    target: { atMost: MAX_SLOWER },
  };
}

function rowsOf(load: Load, settings: Settings, expected: 'enough' | 'seen'): readonly Row[] {
  const { eventsPerSecond, p99, peakConcurrency, throttledShare } = simulateScale({
    ...STAGE,
    ...load,
    ...settings,
  });
  const [rate, concurrency] = [load.eventsPerSecond, settings.concurrency].map((each) =>
    each.toLocaleString('en'),
  );
  const row = (what: string, value: number, unit: string): Row => ({
    benchmark,
    measure: `${rate}/s, ${concurrency} at a time, ${settings.partitions} partitions: ${what}`,
    value,
    unit,
  });
  return [
    row('effects', eventsPerSecond, '/s'),
    {
      ...row('p99, arrival to effect', p99, 'ms'),
      ...(expected === 'enough' && { target: { atMost: MAX_P99_MILLIS } }),
    },
    row('invocations at a time', peakConcurrency, ''),
    row('waited for a partition', throttledShare * 100, '%'),
  ];
}
