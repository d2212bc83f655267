import { join } from 'node:path';
import type { CpuSample } from './cpu-time.ts';
import { freshProcess } from './fresh-process.ts';
import { type Row, sampledRow, type Target } from './row.ts';

/** The compiler decides anew in each process, so one process is one sample. */
const PROCESSES = 7;

/** What is counted, and how the whole and what lies outside of every step are called. */
export interface CpuMeasures {
  readonly benchmark: string;
  readonly one: string;
  readonly core?: { readonly measure: string; readonly target: Target };
}

/** Runs `process.mjs` of a bench bundle several times and makes the rows: rate, CPU time, and every step's part of it. */
export async function cpuRows(bench: string, { benchmark, one, core }: CpuMeasures): Promise<readonly Row[]> {
  const samples: CpuSample[] = [];
  for (let sample = 0; sample < PROCESSES; sample += 1) {
    samples.push((await freshProcess(join(bench, 'process.mjs'), [], {})) as CpuSample);
  }
  const perSecond = (measure: string, of: (sample: CpuSample) => number) =>
    sampledRow(
      { benchmark, measure, unit: '/s' },
      samples.map((sample) => 1e6 / of(sample)),
    );
  const rate = perSecond(`${one} per second on one core, with everything around`, ({ micros }) => micros);
  const micros = (measure: string, of: (sample: CpuSample) => number) =>
    sampledRow({ benchmark, measure, unit: 'µs' }, samples.map(of));
  return [
    ...(core
      ? [{ ...perSecond(core.measure, ({ coreMicros = NaN }) => coreMicros), target: core.target }]
      : []),
    rate,
    micros(`CPU per ${one}`, (sample) => sample.micros),
    ...Object.keys(samples[0]?.steps ?? {}).map((name) =>
      micros(`· ${name}`, ({ steps }) => steps[name] ?? NaN),
    ),
    micros('· the rest', (sample) => sample.micros - sum(Object.values(sample.steps))),
  ];
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
