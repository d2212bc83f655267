// Encodes the rows of a large batch a few times and prints what one of them took.
import { encodeOutcomes } from '@aftercall/lake';
import { cpuMicrosPerCall, type CpuSample } from './cpu-time.ts';
import { lakeRows } from './lake-rows.ts';

const ROWS = 20_000;
const WARM_UP_CALLS = 5;
const CALLS = 5;

const rows = lakeRows(ROWS);
const encode = () => encodeOutcomes(rows);
await cpuMicrosPerCall(WARM_UP_CALLS, encode);
const sample: CpuSample = { micros: (await cpuMicrosPerCall(CALLS, encode)) / ROWS, steps: {} };
process.stdout.write(JSON.stringify(sample));
