import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pMap from 'p-map';
import { messageOf } from './cli-error.ts';
import { insertRows, LAKE_TABLES, sqlText } from './lake-tables.ts';
import type { LakeSelection } from './lake-selection.ts';
import { downloadLakeFile } from './s3-lake.ts';
import type { LakeBucket, LakeFile } from './s3-lake.ts';

/** A file that could not be used, and why. */
export interface UnreadableFile {
  readonly key: string;
  readonly why: string;
}

/** Files of the lake in a database that can no longer be changed, nor reach anything outside itself. */
export interface LoadedLake {
  readonly connection: DuckDBConnection;
  readonly unreadable: readonly UnreadableFile[];
  readonly close: () => void;
}

export interface LoadRequest {
  readonly bucket: LakeBucket;
  readonly files: readonly LakeFile[];
  /** Rows outside of it are left out, though their file is loaded. */
  readonly rows: LakeSelection;
  /** For the database, what it spills, and files on their way into it. */
  readonly folder: string;
}

/** So many files are on the disk at once, beside the database. */
const BATCH_FILES = 64;
const CONCURRENT_DOWNLOADS = 12;
/** Beyond it DuckDB uses the disk. */
const MEMORY_LIMIT = '1GB';
const NO_EXTENSIONS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };
/** Says nothing to files or the network; and cannot be told to. */
const LOCK = ["SET TimeZone = 'UTC'", 'SET enable_external_access = false', 'SET lock_configuration = true'];

/** Loads files of the lake, a batch at a time, so that neither memory nor disk hold more than the database and a batch. */
export async function openLake({ bucket, files, rows, folder }: LoadRequest): Promise<LoadedLake> {
  const path = join(folder, 'lake.duckdb');
  const settings = { memory_limit: MEMORY_LIMIT, temp_directory: join(folder, 'spilled'), ...NO_EXTENSIONS };
  const unreadable: UnreadableFile[] = [];
  const loading = await open(path, { ...settings, preserve_insertion_order: 'false' });
  try {
    for (const statement of ["SET TimeZone = 'UTC'", ...LAKE_TABLES]) await loading.connection.run(statement);
    for (let from = 0; from < files.length; from += BATCH_FILES) {
      const batch = files.slice(from, from + BATCH_FILES).map((file, index) => {
        const number = from + index;
        return { ...file, number, path: join(folder, `${number}.parquet`) };
      });
      unreadable.push(...(await loadBatch(loading.connection, bucket, batch, conditionOf(rows))));
    }
  } finally {
    loading.close();
  }
  const { connection, close } = await open(path, { ...settings, access_mode: 'READ_ONLY' });
  for (const statement of LOCK) await connection.run(statement);
  return { connection, unreadable, close };
}

/** The same tables without a row, as locked: what a query means can be found out before anything is downloaded. */
export async function openEmptyLake(): Promise<Omit<LoadedLake, 'unreadable'>> {
  const empty = await open(':memory:', NO_EXTENSIONS);
  for (const statement of [...LAKE_TABLES, ...LOCK]) await empty.connection.run(statement);
  return empty;
}

/** DuckDB is large and only the lake's commands need it. */
async function open(path: string, settings: Readonly<Record<string, string>>) {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance: DuckDBInstance = await DuckDBInstance.create(path, settings);
  const connection = await instance.connect();
  const close = (): void => {
    connection.closeSync();
    instance.closeSync();
  };
  return { connection, close };
}

interface NumberedFile extends LakeFile {
  readonly number: number;
  readonly path: string;
}

async function loadBatch(
  connection: DuckDBConnection,
  bucket: LakeBucket,
  batch: readonly NumberedFile[],
  condition: string,
): Promise<readonly UnreadableFile[]> {
  await connection.run(`INSERT INTO raw.files VALUES ${batch.map(fileValues).join(', ')}`);
  const downloads = await pMap(
    batch,
    async (file) => ({ file, outcome: await downloadLakeFile(bucket, file.key, file.path) }),
    { concurrency: CONCURRENT_DOWNLOADS },
  );
  const copied = downloads.flatMap(({ file, outcome }) => (outcome === 'copied' ? [file] : []));
  const gone = downloads.flatMap(({ file, outcome }) => (outcome === 'gone' ? [file] : []));
  const unreadable = await insert(connection, copied, condition);
  await Promise.all(copied.map(({ path }) => rm(path)));
  return [...gone.map(({ key }) => ({ key, why: 'it was deleted meanwhile' })), ...unreadable];
}

const fileValues = ({ number, key, path, source, dt, hour, bytes }: NumberedFile): string =>
  `(${number}, ${[key, path, source, dt, hour].map(sqlText).join(', ')}, ${bytes})`;

/** All at once, and where that fails by halves, until the files that cannot be read are alone. */
async function insert(
  connection: DuckDBConnection,
  files: readonly NumberedFile[],
  condition: string,
): Promise<readonly UnreadableFile[]> {
  const [first] = files;
  if (first === undefined) return [];
  try {
    await connection.run(
      insertRows(
        files.map(({ path }) => path),
        condition,
      ),
    );
    return [];
  } catch (error) {
    if (files.length === 1) return [{ key: first.key, why: reasonIn(error, first) }];
    const half = Math.ceil(files.length / 2);
    return [
      ...(await insert(connection, files.slice(0, half), condition)),
      ...(await insert(connection, files.slice(half), condition)),
    ];
  }
}

/** DuckDB's sentence without its own file name and the place in our statement. */
function reasonIn(error: unknown, { path }: NumberedFile): string {
  const [sentence = ''] = messageOf(error)
    .replace(/^[A-Za-z ]+ Error: /, '')
    .split('\n');
  return ['File ', 'file ', ''].reduce(
    (text, lead) => text.replaceAll(`${lead}'${path}'`, 'the file').replaceAll(`${lead}${path}`, 'the file'),
    sentence,
  );
}

function conditionOf({ since, until }: LakeSelection): string {
  const moment = (time: Date): string => `TIMESTAMPTZ ${sqlText(time.toISOString())}`;
  return [
    'true',
    ...(since === undefined ? [] : [`r.occurred_at >= ${moment(since)}`]),
    ...(until === undefined ? [] : [`r.occurred_at < ${moment(until)}`]),
  ].join(' AND ');
}
