import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { encodeOutcomes, OUTCOME_COLUMNS, partitionKey } from '@aftercall/lake';
import type { OutcomeRecorded, OutcomeRow } from '@aftercall/schemas';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFauxqs } from 'fauxqs';
import type { FauxqsServer } from 'fauxqs';
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { readRepositoryFile, REPOSITORY } from './repository-files.ts';

/** The page's SQL, by the word that stands behind `sql`. */
const BLOCKS = [...readRepositoryFile('docs/lake.md').matchAll(/^```sql ?(\w*)\n([^]*?)\n```$/gm)].map(
  ([, kind = '', sql = '']) => ({ kind, sql }),
);
const blocks = (kind: string): readonly string[] =>
  BLOCKS.filter((block) => block.kind === kind).map(({ sql }) => sql);
const only = (kind: string): string => {
  const [sql = '', ...more] = blocks(kind);
  expect({ kind, more }).toEqual({ kind, more: [] });
  return sql;
};
const LAKE = 's3://aftercall-dev-lake-111122223333/outcomes';

/** Two weeks of two agents: corrected, transferred, in parts, without what may be missing, and not in ASCII alone. */
const ROWS: readonly OutcomeRow[] = [
  row('c1', '2026-11-10T09:00:00.000Z', { sentiment_score: -0.5, intents: ['billing', 'cancel'] }),
  row('c1', '2026-11-10T09:00:00.000Z', {
    event_id: 'c1-corrected',
    received_at: at(5),
    sentiment_score: 0.25,
    intents: ['billing'],
  }),
  row('c2', '2026-11-10T23:59:59.999Z', {
    sentiment_score: 0,
    violations: ['PCI', 'RUDE'],
    violation_count: 2,
  }),
  row('c2', '2026-11-11T00:00:00.000Z', {
    event_id: 'c2-categories',
    agent_id: null,
    categories: ['payment', 'conduct'],
  }),
  row('c3', '2026-11-15T23:59:59.999Z', {
    communication_id: 'leg-1',
    sentiment_score: 1,
    intents: ['überweisen'],
  }),
  row('c3', '2026-11-16T00:00:00.000Z', {
    event_id: 'c3-leg-2',
    agent_id: 'bo',
    communication_id: 'leg-2',
    sentiment_score: -1,
    queue_id: 'retention',
    intents: ['cancel', '解約'],
  }),
  row('c4', '2026-11-17T12:00:00.000Z', {
    sentiment_score: -0.62,
    violations: ['PCI'],
    violation_count: 1,
    categories: ['payment'],
  }),
  row('c4', '2026-11-17T12:00:00.000Z', {
    org: 'acme',
    source: 'relay',
    queue_id: null,
    intents: ['billing'],
    violations: ['PCI'],
    violation_count: 1,
  }),
  row('c5', '2026-11-18T12:00:00.000Z', {
    sentiment_label: 'furious',
    intents: ['billing'],
    violation_count: 1,
  }),
  row('c6', '2026-11-18T13:00:00.000Z', {
    sentiment_score: 0.1,
    intents: ['cancel'],
    violations: ['RUDE'],
    violation_count: 1,
  }),
];

function row(conversation: string, occurredAt: string, changes: Partial<OutcomeRow>): OutcomeRow {
  return {
    ...{ event_id: conversation, event_type: 'genesys.analytics.outcome', org: 'main', source: 'main' },
    ...{ conversation_id: conversation, communication_id: null, agent_id: 'ann', queue_id: 'billing' },
    ...{ media_type: 'voice', direction: 'inbound', occurred_at: occurredAt, received_at: at(0) },
    ...{ sentiment_label: null, sentiment_score: null, sentiment_trend: null, sentiment_raw: null },
    ...{ sentiment_unit: null, empathy_score: null, top_intent: null, top_intent_confidence: null },
    ...{ intents: [], keywords: [], topics: [], categories: [], violation_count: 0, violations: [] },
    ...{ max_severity: null, has_transcript: false, truncated: false, schema_version: 1 },
    ...changes,
  };
}

function at(minute: number): string {
  return `2026-11-20T00:0${minute}:00.000Z`;
}

