import { join, relative } from 'node:path';
import type { Benchmark } from './benchmark.ts';
import { bundle } from './bundle.ts';
import { freshProcess } from './fresh-process.ts';
import { repository } from './repository.ts';
import { ratioRow, type Row, sampledRow } from './row.ts';
import { loadedCode } from './static-imports.ts';

const benchmark = 'ingest-init';
const INGEST = join(repository, 'dist/apps/ingest/main.mjs');
const PROCESSES = 21;
/** 1 KB is 1000 bytes. */
const MAX_INIT_KB = 450;
const MAX_RATIO = 1.3;

/** What ingest's `main.ts` needs to start; it calls nothing until a delivery comes. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'local',
  AWS_SECRET_ACCESS_KEY: 'local',
  STAGE: 'bench',
  EVENTS_QUEUE_URL: 'http://127.0.0.1/000000000000/events.fifo',
  SET_ASIDE_BUCKET: 'set-aside',
  SET_ASIDE_TABLE: 'set-aside',
  DELIVERIES_BUCKET: 'deliveries',
  SEALING_SECRET_NAME: 'sealing',
  SOURCES: JSON.stringify([
    { key: 'main', scheme: 'genesys-webhook', secretName: 'main' },
    { key: 'messaging', scheme: 'open-messaging', secretName: 'messaging' },
    { key: 'relay', scheme: 'standard-webhooks', secretName: 'relay' },
  ]),
  RETENTION_SECONDS: '6048000',
  SECRET_TTL_SECONDS: '300',
  QUARANTINE_DAILY_BYTES: '104857600',
  LOG_LEVEL: 'info',
};

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

interface Import {
  readonly importMillis: number;
  readonly processCpuMillis: number;
}

async function measureImports(): Promise<readonly Row[]> {
  const bench = await bundle(benchmark, {
    bare: 'tools/bench/src/bare-clients.ts',
    process: 'tools/bench/src/import-process.ts',
  });
  const importOf = async (file: string) =>
    (await freshProcess(join(bench, 'process.mjs'), [file], ENVIRONMENT)) as Import;
  const bare = join(bench, 'bare.mjs');
  // Neither is to find its files colder than the other.
  await importOf(INGEST);
  await importOf(bare);
  const ours: Import[] = [];
  const floor: Import[] = [];
  for (let process = 0; process < PROCESSES; process += 1) {
    ours.push(await importOf(INGEST));
    floor.push(await importOf(bare));
  }
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
