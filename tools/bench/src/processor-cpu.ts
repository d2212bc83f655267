import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { cpuRows } from './cpu-rows.ts';

const benchmark = 'processor-cpu';

/** The processor's core on one outcome after the other, with its tables and the bus in memory. */
export const processorCpu: Benchmark = {
  name: benchmark,
  run: async () => {
    const bench = await bundle(benchmark, {
      'process-message': 'apps/processor/src/process-message.ts',
      'record-event': 'apps/processor/src/record-event.ts',
      process: 'tools/bench/src/processor-cpu-process.ts',
    });
    return { rows: await cpuRows(bench, { benchmark, one: 'outcome' }) };
  },
};