const directory = mkdtempSync(join(tmpdir(), 'aftercall-lake-page-'));
const FILES = [...Map.groupBy(ROWS, (one) => partitionKey(one, 2))].map(([key, rows]) => ({
  key,
  body: encodeOutcomes(rows),
}));
let server: FauxqsServer;
let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  server = await startFauxqs({ port: 0, logger: false });
  const url = `http://127.0.0.1:${server.port}`;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const s3 = new S3Client({ endpoint: url, region: 'eu-west-1', forcePathStyle: true, credentials });
  await s3.send(new CreateBucketCommand({ Bucket: 'lake' }));
  for (const { key, body } of FILES) {
    await s3.send(new PutObjectCommand({ Bucket: 'lake', Key: key, Body: body }));
    mkdirSync(dirname(join(directory, key)), { recursive: true });
    writeFileSync(join(directory, key), body);
  }
  s3.destroy();
  mkdirSync(join(directory, '.aftercall'));
  writeFileSync(join(directory, '.aftercall', 'local.json'), JSON.stringify(localJson(url)));
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  await connection.run("SET TimeZone = 'America/New_York'");
  await connection.run(only('duckdb').replace(LAKE, join(directory, 'outcomes')));
  await connection.run(only('view'));
});
afterAll(async () => {
  connection.closeSync();
  instance.closeSync();
  await server.stop();
  rmSync(directory, { recursive: true });
});

function localJson(url: string) {
  return {
    ...{ http: url, pid: 1, control: url, sources: [] },
    aws: {
      ...{ region: 'eu-west-1', accessKeyId: 'local', secretAccessKey: 'local' },
      endpoints: { sqs: url, s3: url, dynamodb: url, secretsmanager: url, events: url, ssm: url, sfn: url },
    },
    resources: { lakeBucket: 'lake', queueUrls: {}, deadLetterQueueUrls: {} },
  };
}

type Answer = readonly Readonly<Record<string, unknown>>[];

/** As JSON has them: whole numbers that DuckDB counts in 64 bits are numbers. */
async function inDuckDb(sql: string): Promise<Answer> {
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  return rows.map((one) =>
    Object.fromEntries(
      Object.entries(one).map(([name, value]) => [
        name,
        typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value,
      ]),
    ),
  );
}

async function throughCli(sql: string): Promise<Answer> {
  const { NODE_OPTIONS: _jestOnly, ...env } = process.env;
  const command = [join(REPOSITORY, 'tools/cli/bin/aftercall.mjs'), 'lake', 'query', sql, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, command, { cwd: directory, env });
  return JSON.parse(stdout) as Answer;
}

