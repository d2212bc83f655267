import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OutcomeRow } from '@aftercall/schemas';
import { encodeOutcomes, mergeOutcomes } from './merge-outcomes.ts';
import { OUTCOME_COLUMNS } from './outcome-columns.ts';
import { partitionKey } from './partition-key.ts';
import { fullRow, outcomeRow } from './sample-rows.ts';

let folder: string;
let instance: DuckDBInstance;
let duckdb: DuckDBConnection;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lake-'));
  instance = await DuckDBInstance.create(':memory:');
  duckdb = await instance.connect();
  // Wherever the analyst sits, the lake is in UTC.
  await duckdb.run(`SET TimeZone = 'Europe/Vienna'`);
});
afterAll(() => {
  duckdb.closeSync();
  instance.closeSync();
  rmSync(folder, { recursive: true });
});

function put(key: string, bytes: Uint8Array): string {
  const path = join(folder, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

const select = async (sql: string) => (await duckdb.runAndReadAll(sql)).getRowObjectsJson();

const UTC = (column: string) =>
  `strftime(${column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%gZ') AS ${column}`;
const columns = OUTCOME_COLUMNS.map(({ name, type }) => (type === 'timestamp' ? UTC(name) : name)).join(', ');

/** The rows as DuckDB reads them, by the columns' names. */
const rowsOf = (path: string) =>
  select(`SELECT ${columns} FROM read_parquet('${path}', hive_partitioning = false)`);

const DUCKDB_TYPES = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  int32: 'INTEGER',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  boolean: 'BOOLEAN',
  'list<string>': 'VARCHAR[]',
} as const;

describe('DuckDB', () => {
  test('sees every column with its type', async () => {
    const path = put('types.parquet', encodeOutcomes([fullRow()]));
    const described = await select(`DESCRIBE SELECT * FROM read_parquet('${path}')`);
    expect(described.map(({ column_name, column_type }) => [column_name, column_type])).toEqual(
      OUTCOME_COLUMNS.map(({ name, type }) => [name, DUCKDB_TYPES[type]]),
    );
  });

  test.each<[string, OutcomeRow[]]>([
    ['one full row', [fullRow()]],
    ['one empty row', [outcomeRow()]],
    [
      'text of all scripts',
      [fullRow({ top_intent: 'Grüße ☎ 🙂 עברית', agent_id: '日本語', topics: ['e\u0301', ''] })],
    ],
    [
      'times at their ends',
      [outcomeRow({ occurred_at: '1969-12-31T23:59:59.999Z', received_at: '9999-12-31T23:59:59.999Z' })],
    ],
    ['10,000 keywords', [fullRow({ keywords: Array.from({ length: 10_000 }, (_, n) => `phrase ${n}`) })]],
    ['a phrase of a megabyte', [fullRow({ keywords: ['ü'.repeat(500_000)] })]],
    ['ids like paths', [fullRow({ conversation_id: '../a=b/🙂', event_id: "o'neill#../a=b/-" })]],
  ])('reads back %s', async (_case, rows) => {
    await expect(rowsOf(put('values.parquet', encodeOutcomes(rows)))).resolves.toEqual(rows);
  });

  test('reads back a file that many batches were merged into', async () => {
    const rows = Array.from({ length: 400 }, (_, index) =>
      (index % 3 === 0 ? fullRow : outcomeRow)({
        event_id: `e${String(index).padStart(4, '0')}`,
        agent_id: index % 7 === 0 ? null : `agent ${index % 20}`,
        empathy_score: index % 5 === 0 ? null : index / 8,
        keywords: Array.from({ length: index % 4 }, (_none, n) => `word ${index % 50} ${n}`),
      }),
    );
    let bytes: Uint8Array | undefined;
    for (let batch = 0; batch < 8; batch += 1) {
      const part = rows.filter((_, index) => index % 8 === batch || index % 50 === batch);
      ({ bytes } = await mergeOutcomes(bytes, part));
    }
    await expect(rowsOf(put('merged.parquet', bytes ?? new Uint8Array()))).resolves.toEqual(rows);
  });

  test('reads several row groups, and leaves out by time those that a query cannot need', async () => {
    const rows = Array.from({ length: 70_000 }, (_, index) =>
      outcomeRow({
        event_id: `e${index}`,
        occurred_at: new Date(Date.UTC(2026, 10, 20, 14) + 40 * index).toISOString(),
        sentiment_score: index % 2 === 0 ? 0.5 : null,
      }),
    );
    const path = put('groups.parquet', encodeOutcomes(rows));
    const counts = `count(*)::INT AS rows, count(DISTINCT event_id)::INT AS events, count(sentiment_score)::INT AS scores`;
    await expect(select(`SELECT ${counts} FROM read_parquet('${path}')`)).resolves.toEqual([
      { rows: 70_000, events: 70_000, scores: 35_000 },
    ]);
    const bounds = `SELECT row_group_num_rows::INT AS rows, stats_min_value AS first, stats_max_value AS last
      FROM parquet_metadata('${path}') WHERE path_in_schema = 'occurred_at' ORDER BY row_group_id`;
    await expect(select(bounds)).resolves.toMatchObject([
      { rows: 32_768, first: expect.stringContaining('14:00:00') },
      { rows: 32_768 },
      { rows: 4_464, last: expect.stringContaining('14:46:39.96') },
    ]);
    const evening = `SELECT count(*)::INT AS rows FROM read_parquet('${path}') WHERE occurred_at >= '2026-11-20T14:46:39Z'`;
    await expect(select(evening)).resolves.toEqual([{ rows: 25 }]);
  });

  test('sees the partition of each file by its key, whatever the source is called', async () => {
    const sources = ['main', 'a/b', 'dt=2020', '..', '100%', 'ü 🙂'];
    for (const source of sources) {
      const rows = [outcomeRow({ source })];
      put(join('partitions', partitionKey(outcomeRow({ source }), 1)), encodeOutcomes(rows));
    }
    const files = `read_parquet('${folder}/partitions/outcomes/**/*.parquet', hive_partitioning = true, hive_types_autocast = false)`;
    const seen = await select(`SELECT source, dt, hour FROM ${files} ORDER BY source`);
    expect(seen).toEqual(sources.toSorted().map((source) => ({ source, dt: '2026-11-20', hour: '14' })));
  });

  test('finds the version of the schema in the metadata', async () => {
    const path = put('metadata.parquet', encodeOutcomes([fullRow()]));
    const pairs = `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata('${path}')`;
    await expect(select(pairs)).resolves.toEqual([{ key: 'aftercall.schema_version', value: '1' }]);
  });

  test('finds nothing in a file of no rows', async () => {
    const path = put('nothing.parquet', encodeOutcomes([]));
    await expect(select(`SELECT count(*)::INT AS rows FROM read_parquet('${path}')`)).resolves.toEqual([
      { rows: 0 },
    ]);
  });

  test('needs as much room for the same rows', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) =>
      fullRow({
        event_id: `evt-${crypto.randomUUID()}`,
        conversation_id: crypto.randomUUID(),
        communication_id: crypto.randomUUID(),
        agent_id: `agent ${index % 300}`,
        occurred_at: new Date(Date.UTC(2026, 10, 20, 14) + 137 * index).toISOString(),
      }),
    );
    const ours = encodeOutcomes(rows);
    const path = put('size.parquet', ours);
    const theirs = join(folder, 'size-duckdb.parquet');
    await duckdb.run(`COPY (FROM read_parquet('${path}')) TO '${theirs}' (FORMAT parquet, COMPRESSION zstd)`);
    const [{ bytes } = {}] = await select(`SELECT size::INT AS bytes FROM read_blob('${theirs}')`);
    expect(ours.length / Number(bytes)).toBeLessThan(1.1);
  });
});
