import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import type { CpuSample } from './cpu-time.ts';
import { freshProcess } from './fresh-process.ts';
import { type Row, sampledRow } from './row.ts';

const benchmark = 'backfill-pacing';

const CONVERSATIONS = 100_000;
const REQUESTS_PER_MINUTE = 300;
const PROCESSES = 7;

/** A backfill's slices on a clock that skips the waits, against the simulator; and what a token in memory costs. */
export const backfillPacing: Benchmark = {
  name: benchmark,
  run: async () => {
    const bench = await bundle(benchmark, {
      process: 'tools/bench/src/cached-token-process.ts',
      slices: 'tools/bench/src/backfill-slices-process.ts',
      'work-slice': 'apps/backfill/src/work-slice.ts',
      'memory-runs-store': 'apps/backfill/src/memory-runs-store.ts',
    });
    return { rows: [...(await pacingRows(bench)), await tokenRow(bench)] };
  },
};

/** What the slices came to; a status for each request to the API. */
interface Slices {
  readonly statuses: readonly (number | 'none')[];
  readonly sent: number;
  readonly slices: number;
  readonly minutes: number;
}

async function pacingRows(bench: string): Promise<readonly Row[]> {
  const { statuses, minutes, slices } = await backfillSlices(bench);
  const answered = statuses.filter((status) => status === 200).length;
  const used = answered / (REQUESTS_PER_MINUTE * minutes);
  const row = (measure: string, value: number, unit: string) => ({ benchmark, measure, value, unit });
  return [
    {
      ...row(
        `share of ${REQUESTS_PER_MINUTE} a minute used by a backfill of ${CONVERSATIONS} conversations`,
        used * 100,
        '%',
      ),
      target: { atLeast: 95 },
    },
    { ...row('most answers with 429 in a row', longestRun(statuses, 429), ''), target: { atMost: 1 } },
    row('answers with 429', statuses.filter((status) => status === 429).length, ''),
    row('time that it would have taken', minutes / 60, 'h'),
    row('invocations', slices, ''),
  ];
}

/** A process of its own: the app's core and the client have to come out of one bundle. */
async function backfillSlices(bench: string): Promise<Slices> {
  const slices = (await freshProcess(join(bench, 'slices.mjs'), [], {})) as Slices;
  if (slices.sent !== CONVERSATIONS) throw new Error(`${slices.sent} of ${CONVERSATIONS} events were sent`);
  return slices;
}

function longestRun<T>(items: readonly T[], item: T): number {
  let run = 0;
  let longest = 0;
  for (const one of items) {
    run = one === item ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** The compiler decides anew in each process, so one process is one sample. */
async function tokenRow(bench: string): Promise<Row> {
  const samples: CpuSample[] = [];
  for (let sample = 0; sample < PROCESSES; sample += 1) {
    samples.push((await freshProcess(join(bench, 'process.mjs'), [], {})) as CpuSample);
  }
  const name = { benchmark, measure: 'CPU per access token from memory', unit: 'µs' };
  return {
    ...sampledRow(
      name,
      samples.map(({ micros }) => micros),
    ),
    target: { atMost: 5 },
  };
}