/** ISO 8601: weeks begin on Monday, in UTC. */
function weekOf(time: string): string {
  const day = new Date(`${time.slice(0, 10)}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - ((day.getUTCDay() + 6) % 7));
  return day.toISOString().slice(0, 10);
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits));
const compare = (left: unknown, right: unknown): number => {
  if (left === right) return 0;
  // Nulls come last in Trino and in DuckDB.
  if (left === null || right === null) return left === null ? 1 : -1;
  return (left as string) < (right as string) ? -1 : 1;
};
const inOrder = (rows: Answer, ...keys: readonly string[]): Answer =>
  rows.toSorted((left, right) => {
    for (const key of keys) {
      const [name = '', down] = key.split(' ');
      const order = compare(left[name], right[name]);
      if (order !== 0) return down === undefined ? order : -order;
    }
    return 0;
  });
const last = (rows: readonly OutcomeRow[]): readonly OutcomeRow[] =>
  rows.toSorted((left, right) =>
    compare(
      right.occurred_at + right.received_at + right.event_id,
      left.occurred_at + left.received_at + left.event_id,
    ),
  );

function agentTrend(): Answer {
  const scored = ROWS.filter((one) => one.agent_id !== null && one.sentiment_score !== null);
  const legs = [
    ...Map.groupBy(scored, (one) =>
      [one.org, one.agent_id, one.conversation_id, one.communication_id].join('|'),
    ).values(),
  ];
  const finals = legs.flatMap((leg) => last(leg)[0] ?? []);
  const weeks = [...Map.groupBy(finals, (one) => `${one.agent_id ?? ''} ${weekOf(one.occurred_at)}`)].map(
    ([name, rows]) => {
      const [agent_id = '', week = ''] = name.split(' ');
      const mean = rows.reduce((sum, one) => sum + (one.sentiment_score ?? 0), 0) / rows.length;
      return { agent_id, week, legs: rows.length, mean };
    },
  );
  const ordered = weeks.toSorted((left, right) =>
    compare(left.agent_id + left.week, right.agent_id + right.week),
  );
  return ordered.map(({ mean, ...one }, index) => {
    const before = ordered[index - 1];
    const change = before?.agent_id === one.agent_id ? rounded(mean - before.mean, 3) : null;
    return { ...one, sentiment: rounded(mean, 3), change };
  });
}

/** What a conversation is known by at last, as far as the other two queries ask. */
function conversations() {
  const own = Map.groupBy(ROWS, (one) => `${one.org} ${one.conversation_id}`);
  return [...own].map(([name, rows]) => {
    const ordered = last(rows);
    const list = (of: 'intents' | 'categories' | 'violations') =>
      ordered.find((one) => one[of].length > 0)?.[of] ?? [];
    return {
      name,
      week: weekOf(ordered[0]?.occurred_at ?? ''),
      queue_id: ordered.find((one) => one.queue_id !== null)?.queue_id ?? null,
      ...{ intents: list('intents'), categories: list('categories'), violations: list('violations') },
    };
  });
}

function violationsByCategory(): Answer {
  const all = conversations().flatMap(({ name, week, categories, violations }) =>
    violations.flatMap((code) =>
      (categories.length > 0 ? categories : ['none']).map((category) => ({
        name,
        week,
        category,
        code,
      })),
    ),
  );
  const groups = Map.groupBy(all, ({ week, category, code }) => JSON.stringify({ week, category, code }));
  const counted = [...groups].map(([group, found]) => ({
    ...(JSON.parse(group) as object),
    violations: found.length,
    conversations: new Set(found.map(({ name }) => name)).size,
  }));
  return inOrder(counted, 'week', 'category', 'code');
}

function intentsByQueue(): Answer {
  const all = conversations().flatMap(({ queue_id, intents }) =>
    intents.map((intent) => ({ queue_id, intent })),
  );
  const groups = Map.groupBy(all, (one) => JSON.stringify(one));
  const counted = [...groups].map(([group, found]) => {
    const one = JSON.parse(group) as { queue_id: string | null };
    const ofQueue = all.filter(({ queue_id }) => queue_id === one.queue_id).length;
    return { ...one, conversations: found.length, percent: rounded((100 * found.length) / ofQueue, 1) };
  });
  return inOrder(counted, 'queue_id', 'conversations down', 'intent');
}

test('every SQL block of the page is tried here', () => {
  expect(new Set(BLOCKS.map(({ kind }) => kind))).toEqual(
    new Set(['athena', 'view', 'query', 'duckdb', 'redshift', 'iceberg']),
  );
  expect(readRepositoryFile('docs/lake.md').match(/^```sql/gm)).toHaveLength(BLOCKS.length);
});

