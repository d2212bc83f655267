import { relative } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { INGEST, type Import, importsInTurn } from './import-ratio.ts';
import { repository } from './repository.ts';
import { ratioRow, type Row, sampledRow } from './row.ts';
import { loadedCode } from './static-imports.ts';

const benchmark = 'ingest-init';
const PROCESSES = 21;
/** 1 KB is 1000 bytes. */
const MAX_INIT_KB = 450;
const MAX_RATIO = 1.3;

/** Code that ingest loads at init, and its import with the first clients against bare clients. */
export const ingestInit: Benchmark = {
  name: benchmark,
  run: async () => {
    const { rows, listing } = await measureCode();
    return { rows: [...rows, ...(await measureImports())], listing };
  },
};

async function measureCode() {
  const { atInit, onDemand } = await loadedCode(INGEST);
  const rows: Row[] = [
    codeRow(`code at init, ${atInit.size} files`, atInit),
    codeRow(`code on demand, ${onDemand.size} files`, onDemand),
  ].map((row, index) => (index === 0 ? { ...row, target: { atMost: MAX_INIT_KB } } : row));
  const listing = [
    `in ${relative(repository, INGEST)}:`,
    ...list('at init', atInit),
    ...list('on demand', onDemand),
  ];
  return { rows, listing };
}

function codeRow(measure: string, files: ReadonlyMap<string, number>): Row {
  const bytes = [...files.values()].reduce((sum, each) => sum + each, 0);
  return { benchmark, measure, value: bytes / 1000, unit: 'KB' };
}

const list = (when: string, files: ReadonlyMap<string, number>): readonly string[] =>
  [...files]
    .sort(([, left], [, right]) => right - left)
    .map(([file, bytes]) => `  ${when.padEnd(10)} ${(bytes / 1000).toFixed(1).padStart(7)} KB  ${file}`);

async function measureImports(): Promise<readonly Row[]> {
  const { ours, floor } = await importsInTurn(PROCESSES);
  return [
    ...compare('import + first clients', 'importMillis', ours, floor).map((row) =>
      row.unit === '×' ? { ...row, target: { atMost: MAX_RATIO } } : row,
    ),
    ...compare('CPU of the whole process', 'processCpuMillis', ours, floor),
  ];
}

function compare(
  measure: string,
  field: keyof Import,
  ours: readonly Import[],
  floor: readonly Import[],
): readonly Row[] {
  const oursMillis = ours.map((each) => each[field]);
  const floorMillis = floor.map((each) => each[field]);
  return [
    sampledRow({ benchmark, measure: `${measure}: ingest`, unit: 'ms' }, oursMillis),
    sampledRow(
      { benchmark, measure: `${measure}: bare SQS + Secrets Manager clients`, unit: 'ms' },
      floorMillis,
    ),
    ratioRow({ benchmark, measure: `${measure}: ratio` }, oursMillis, floorMillis),
  ];
}
