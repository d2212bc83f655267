import type { Stack } from '@aftercall/local';
import type { Benchmark } from './benchmark.ts';
import { onLocalStack, type OwnStack } from './on-local-stack.ts';
import type { Row } from './row.ts';
import { runOutcomes } from './run-outcomes.ts';

const benchmark = 'soak';
const DELIVERIES = 50_000;
const SAMPLE_MILLIS = 2_000;
/** Of the run: before it caches and pools fill; after it nothing may. */
const WARM_UP = 0.2;
/** Of the least that was in use in the last fifth to the least in the fifth after the warm-up. */
const MOST_GROWTH = 1.15;
const APPS = ['ingest', 'processor', 'lake-writer', 'compliance-router'] as const;

/** So many deliveries, one by one, through the whole of the local stack, and what stays on the functions' heaps. */
export const soak: Benchmark = {
  name: benchmark,
  run: async () => ({ rows: await onLocalStack(measure) }),
};

type Heaps = Awaited<ReturnType<Stack['heapBytes']>>;

async function measure({ stack, clients }: OwnStack): Promise<readonly Row[]> {
  const samples: Heaps[] = [];
  const sampling = setInterval(() => {
    stack.heapBytes().then((heaps) => samples.push(heaps), console.error);
  }, SAMPLE_MILLIS);
  const run = await runOutcomes(stack.local, clients, { outcomes: DELIVERIES, perDelivery: 1 }).finally(() =>
    clearInterval(sampling),
  );
  const row = (measure: string, value: number): Row => ({ benchmark, measure, value, unit: '' });
  const of = `of ${DELIVERIES.toLocaleString('en')} deliveries`;
  return [
    { ...row(`${of}: lost`, run.lost), target: { atMost: 0 } },
    { ...row(`${of}: doubled`, run.doubled), target: { atMost: 0 } },
    { ...row('deliveries per second, from the first to the last row', run.perSecond), unit: '/s' },
    ...APPS.map((app) => ({
      ...row(`${app}: heap in use at the end, to that after a fifth of it`, growthOf(app, samples)),
      unit: '×',
      target: { atMost: MOST_GROWTH },
    })),
  ];
}

/**
 * The least of a fifth is nearest to what a garbage collection leaves. A function that has nothing to do collects none:
 * what it holds while its heap stands still does not count.
 */
function growthOf(app: string, samples: readonly Heaps[]): number {
  const used = samples
    .map((heaps) => meanOf(heaps.get(app) ?? []))
    .filter((bytes, index, all) => bytes !== all[index - 1]);
  const fifth = Math.floor(used.length * WARM_UP);
  const least = (from: number) => Math.min(...used.slice(from, from + fifth));
  return least(used.length - fifth) / least(fifth);
}

/** Of the environments that are there: how many there are is Lambda's affair. */
const meanOf = (bytes: readonly number[]): number =>
  bytes.reduce((sum, each) => sum + each, 0) / bytes.length;