describe('the queries', () => {
  const expected = [agentTrend(), violationsByCategory(), intentsByQueue()];

  test('are three, and the rows are such that they have something to say', () => {
    expect(blocks('query')).toHaveLength(expected.length);
    expect(expected.map(({ length }) => length)).toEqual([3, 7, 5]);
    expect(expected[0]).toContainEqual({
      agent_id: 'ann',
      week: '2026-11-16',
      legs: 2,
      sentiment: -0.26,
      change: -0.677,
    });
  });

  test.each(expected.map((answer, index) => ({ index, answer })))(
    'number $index gives what the rows add up to, in DuckDB and through the command line',
    async ({ index, answer }) => {
      const sql = blocks('query')[index] ?? '';
      expect(await inDuckDb(sql)).toEqual(answer);
      expect(await throughCli(sql)).toEqual(answer);
    },
  );

  test('outcomes_latest of the page is the one of the command line', async () => {
    const sql = 'SELECT * FROM outcomes_latest ORDER BY org, conversation_id';
    const [page, cli] = [await inDuckDb(sql), await throughCli(sql)];
    const iso = (time: unknown): string => new Date(`${String(time)}Z`).toISOString();
    expect(
      page.map((one) => ({
        ...one,
        occurred_at: iso(one['occurred_at']),
        received_at: iso(one['received_at']),
      })),
    ).toEqual(cli);
    expect(page.map((one) => one['conversation_id'])).toEqual(['c4', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6']);
  });

  test('outcomes_latest asks for what is known: max_by of Trino, unlike DuckDB’s, takes a null for an answer', () => {
    const asked = [...only('view').matchAll(/max_by\((\w+), moment\) FILTER \(WHERE (\w+) IS NOT NULL\)/g)];
    expect(asked.every(([, value, known]) => value === known)).toBe(true);
    const nullable = OUTCOME_COLUMNS.filter((column) => column.nullable).map(({ name }) => name);
    expect(asked.map(([, value]) => value)).toEqual(nullable);
  });

  test('the partition columns are those of the keys, as text', async () => {
    const [first] = await inDuckDb(
      "SELECT source, dt, hour, typeof(hour) AS type FROM outcomes WHERE org = 'acme'",
    );
    expect(first).toEqual({ source: 'relay', dt: '2026-11-17', hour: 12, type: 'VARCHAR' });
  });
});

const HIVE_TYPES = {
  ...{ string: 'string', double: 'double', int32: 'int', timestamp: 'timestamp', boolean: 'boolean' },
  'list<string>': 'array<string>',
};

/** The columns of a CREATE TABLE, as name and type, without comments. */
function columnsOf(sql: string): Readonly<Record<string, string>> {
  const [, list = ''] = /\(\n([^]*?)\n\)/.exec(sql) ?? [];
  const text = list.replace(/ COMMENT '[^']*'/g, '');
  return Object.fromEntries(
    text.split(/,\s*(?![^<]*>)/).map((column) => {
      const [name = '', ...type] = column.trim().split(' ');
      return [name, type.join(' ')];
    }),
  );
}

const lakeColumns = (types: Readonly<Record<string, string>> = HIVE_TYPES) =>
  Object.fromEntries(OUTCOME_COLUMNS.map(({ name, type }) => [name, types[type] ?? '']));

describe('the table in Athena', () => {
  test('has the columns of the files, but for the partitions’', () => {
    const { source, ...columns } = lakeColumns();
    expect(source).toBe('string');
    expect(columnsOf(only('athena'))).toEqual(columns);
    expect(Object.keys(columnsOf(only('athena')))).toEqual(Object.keys(columns));
    expect(only('athena')).toContain('PARTITIONED BY (source string, dt string, hour string)');
  });

  test('projects partitions onto keys that libs/lake makes', () => {
    const sql = only('athena');
    const property = (name: string): string => new RegExp(`'${name}' = '([^']*)'`).exec(sql)?.[1] ?? '';
    expect(property('projection.enabled')).toBe('true');
    const [location = ''] = /(?<=LOCATION ')[^']*/.exec(sql) ?? [];
    expect(location).toBe(`${LAKE}/`);
    for (const { key } of FILES) {
      const [, source = '', dt = '', hour = ''] =
        /^outcomes\/source=(.*)\/dt=(.*)\/hour=(.*)\/part/.exec(key) ?? [];
      expect(property('projection.source.values').split(',')).toContain(source);
      expect([dt.length, hour.length]).toEqual([
        property('projection.dt.format').length,
        Number(property('projection.hour.digits')),
      ]);
    }
  });
});

describe('Redshift', () => {
  test('has a late-binding view of all columns but the lists, and a query of a list', async () => {
    const [schema = '', view = '', query = '', ...more] = blocks('redshift');
    expect([schema.split('\n')[0], more]).toEqual(['CREATE EXTERNAL SCHEMA lake', []]);
    expect(view).toMatch(/\nWITH NO SCHEMA BINDING$/);
    await connection.run('CREATE SCHEMA IF NOT EXISTS lake');
    await connection.run('CREATE OR REPLACE VIEW lake.outcomes_partitions AS SELECT * FROM outcomes');
    await connection.run(view.replace('WITH NO SCHEMA BINDING', ''));
    const flat = await inDuckDb("SELECT * FROM outcomes_flat WHERE event_id = 'c4' AND org = 'main'");
    const names = OUTCOME_COLUMNS.filter(({ type }) => type !== 'list<string>').map(({ name }) => name);
    expect(new Set(Object.keys(flat[0] ?? {}))).toEqual(new Set([...names, 'dt', 'hour']));
    // Redshift joins a list to its own row with a comma, DuckDB with UNNEST.
    const joined = query.replace(/, o\.(\w+) (\w+)\n/, ' CROSS JOIN UNNEST(o.$1) AS t($2)\n');
    expect(joined).not.toBe(query);
    expect(inOrder(await inDuckDb(joined), 'category')).toEqual([
      { category: 'conduct', outcomes: 1 },
      { category: 'payment', outcomes: 2 },
    ]);
  });
});

describe('Iceberg', () => {
  const [landing = '', table = '', merge = ''] = blocks('iceberg');
  /** What a fact's data have besides the row. */
  const besides: Readonly<Record<Exclude<keyof OutcomeRecorded, keyof OutcomeRow>, string>> = {
    violation_details: 'array<struct<code:string, category:string, severity:string, offset_ms:double>>',
    transcript_communication_id: 'string',
  };

  test('has a table of the facts as they are, and one of the rows', () => {
    expect(blocks('iceberg')).toHaveLength(3);
    expect(columnsOf(landing)).toEqual({
      ...lakeColumns({ ...HIVE_TYPES, timestamp: 'string' }),
      ...besides,
    });
    expect(columnsOf(table)).toEqual(lakeColumns());
  });

  test('has each outcome once after the merge, however often and in whatever order facts came', async () => {
    await connection.run(inDuckDbTypes(landing));
    await connection.run(inDuckDbTypes(table));
    await connection.run("CREATE MACRO from_iso8601_timestamp(text) AS timezone('UTC', text::TIMESTAMPTZ)");
    const replayed = row('c1', '2026-11-10T09:00:00.000Z', { received_at: at(9), keywords: ['replayed'] });
    await land([replayed, ...ROWS.toReversed(), ...ROWS]);
    await connection.run(merge);
    const all = 'SELECT * FROM outcomes_iceberg ORDER BY org, event_id';
    const once = await inDuckDb(all);
    expect(once).toHaveLength(ROWS.length);
    expect(once.find((one) => one['event_id'] === 'c1' && one['org'] === 'main')).toMatchObject({
      keywords: ['replayed'],
    });
    const others = `SELECT * EXCLUDE (dt, hour) FROM outcomes WHERE event_id <> 'c1' ORDER BY org, event_id`;
    expect(once.filter((one) => one['event_id'] !== 'c1')).toEqual(await inDuckDb(others));
    await connection.run(merge);
    expect(await inDuckDb(all)).toEqual(once);
    // A later receipt replaces what is there, an earlier one does not.
    await land([row('c1', '2026-11-10T09:00:00.000Z', { received_at: at(8), keywords: ['too late'] })]);
    await land([row('c6', '2026-11-18T13:00:00.000Z', { received_at: at(9), keywords: ['again'] })]);
    await connection.run(merge);
    const keywords = await inDuckDb(
      'SELECT event_id, keywords FROM outcomes_iceberg WHERE keywords <> [] ORDER BY 1',
    );
    expect(keywords).toEqual([
      { event_id: 'c1', keywords: ['replayed'] },
      { event_id: 'c6', keywords: ['again'] },
    ]);
  });

  function inDuckDbTypes(sql: string): string {
    const [, create = ''] = /^(CREATE TABLE \w+ \(\n[^]*?\n\))/.exec(sql) ?? [];
    return create
      .replace(/array<struct<(.*?)>>/g, (_all, fields: string) => `STRUCT(${fields.replaceAll(':', ' ')})[]`)
      .replaceAll('array<string>', 'string[]');
  }

  async function land(rows: readonly OutcomeRow[]): Promise<void> {
    const path = join(directory, 'landed.json');
    const facts = rows.map((one) => ({ ...one, violation_details: [], transcript_communication_id: null }));
    writeFileSync(path, facts.map((fact) => JSON.stringify(fact)).join('\n'));
    await connection.run(`COPY outcomes_landing FROM '${path}' (FORMAT json)`);
  }
});
