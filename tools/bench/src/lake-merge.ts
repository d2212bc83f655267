import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { freshProcess } from './fresh-process.ts';
import { BATCH_ROWS, FILE_ROWS, writeLakeFiles } from './lake-files.ts';
import { type Row, sampledRow, type Target } from './row.ts';

const benchmark = 'lake-merge';
const PROCESSES = 7;
const MAX_MILLIS = 2_000;
const MAX_MEGABYTES = 512;

interface Merge {
  readonly millis: number;
  readonly cpuMillis: number;
}
interface Sample {
  readonly first: Merge;
  readonly warm: Merge;
  readonly peakMegabytes: number;
}

/** A batch into a full file: once in a process that has just started, once more in the same. */
export const lakeMerge: Benchmark = {
  name: benchmark,
  run: async () => {
    const bench = await bundle(benchmark, { process: 'tools/bench/src/lake-merge-process.ts' });
    const { file, batch } = writeLakeFiles(bench);
    const samples: Sample[] = [];
    for (let sample = 0; sample < PROCESSES; sample += 1) {
      samples.push((await freshProcess(join(bench, 'process.mjs'), [file, batch], {})) as Sample);
    }
    return { rows: rowsOf(samples) };
  },
};

function rowsOf(samples: readonly Sample[]): readonly Row[] {
  const row = (measure: string, unit: string, of: (sample: Sample) => number, target?: Target): Row => ({
    ...sampledRow({ benchmark, measure, unit }, samples.map(of)),
    ...(target && { target }),
  });
  const merge = `merge ${BATCH_ROWS} outcomes into a file of ${FILE_ROWS}`;
  return [
    row(`${merge}, the first of a process`, 'ms', ({ first }) => first.millis, { atMost: MAX_MILLIS }),
    row('· its CPU, all threads', 'ms', ({ first }) => first.cpuMillis),
    row('the same again', 'ms', ({ warm }) => warm.millis),
    row('· its CPU, all threads', 'ms', ({ warm }) => warm.cpuMillis),
    row('peak memory of the process (VmHWM)', 'MB', ({ peakMegabytes }) => peakMegabytes, {
      atMost: MAX_MEGABYTES,
    }),
  ];
}
