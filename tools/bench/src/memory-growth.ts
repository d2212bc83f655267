import { join } from 'node:path';
import pMap from 'p-map';
import { BARE_ENVIRONMENT } from './bare-environment.ts';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { freshProcess } from './fresh-process.ts';
import type { Growth, GrowingApp, GrowthSample } from './memory-growth-process.ts';
import { PARTNER_EVENT } from './partner-record.ts';
import { repository } from './repository.ts';
import type { Row } from './row.ts';
import { type Slope, slopeOf } from './statistics.ts';

const benchmark = 'memory-growth';
/** As many as there is time for: a file of the lake takes longer than anything else. */
const INVOCATIONS: Readonly<Record<GrowingApp, number>> = {
  ingest: 100_000,
  processor: 100_000,
  'partner-ingest': 100_000,
  'compliance-router': 100_000,
  'dead-letters': 40_000,
  'lake-writer': 16_000,
};
/** Processes at a time: how fast they are is nothing that is measured. */
const CONCURRENCY = 2;
const SAMPLES = 50;
/** Caches and pools fill in the beginning. */
const WARM_UP = 0.2;
/** Compiled code and its notes grow for many ten thousand invocations, whatever these leave. */
const NO_COMPILER = { NODE_OPTIONS: '--jitless' };
/** KB for each thousand invocations. */
const MAX_KB_PER_THOUSAND = 1;

/** What stays in memory of built functions, AWS answered in the same process. */
export const memoryGrowth: Benchmark = {
  name: benchmark,
  run: async () => {
    const apps = Object.keys(INVOCATIONS) as readonly GrowingApp[];
    return { rows: await pMap(apps, growthRow, { concurrency: CONCURRENCY }) };
  },
};

/** @returns KB that stay in use of a thousand invocations */
export async function measureGrowth({
  app,
  invocations,
}: Pick<Growth, 'app' | 'invocations'>): Promise<Slope> {
  const folder = await bundle(benchmark, { process: 'tools/bench/src/memory-growth-process.ts' });
  const growth: Growth = {
    ...{ app, invocations, samples: SAMPLES, apps: join(repository, 'dist/apps') },
    partnerEvent: PARTNER_EVENT,
  };
  const samples = (await freshProcess(join(folder, 'process.mjs'), [JSON.stringify(growth)], {
    ...BARE_ENVIRONMENT,
    ...NO_COMPILER,
  })) as readonly GrowthSample[];
  const steady = samples.slice(Math.ceil(samples.length * WARM_UP));
  const { perStep, error } = slopeOf(steady.map(({ invocations: done, bytes }) => [done, bytes]));
  // Bytes for one are KB for a thousand.
  return { perStep, error };
}

/** Twice the error is taken off and added: what lies within says nothing. */
async function growthRow(app: GrowingApp): Promise<Row> {
  const invocations = INVOCATIONS[app];
  const { perStep, error } = await measureGrowth({ app, invocations });
  return {
    benchmark,
    measure: `${app}: growth in 1,000 invocations, of ${invocations.toLocaleString('en')}`,
    value: perStep,
    unit: 'KB',
    margin: 2 * error,
    target: { atMost: MAX_KB_PER_THOUSAND },
  };
}
