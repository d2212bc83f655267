import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import type { CpuSample } from './cpu-time.ts';
import { freshProcess } from './fresh-process.ts';
import { FILE_ROWS, writeLakeFiles } from './lake-files.ts';
import { type Row, sampledRow } from './row.ts';

const benchmark = 'lake-encode';
const PROCESSES = 7;
const MIN_OUTCOMES_PER_SECOND = 50_000;
const MAX_SIZE_RATIO = 1.1;

/** Rows to the bytes of a file, and how large a full file is beside what DuckDB makes of the same rows. */
export const lakeEncode: Benchmark = {
  name: benchmark,
  run: async () => {
    const bench = await bundle(benchmark, { process: 'tools/bench/src/lake-encode-process.ts' });
    const micros: number[] = [];
    for (let sample = 0; sample < PROCESSES; sample += 1) {
      micros.push(((await freshProcess(join(bench, 'process.mjs'), [], {})) as CpuSample).micros);
    }
    const rate = sampledRow(
      { benchmark, measure: 'outcomes per second on one core: order, encode, compress', unit: '/s' },
      micros.map((each) => 1e6 / each),
    );
    return { rows: [{ ...rate, target: { atLeast: MIN_OUTCOMES_PER_SECOND } }, ...(await sizeRows(bench))] };
  },
};

async function sizeRows(folder: string): Promise<readonly Row[]> {
  const { file } = writeLakeFiles(folder);
  const theirs = join(folder, 'duckdb.parquet');
  await rewriteWithDuckDb(file, theirs);
  const [ourBytes, theirBytes] = [statSync(file).size, statSync(theirs).size];
  const target = { atMost: MAX_SIZE_RATIO };
  return [
    { benchmark, measure: `file of ${FILE_ROWS} outcomes`, unit: 'KB', value: ourBytes / 1000 },
    { benchmark, measure: "the same rows in DuckDB's zstd", unit: 'KB', value: theirBytes / 1000 },
    { benchmark, measure: 'file size: ratio', unit: '×', value: ourBytes / theirBytes, target },
  ];
}

async function rewriteWithDuckDb(from: string, to: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (FROM read_parquet('${from}')) TO '${to}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
}
