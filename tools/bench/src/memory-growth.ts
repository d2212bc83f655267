import { join } from 'node:path';
import { BARE_ENVIRONMENT } from './bare-environment.ts';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { freshProcess } from './fresh-process.ts';
import type { Growth, GrowthSample } from './memory-growth-process.ts';
import { repository } from './repository.ts';
import type { Row } from './row.ts';
import { type Slope, slopeOf } from './statistics.ts';

const benchmark = 'memory-growth';
const INVOCATIONS = 100_000;
const SAMPLES = 25;
/** Caches, compiled code and pools fill in the beginning. */
const WARM_UP = 0.2;
/** KB for each thousand invocations. */
const MAX_KB_PER_THOUSAND = 1;

/** What stays in memory of the built ingest and processor, AWS answered in the same process. */
export const memoryGrowth: Benchmark = {
  name: benchmark,
  run: async () => {
    const rows: Row[] = [];
    for (const app of ['ingest', 'processor'] as const)
      rows.push(growthRow(app, await measureGrowth({ app, invocations: INVOCATIONS })));
    return { rows };
  },
};

interface Wanted extends Pick<Growth, 'app' | 'invocations'> {
  readonly environment?: Readonly<Record<string, string>>;
}

/** @returns KB that stay in use of a thousand invocations */
export async function measureGrowth({ app, invocations, environment }: Wanted): Promise<Slope> {
  const folder = await bundle(benchmark, { process: 'tools/bench/src/memory-growth-process.ts' });
  const growth: Growth = { app, invocations, samples: SAMPLES, apps: join(repository, 'dist/apps') };
  const samples = (await freshProcess(join(folder, 'process.mjs'), [JSON.stringify(growth)], {
    ...BARE_ENVIRONMENT,
    ...environment,
  })) as readonly GrowthSample[];
  const steady = samples.slice(Math.ceil(samples.length * WARM_UP));
  const { perStep, error } = slopeOf(steady.map(({ invocations: done, bytes }) => [done, bytes]));
  // Bytes for one are KB for a thousand.
  return { perStep, error };
}

/** Twice the error is taken off and added: what lies within says nothing. */
const growthRow = (app: Growth['app'], { perStep, error }: Slope): Row => ({
  benchmark,
  measure: `${app}: growth in 1,000 invocations, of ${INVOCATIONS.toLocaleString('en')} (± ${(2 * error).toFixed(2)} KB)`,
  value: perStep,
  unit: 'KB',
  target: { atMost: MAX_KB_PER_THOUSAND },
});
