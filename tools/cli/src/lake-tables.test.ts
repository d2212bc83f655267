import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import { OUTCOME_COLUMNS } from '@aftercall/lake';
import type { OutcomeRow } from '@aftercall/schemas';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { LAKE_TABLES, sqlText } from './lake-tables.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;
beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:');
  connection = await instance.connect();
  for (const statement of ["SET TimeZone = 'UTC'", ...LAKE_TABLES]) await connection.run(statement);
  await connection.run("INSERT INTO raw.files VALUES (0, '', '', 'main', '2026-11-20', '08', 0)");
});
afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

/** So few values of each that ties and gaps are common. */
const text = fc.option(fc.constantFrom('a', 'b'));
const number = fc.option(fc.constantFrom(-1, 0, 0.5));
const texts = fc.constantFrom<string[]>([], ['x'], ['y', 'ü']);
const minute = fc.integer({ min: 0, max: 2 }).map((at) => `2026-11-20T08:0${at}:00.000Z`);
const part = fc.record({
  org: fc.constantFrom('main', 'acme'),
  conversation_id: fc.constantFrom('c1', 'c2', 'c3'),
  ...{ occurred_at: minute, received_at: minute },
  ...{ communication_id: text, agent_id: text, queue_id: text, media_type: text, direction: text },
  ...{ sentiment_label: text, sentiment_unit: text, top_intent: text, max_severity: text },
  ...{ sentiment_score: number, sentiment_trend: number, sentiment_raw: number },
  ...{ empathy_score: number, top_intent_confidence: number },
  ...{ intents: texts, keywords: texts, topics: texts, categories: texts, violations: texts },
  violation_count: fc.constantFrom(0, 1, 2),
  ...{ has_transcript: fc.boolean(), truncated: fc.boolean() },
});
const rowsOfParts = fc.array(part, { minLength: 1, maxLength: 60 }).map((parts) =>
  parts.map(
    (values, index): Readonly<Record<keyof OutcomeRow, unknown>> => ({
      ...values,
      event_id: `e${index}`,
      event_type: 'genesys.analytics.outcome',
      source: 'main',
      schema_version: 1 + (index % 2),
    }),
  ),
);
type Row = Readonly<Record<keyof OutcomeRow, unknown>>;

const isKnown = (value: unknown): boolean =>
  value !== null && value !== 0 && value !== false && !(Array.isArray(value) && value.length === 0);
const NEVER_NULL: Readonly<Record<string, unknown>> = { 'list<string>': [], boolean: false, int32: 0 };

/** What the view promises, said once more in another language. */
function latestOf(rows: readonly Row[]): readonly Row[] {
  const moment = (row: Row): string => JSON.stringify([row.occurred_at, row.received_at, row.event_id]);
  const ordered = rows.toSorted((left, right) => (moment(left) < moment(right) ? 1 : -1));
  const conversations = new Set(rows.map(({ org, conversation_id: id }) => JSON.stringify([org, id])));
  return [...conversations].map((conversation) => {
    const own = ordered.filter(({ org, conversation_id: id }) => JSON.stringify([org, id]) === conversation);
    return Object.fromEntries(
      OUTCOME_COLUMNS.map(({ name, type }) => {
        // A score of 0 is known, a count of 0 is not.
        const values = own.map((row) => row[name]);
        const known = values.find((value) => (type === 'double' ? value !== null : isKnown(value)));
        return [name, known ?? NEVER_NULL[type] ?? null];
      }),
    ) as Row;
  });
}

async function latestInDuckDb(rows: readonly Row[]): Promise<readonly unknown[]> {
  await connection.run('DELETE FROM raw.rows');
  const names = OUTCOME_COLUMNS.map(({ name }) => name);
  const values = rows.map((row) => `(${names.map((name) => sqlValue(row[name])).join(', ')}, 0)`);
  await connection.run(`INSERT INTO raw.rows (${names.join(', ')}, file) VALUES ${values.join(', ')}`);
  const reader = await connection.runAndReadAll(
    `SELECT * REPLACE (strftime(occurred_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS occurred_at,
      strftime(received_at, '%Y-%m-%dT%H:%M:%S.%gZ') AS received_at)
    FROM outcomes_latest ORDER BY org, conversation_id`,
  );
  return reader.getRowObjectsJson();
}

function sqlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sqlValue).join(', ')}]::VARCHAR[]`;
  return typeof value === 'string' ? sqlText(value) : String(value);
}

test('outcomes_latest has one row a conversation with the last known value of each column', async () => {
  await fc.assert(
    fc.asyncProperty(rowsOfParts, async (rows) => {
      const forward = await latestInDuckDb(rows);
      expect(forward).toEqual(sortedByConversation(latestOf(rows)));
      expect(await latestInDuckDb(rows.toReversed())).toEqual(forward);
    }),
    { numRuns: 12 },
  );
}, 60_000);

const sortedByConversation = (rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((left, right) =>
    `${String(left.org)}/${String(left.conversation_id)}` <
    `${String(right.org)}/${String(right.conversation_id)}`
      ? -1
      : 1,
  );

test('a sentiment of 0 is known, and a later unknown one does not hide it', async () => {
  const row = (event_id: string, minutes: number, values: object): Row =>
    ({
      ...Object.fromEntries(OUTCOME_COLUMNS.map(({ name, type }) => [name, NEVER_NULL[type] ?? null])),
      ...{ event_id, event_type: 't', org: 'main', source: 'main', conversation_id: 'c' },
      occurred_at: `2026-11-20T08:0${minutes}:00.000Z`,
      received_at: '2026-11-20T09:00:00.000Z',
      ...values,
    }) as Row;
  const [latest] = await latestInDuckDb([
    row('sentiment', 0, { sentiment_score: 0, sentiment_label: 'neutral' }),
    row('topics', 1, { topics: ['refund'] }),
    row('violations', 2, { violation_count: 1, violations: ['PCI'], max_severity: 'critical' }),
    row('categories', 3, { categories: ['payment'] }),
  ]);
  expect(latest).toMatchObject({
    event_id: 'categories',
    occurred_at: '2026-11-20T08:03:00.000Z',
    sentiment_score: 0,
    topics: ['refund'],
    violation_count: 1,
    violations: ['PCI'],
    max_severity: 'critical',
    categories: ['payment'],
    keywords: [],
  });
});
