import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { freshProcess } from './fresh-process.ts';
import { sampledRow } from './row.ts';

const benchmark = 'redaction';
/** The compiler decides anew in each process, so one process is one sample. */
const PROCESSES = 5;
const MIN_MEGABYTES_PER_SECOND = 15;
const MAX_GROWN_MEGABYTES = 64;

interface Speed {
  readonly redaction: number;
  readonly gzip: number;
  readonly both: number;
}

interface Memory {
  readonly grownMegabytes: number;
}

/** Transcripts through the redaction and gzip as the transcript fetcher stores them: CPU time, and memory of a long one. */
export const redaction: Benchmark = {
  name: benchmark,
  run: async () => {
    const bench = await bundle(benchmark, { process: 'tools/bench/src/redaction-process.ts' });
    const script = join(bench, 'process.mjs');
    const speeds: Speed[] = [];
    const memories: Memory[] = [];
    for (let sample = 0; sample < PROCESSES; sample += 1) {
      speeds.push((await freshProcess(script, ['speed'], {})) as Speed);
      memories.push((await freshProcess(script, ['memory'], {})) as Memory);
    }
    const perSecond = (measure: string, of: (speed: Speed) => number) =>
      sampledRow({ benchmark, measure, unit: 'MB/s' }, speeds.map(of));
    return {
      rows: [
        {
          ...perSecond('redaction and gzip (level 6) on one core', ({ both }) => both),
          target: { atLeast: MIN_MEGABYTES_PER_SECOND },
        },
        perSecond('· redaction alone', (speed) => speed.redaction),
        perSecond('· gzip alone', ({ gzip }) => gzip),
        {
          benchmark,
          measure: 'memory that a transcript of 200 MB adds, the most of all samples',
          value: Math.max(...memories.map(({ grownMegabytes }) => grownMegabytes)),
          unit: 'MB',
          target: { atMost: MAX_GROWN_MEGABYTES },
        },
      ],
    };
  },
};
