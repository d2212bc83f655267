import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { cpuRows } from './cpu-rows.ts';

const benchmark = 'ingest-cpu';
const MIN_DELIVERIES_PER_SECOND = 15_000;

/** Ingest's handler on signed deliveries of 2 KB, bundled as it is deployed, with everything outside of it stubbed. */
export const ingestCpu: Benchmark = {
  name: benchmark,
  run: async () => {
    const bench = await bundle(benchmark, {
      core: 'apps/ingest/src/ingest.ts',
      deadline: 'apps/ingest/src/start-deadline.ts',
      handler: 'apps/ingest/src/handler.ts',
      process: 'tools/bench/src/ingest-cpu-process.ts',
    });
    const core = {
      measure: 'deliveries per second on one core: verify, parse, validate, seal, serialise',
      target: { atLeast: MIN_DELIVERIES_PER_SECOND },
    };
    return { rows: await cpuRows(bench, { benchmark, one: 'delivery', core }) };
  },
};
