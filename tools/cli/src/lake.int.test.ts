import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { encodeOutcomes, OUTCOME_COLUMNS, partitionKey } from '@aftercall/lake';
import type { OutcomeRow } from '@aftercall/schemas';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLake } from './open-lake.ts';
import { commandLineIn } from './test-command-line.ts';

const BUCKET = 'lake';
const directory = mkdtempSync(join(tmpdir(), 'aftercall-cli-'));
const aftercall = commandLineIn(directory);
let server: FauxqsServer;
let s3: S3Client;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  const url = `http://127.0.0.1:${server.port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  s3 = new S3Client({ endpoint: url, region: 'eu-west-1', forcePathStyle: true, credentials });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
  mkdirSync(join(directory, '.aftercall'));
  writeFileSync(join(directory, '.aftercall', 'local.json'), JSON.stringify(localJson(url)));
});
afterAll(async () => {
  s3.destroy();
  await server.stop();
  rmSync(directory, { recursive: true });
});
beforeEach(() => server.emptyBucket(BUCKET));

function localJson(url: string) {
  return {
    ...{ http: url, pid: 1, control: url, sources: [] },
    aws: {
      ...{ region: 'eu-west-1', accessKeyId: 'local', secretAccessKey: 'local' },
      endpoints: { sqs: url, s3: url, dynamodb: url, secretsmanager: url, events: url, ssm: url, sfn: url },
    },
    resources: { lakeBucket: BUCKET, queueUrls: {}, deadLetterQueueUrls: {} },
  };
}

function row(changes: Partial<OutcomeRow> = {}): OutcomeRow {
  return {
    ...{ event_id: 'e1', event_type: 'genesys.analytics.outcome', org: 'main', source: 'main' },
    ...{ conversation_id: 'c1', communication_id: null, agent_id: 'agent-1', queue_id: 'billing' },
    ...{ media_type: 'voice', direction: 'inbound' },
    ...{ occurred_at: '2026-11-20T08:15:27.418Z', received_at: '2026-11-20T08:16:00.000Z' },
    ...{ sentiment_label: 'negative', sentiment_score: -0.62, sentiment_trend: 0.18 },
    ...{ sentiment_raw: -0.62, sentiment_unit: null, empathy_score: null },
    ...{ top_intent: 'cancel_contract', top_intent_confidence: 0.83 },
    ...{
      intents: ['cancel_contract'],
      keywords: ['überweisen', '日本語'],
      topics: [],
      categories: ['payment'],
    },
    ...{ violation_count: 1, violations: ['PCI'], max_severity: 'critical' as const },
    ...{ has_transcript: true, truncated: false, schema_version: 1 },
    ...changes,
  };
}

async function put(key: string, body: Uint8Array | string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: key, Body: Buffer.from(body) }));
}

/** Each row where it belongs, as `lake-writer` puts them. */
async function putRows(rows: readonly OutcomeRow[], shards = 1): Promise<readonly string[]> {
  const files = Map.groupBy(rows, (one) => partitionKey(one, shards));
  for (const [key, own] of files) await put(key, encodeOutcomes(own));
  return [...files.keys()];
}

/** A Parquet file that somebody else made. */
async function parquetOf(select: string): Promise<Buffer> {
  const path = join(directory, 'other.parquet');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  await connection.run(`COPY (${select}) TO '${path}' (FORMAT parquet, COMPRESSION zstd)`);
  connection.closeSync();
  instance.closeSync();
  return readFileSync(path);
}

const KEY_COLUMNS = `'e9' AS event_id, 'main' AS org, 'main' AS source, 'c9' AS conversation_id,
  TIMESTAMPTZ '2026-11-20 10:00:00Z' AS occurred_at, TIMESTAMPTZ '2026-11-20 10:00:01Z' AS received_at`;
const GARBAGE = 'outcomes/source=main/dt=2026-11-20/hour=05/part-0.parquet';

describe('lake check', () => {
  test('counts rows, files and sizes per day of a lake in which all is well', async () => {
    const rows = [
      row(),
      row({ event_id: 'e2', conversation_id: 'c2' }),
      row({ event_id: 'e3', occurred_at: '2026-11-20T23:59:59.999Z' }),
      row({ event_id: 'e4', occurred_at: '2026-11-21T00:00:00.000Z', source: 'relay', org: 'acme' }),
      // Another organisation's event of the same id is another event.
      row({ event_id: 'e1', occurred_at: '2026-11-21T00:00:00.000Z', source: 'relay', org: 'acme' }),
    ];
    await putRows(rows, 2);
    const checked = await aftercall('lake', 'check', '--json');
    expect(checked).toMatchObject({ exitCode: 0, err: '' });
    const document = checked.document() as { bytes: number; days: { bytes: number }[] };
    expect(document).toMatchObject({
      ...{ healthy: true, bucket: BUCKET, rows: 5, duplicates: 0, misplaced: 0, unreadable: [], large: [] },
      days: [
        { day: '2026-11-20', rows: 3 },
        { day: '2026-11-21', rows: 2 },
      ],
    });
    expect(document.days.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(document.bytes);
    const { out } = await aftercall('lake', 'check');
    expect(out).toMatch(/^5 rows in \d files, .*\nok +0 duplicates\n[^]*\n2026-11-20 +\d +3 /);
    expect((await aftercall('lake', 'check', '--source', 'relay', '--json')).document()).toMatchObject({
      files: 1,
      rows: 2,
    });
  });

  test('finds an event twice in a file and in two files, and names ids and keys', async () => {
    const first = partitionKey(row(), 1);
    const second = first.replace('part-0', 'part-1');
    const once = join(directory, 'once.parquet');
    writeFileSync(once, encodeOutcomes([row(), row({ event_id: 'e2' })]));
    await put(first, await parquetOf(`FROM '${once}' UNION ALL FROM '${once}' WHERE event_id = 'e2'`));
    await put(second, encodeOutcomes([row(), row({ event_id: 'e3' })]));
    const checked = await aftercall('lake', 'check', '--json');
    expect(checked.exitCode).toBe(1);
    expect(checked.document()).toMatchObject({
      healthy: false,
      ...{ rows: 5, duplicates: 2 },
      duplicateEvents: [
        { org: 'main', eventId: 'e1', rows: 2, keys: [first, second] },
        { org: 'main', eventId: 'e2', rows: 2, keys: [first] },
      ],
    });
    const { exitCode, out } = await aftercall('lake', 'check');
    expect(exitCode).toBe(1);
    for (const named of ['2 duplicates', 'e1 of main, 2 rows in', first, second])
      expect(out).toContain(named);
  });

  test('names every file that cannot be read and why, and counts the others', async () => {
    const good = await putRows([row()]);
    const whole = encodeOutcomes([row({ event_id: 'e2' })]);
    const under = (hour: string) => `outcomes/source=main/dt=2026-11-20/hour=${hour}/part-0.parquet`;
    await put(under('01'), 'this is no Parquet at all');
    await put(under('02'), '');
    await put(under('03'), whole.slice(0, -40));
    await put(under('04'), await parquetOf('SELECT 7 AS seven'));
    await put(under('06'), await parquetOf(`SELECT ${KEY_COLUMNS}, 'many' AS violation_count`));
    await put('outcomes/notes.txt', 'x');
    await put('outcomes/source=main/dt=2026-11-20/', '');
    const checked = await aftercall('lake', 'check', '--json');
    expect(checked.exitCode).toBe(1);
    const { rows, files, unreadable } = checked.document() as {
      rows: number;
      files: number;
      unreadable: { key: string; why: string }[];
    };
    expect({ rows, files }).toEqual({ rows: 1, files: 6 });
    expect(good).toHaveLength(1);
    expect(Object.fromEntries(unreadable.map(({ key, why }) => [key, why]))).toEqual({
      [under('01')]: expect.stringMatching(/^No magic bytes found at end of the file/),
      [under('02')]: expect.stringMatching(/^the file too small/),
      [under('03')]: expect.stringMatching(/the file|parquet/i),
      [under('04')]: 'it holds a row without event_id',
      [under('06')]: expect.stringContaining('many'),
      'outcomes/notes.txt': 'its key is not that of a file of the lake',
    });
    expect(JSON.stringify(unreadable)).not.toContain(tmpdir());
  });

  test('finds rows in another partition than their own, by source, day and hour', async () => {
    const [key = ''] = await putRows([row()]);
    const others = [
      key.replace('source=main', 'source=relay'),
      key.replace('11-20', '11-21'),
      key.replace('hour=08', 'hour=09'),
    ];
    for (const [index, other] of others.entries())
      await put(other, encodeOutcomes([row({ event_id: `other-${index}` })]));
    const checked = await aftercall('lake', 'check', '--json');
    expect(checked.exitCode).toBe(1);
    expect(checked.document()).toMatchObject({
      ...{ rows: 4, duplicates: 0, misplaced: 3 },
      misplacedRows: others.toSorted().map((other) => ({ key: other, rows: 1 })),
    });
  });

  test('warns of a file above 100,000 rows, which is no fault', async () => {
    const rows = Array.from({ length: 100_001 }, (_value, index) => row({ event_id: `e${index}` }));
    const [key] = await putRows(rows);
    const checked = await aftercall('lake', 'check', '--json');
    expect(checked.exitCode).toBe(0);
    expect(checked.document()).toMatchObject({ healthy: true, large: [{ key, rows: 100_001 }] });
    expect((await aftercall('lake', 'check')).out).toMatch(/1 large file: more shards/);
  }, 120_000);
});

describe('lake query', () => {
  test('answers with one JSON array: numbers, moments in UTC, lists, text as it is', async () => {
    await putRows([row()]);
    const asked = await aftercall(
      ...['lake', 'query', '--json'],
      `select count(*) as n, max(occurred_at) as at, any_value(keywords) as keywords, any_value(source) as source,
        any_value(dt) as dt, any_value(hour) as hour, min(sentiment_unit) as unit, max(sentiment_score) as score
      from outcomes`,
    );
    expect(asked).toMatchObject({ exitCode: 0, err: '' });
    expect(asked.document()).toEqual([
      {
        ...{ n: 1, at: '2026-11-20T08:15:27.418Z', keywords: ['überweisen', '日本語'], source: 'main' },
        ...{ dt: '2026-11-20', hour: '08', unit: null, score: -0.62 },
      },
    ]);
  });

  test('answers people with a table, and with rows one below the other where that is too wide', async () => {
    await putRows([row(), row({ event_id: 'e2', conversation_id: 'c2', agent_id: null })]);
    const table = await aftercall(
      'lake',
      'query',
      'select agent_id, count(*) n from outcomes group by 1 order by 1',
    );
    expect(table.out).toBe('agent_id  n\nagent-1   1\n–         1\n2 rows\n');
    const wide = await aftercall('lake', 'query', 'select * from outcomes order by event_id');
    expect(wide.out).toMatch(/^row 1\nevent_id {15}e1\n[^]*\nkeywords {15}überweisen, 日本語\n/);
    for (const line of wide.out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  });

  test('shows people the first thousand rows and programs all', async () => {
    await putRows(Array.from({ length: 1_500 }, (_value, index) => row({ event_id: `e${index}` })));
    const { out } = await aftercall('lake', 'query', 'select event_id from outcomes');
    expect(out).toMatch(/\n1000 rows, only the first of more rows: --json prints them all\n$/);
    const all = (await aftercall('lake', 'query', 'select event_id from outcomes', '--json')).document();
    expect(all).toHaveLength(1_500);
  });

  test('fetches only the files of a source and a time, and counts only rows of that time', async () => {
    await putRows([
      row(),
      row({ event_id: 'e2', occurred_at: '2026-11-20T08:45:00.000Z' }),
      row({ event_id: 'e3', occurred_at: '2026-11-20T10:00:00.000Z' }),
      row({ event_id: 'e4', occurred_at: '2026-11-19T08:45:00.000Z' }),
      row({ event_id: 'e5', occurred_at: '2026-11-20T08:45:00.000Z', source: 'relay' }),
    ]);
    // Were it fetched, the exit code would be 3.
    await put(GARBAGE, 'this is no Parquet');
    await put(GARBAGE.replace('hour=05', 'hour=10'), 'this is no Parquet');
    const ids = async (...options: string[]) => {
      const asked = await aftercall(
        'lake',
        'query',
        'select event_id from outcomes order by 1',
        '--json',
        ...options,
      );
      const rows = asked.document() as unknown as { event_id: string }[];
      return { exitCode: asked.exitCode, ids: rows.map(({ event_id: id }) => id).join() };
    };
    const between = ['--since', '2026-11-20T08:30:00Z', '--until', '2026-11-20T10:00:00Z'];
    expect(await ids(...between)).toEqual({ exitCode: 0, ids: 'e2,e5' });
    expect(await ids(...between, '--source', 'main')).toEqual({ exitCode: 0, ids: 'e2' });
    expect(await ids('--until', '2026-11-20T00:00:00Z')).toEqual({ exitCode: 0, ids: 'e4' });
    expect(await ids('--source', 'relay')).toEqual({ exitCode: 0, ids: 'e5' });
    expect((await ids()).exitCode).toBe(3);
  });

  test('leaves out what cannot be read, says so, and ends with 3', async () => {
    await putRows([row()]);
    await put(GARBAGE, 'this is no Parquet');
    const asked = await aftercall('lake', 'query', 'select count(*) as n from outcomes', '--json');
    expect(asked.exitCode).toBe(3);
    expect(asked.document()).toEqual([{ n: 1 }]);
    expect(asked.err).toMatch(/left out, because unreadable: 1 file\n.*hour=05.*No magic bytes/);
  });

  test('reads files of older and newer versions: what is missing is null, what nobody knows is left out', async () => {
    await putRows([row()]);
    const older = GARBAGE.replace('hour=05', 'hour=10');
    await put(
      older,
      await parquetOf(`SELECT ${KEY_COLUMNS}, ['a'] AS intents, 2 AS "file", 'new' AS of_tomorrow`),
    );
    const asked = await aftercall('lake', 'query', 'select * from outcomes order by event_id', '--json');
    expect(asked).toMatchObject({ exitCode: 0, err: '' });
    const rows = asked.document() as unknown as Record<string, unknown>[];
    expect(rows).toMatchObject([
      { event_id: 'e1', truncated: false },
      { event_id: 'e9', intents: ['a'], keywords: null, truncated: null, hour: '10' },
    ]);
    expect(Object.keys(rows[1] ?? {})).toEqual([...OUTCOME_COLUMNS.map(({ name }) => name), 'dt', 'hour']);
  });

  test('takes source, day and hour from the key, as Athena does, whatever a row says', async () => {
    const key = partitionKey(row({ source: 'relay' }), 1).replace('hour=08', 'hour=09');
    await put(key, encodeOutcomes([row()]));
    const sql = 'select o.source, dt, hour, l.source as latest from outcomes o, outcomes_latest l';
    expect((await aftercall('lake', 'query', sql, '--json')).document()).toEqual([
      { source: 'relay', dt: '2026-11-20', hour: '09', latest: 'relay' },
    ]);
  });

  test('says that there is nothing yet, and of what there is something', async () => {
    const empty = await aftercall('lake', 'query', 'select count(*) as n from outcomes', '--json');
    expect(empty).toMatchObject({ exitCode: 0, err: expect.stringContaining('the lake holds no files yet') });
    expect(empty.document()).toEqual([{ n: 0 }]);
    expect((await aftercall('lake', 'query', 'select * from outcomes', '--json')).document()).toEqual([]);
    expect(await aftercall('lake', 'check')).toMatchObject({
      exitCode: 0,
      out: expect.stringContaining('the lake holds no files yet'),
    });
    await putRows([row()]);
    const other = await aftercall('lake', 'query', 'select 1', '--source', 'crm');
    expect(other.err).toBe('the lake holds no files of source crm: there are files of main\n');
    const later = await aftercall('lake', 'query', 'select 1', '--since', '2026-11-21T00:00:00Z');
    expect(later.err).toBe('the lake holds no files of that time: there are files of main\n');
  });
});

describe('a query can do no harm', () => {
  const outside = join(directory, 'outside');
  const hostile: readonly string[] = [
    `select * from read_text('${join(directory, '.aftercall/local.json')}')`,
    `select * from read_csv('/etc/passwd')`,
    `select * from read_parquet('http://127.0.0.1:1/x.parquet')`,
    `select * from glob('/etc/*')`,
  ];

  test.each([
    ...hostile,
    `copy outcomes to '${outside}'`,
    `export database '${outside}'`,
    `attach '${outside}'`,
    'delete from outcomes',
    'create table t as select 1',
    'set enable_external_access = true',
    'install httpfs',
    'load httpfs',
    'pragma enable_profiling',
    'call enable_logging()',
    'select 1; select 2',
    'select $1',
    'select nothing from outcomes',
    'selekt 1',
    'select * from outcome',
    '',
    '/* nothing */',
  ])('%s is wrong usage', async (sql) => {
    const asked = await aftercall('lake', 'query', sql);
    expect(asked).toMatchObject({ exitCode: 2, out: '' });
    expect(asked.err).toMatch(/^aftercall: .+\n/);
    expect(asked.err).not.toContain('at Object.');
    expect(existsSync(outside)).toBe(false);
  });

  test('wrong SQL is told with its place, and what there is instead', async () => {
    const { err } = await aftercall('lake', 'query', 'select sentiment from outcomes');
    expect(err).toMatch(
      /Referenced column "sentiment" not found[^]*sentiment_\w+[^]*LINE 1: select sentiment[^]*\^\n/,
    );
    expect(err).toContain('describe outcomes');
  });

  test('an error in the middle of the answer leaves no half document', async () => {
    await putRows(Array.from({ length: 5_000 }, (_value, index) => row({ event_id: `e${index}` })));
    const sql =
      "select case when event_id = 'e4999' then cast(event_id as integer) else 1 end as n from outcomes";
    const asked = await aftercall('lake', 'query', sql, '--json');
    expect(asked.exitCode).toBe(2);
    expect(asked.document()).toMatchObject({ error: { message: expect.stringContaining('e4999') } });
  });

  test('the database itself is locked: no file, no network, no other setting, no write', async () => {
    const folder = join(directory, 'locked');
    mkdirSync(folder);
    const lake = await openLake({ bucket: { client: s3, name: BUCKET }, files: [], rows: {}, folder });
    try {
      for (const sql of [
        ...hostile,
        `copy (select 1) to '${outside}'`,
        `attach '${outside}'`,
        'set enable_external_access = true',
        "set memory_limit = '1TB'",
        'install httpfs',
        'create table t as select 1',
        'drop table raw.rows',
      ])
        await expect(lake.connection.run(sql)).rejects.toThrow(/disabled|locked|read-only|Cannot/i);
    } finally {
      lake.close();
      rmSync(folder, { recursive: true });
    }
    expect(existsSync(outside)).toBe(false);
  });
});
