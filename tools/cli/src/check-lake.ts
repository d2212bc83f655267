import type { DuckDBConnection } from '@duckdb/node-api';
import type { ExitCode } from './cli-error.ts';
import { say } from './context.ts';
import type { CommandContext } from './context.ts';
import { lakeBucket } from './lake-bucket.ts';
import { noteLoading, whyEmpty } from './lake-notes.ts';
import { parseSelection } from './lake-selection.ts';
import type { LakeOptions } from './lake-selection.ts';
import { openLake } from './open-lake.ts';
import type { UnreadableFile } from './open-lake.ts';
import { readableCheck } from './readable-check.ts';
import { listLake } from './s3-lake.ts';
import type { LakeFile, LakeListing } from './s3-lake.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

/** An event that has more than its one row. */
export interface DuplicateEvent {
  readonly org: string;
  readonly eventId: string;
  readonly rows: number;
  readonly keys: readonly string[];
}

/** Rows that lie in another partition than their own: queries with a time or source pass them by. */
export interface MisplacedRows {
  readonly key: string;
  readonly rows: number;
  /** One of them. */
  readonly eventId: string;
}

export interface LakeDay {
  readonly day: string;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
}

/** What `lake check` found; the lists name at most a hundred, the counts count all. */
export interface LakeCheck {
  readonly healthy: boolean;
  readonly bucket: string;
  readonly files: number;
  readonly rows: number;
  readonly bytes: number;
  /** Rows too many. */
  readonly duplicates: number;
  readonly duplicateEvents: readonly DuplicateEvent[];
  readonly misplaced: number;
  readonly misplacedRows: readonly MisplacedRows[];
  readonly unreadable: readonly UnreadableFile[];
  /** Files above the size from which more shards are advisable: a warning, no fault. */
  readonly large: readonly { readonly key: string; readonly rows: number }[];
  readonly days: readonly LakeDay[];
}

/** As `lake-writer` warns. */
const LARGE_FILE_ROWS = 100_000;
const NAMED_AT_MOST = 100;

/** Counts what is in the lake and looks for what must not be there. Exit code 1 when there is any of that. */
export async function checkLake(options: LakeOptions, context: CommandContext): Promise<ExitCode> {
  const selection = parseSelection(options, context.now());
  const access = await context.connect();
  try {
    const bucket = lakeBucket(access);
    const listing = await listLake(bucket, selection);
    noteLoading(listing.files, context);
    const check = await inTemporaryFolder(context, async (folder) => {
      // Whole files: every row of a file that the selection touches must be right.
      const lake = await openLake({ bucket, files: listing.files, rows: {}, folder });
      try {
        return await examine(lake.connection, { bucket: bucket.name, listing, unreadable: lake.unreadable });
      } finally {
        lake.close();
      }
    });
    say(context, check, () =>
      check.files === 0 && check.healthy
        ? whyEmpty(selection, listing)
        : readableCheck(check, context.colors),
    );
    return check.healthy ? 0 : 1;
  } finally {
    access.close();
  }
}

interface Loaded {
  readonly bucket: string;
  readonly listing: LakeListing;
  readonly unreadable: readonly UnreadableFile[];
}

async function examine(connection: DuckDBConnection, loaded: Loaded): Promise<LakeCheck> {
  const { bucket, listing } = loaded;
  const unreadable = [
    ...loaded.unreadable,
    ...listing.strays.map((key) => ({ key, why: 'its key is not that of a file of the lake' })),
  ];
  const ask = <T>(sql: string): Promise<readonly T[]> => rowsOf<T>(connection, sql);
  const [duplicates] = await ask<{ surplus: number | null }>(
    `SELECT sum(rows - 1)::DOUBLE AS surplus FROM (${DUPLICATES})`,
  );
  const [misplaced] = await ask<{ rows: number | null }>(
    `SELECT sum(rows)::DOUBLE AS rows FROM (${MISPLACED})`,
  );
  const counts = { duplicates: duplicates?.surplus ?? 0, misplaced: misplaced?.rows ?? 0 };
  const days = await ask<LakeDay>(DAYS);
  return {
    healthy: counts.duplicates === 0 && counts.misplaced === 0 && unreadable.length === 0,
    bucket,
    files: listing.files.length,
    rows: days.reduce((sum, { rows }) => sum + rows, 0),
    bytes: bytesOf(listing.files),
    ...counts,
    duplicateEvents: await ask<DuplicateEvent>(
      `${DUPLICATES} ORDER BY rows DESC, "eventId" LIMIT ${NAMED_AT_MOST}`,
    ),
    misplacedRows: await ask<MisplacedRows>(`${MISPLACED} ORDER BY rows DESC, key LIMIT ${NAMED_AT_MOST}`),
    unreadable,
    large: await ask(LARGE),
    days,
  };
}

const bytesOf = (files: readonly LakeFile[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** An event id is its sender's, so only within one organisation does it name one event. */
const DUPLICATES = `SELECT r.org, r.event_id AS "eventId", count(*)::DOUBLE AS rows, list(DISTINCT f.key ORDER BY f.key) AS keys
  FROM raw.rows r JOIN raw.files f ON f.number = r.file
  GROUP BY r.org, r.event_id HAVING count(*) > 1`;

const MISPLACED = `SELECT f.key, count(*)::DOUBLE AS rows, min(r.event_id) AS "eventId"
  FROM raw.rows r JOIN raw.files f ON f.number = r.file
  WHERE r.source IS DISTINCT FROM f.source
    OR strftime(r.occurred_at, '%Y-%m-%d') <> f.dt OR strftime(r.occurred_at, '%H') <> f.hour
  GROUP BY f.key`;

const FILE_ROWS = `SELECT f.key, f.dt, f.bytes, count(r.file) AS rows
  FROM raw.files f LEFT JOIN raw.rows r ON r.file = f.number GROUP BY ALL`;

const DAYS = `SELECT dt AS day, count(*)::DOUBLE AS files, sum(rows)::DOUBLE AS rows, sum(bytes)::DOUBLE AS bytes
  FROM (${FILE_ROWS}) GROUP BY dt ORDER BY dt`;

const LARGE = `SELECT key, rows::DOUBLE AS rows FROM (${FILE_ROWS}) WHERE rows > ${LARGE_FILE_ROWS} ORDER BY rows DESC, key`;

/** The statements above are ours: they name their columns as `T` does, and cast counts to what is a number in JavaScript. */
async function rowsOf<T>(connection: DuckDBConnection, sql: string): Promise<readonly T[]> {
  const reader = await connection.runAndReadAll(sql);
  return reader.getRowObjectsJson() as readonly unknown[] as readonly T[];
}
