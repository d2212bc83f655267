import { OUTCOME_COLUMNS } from '@aftercall/lake';
import type { OutcomeColumn } from '@aftercall/lake';

const DUCKDB_TYPES: Readonly<Record<OutcomeColumn['type'], string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  int32: 'INTEGER',
  timestamp: 'TIMESTAMP',
  boolean: 'BOOLEAN',
  'list<string>': 'VARCHAR[]',
};

/** What tells rows apart and puts them in order: a file in which one of them is missing is none of the lake's. */
const KEY_COLUMNS = ['event_id', 'org', 'conversation_id', 'occurred_at', 'received_at'];

/**
 * One row per org and conversation with the last known value of each column. The text is that of `docs/lake.md`: Athena
 * (Trino) and DuckDB both take it.
 */
export const OUTCOMES_LATEST = `CREATE OR REPLACE VIEW outcomes_latest AS
WITH ordered AS (
  SELECT *, ROW(occurred_at, received_at, event_id) AS moment FROM outcomes
)
SELECT
${OUTCOME_COLUMNS.map(lastKnown).join(',\n')}
FROM ordered
GROUP BY org, conversation_id`;

/** What is never null counts as known when it says something: a part of an outcome knows of no violation and no transcript. */
function lastKnown({ name, type, nullable }: OutcomeColumn): string {
  const last = `max_by(${name}, moment)`;
  if (name === 'org' || name === 'conversation_id') return `  ${name}`;
  if (type === 'boolean') return `  bool_or(${name}) AS ${name}`;
  if (name === 'violation_count') return `  coalesce(${last} FILTER (WHERE ${name} > 0), 0) AS ${name}`;
  if (type === 'list<string>')
    return `  coalesce(${last} FILTER (WHERE ${name} <> ARRAY[]), ARRAY[]) AS ${name}`;
  return `  ${last}${nullable ? ` FILTER (WHERE ${name} IS NOT NULL)` : ''} AS ${name}`;
}

/**
 * The tables that files are loaded into (`raw.files`, `raw.rows`) and the views that queries see. `source`, `dt` and
 * `hour` are those of the key, as in Athena, whatever a row says; `lake check` finds rows that say otherwise.
 */
export const LAKE_TABLES: readonly string[] = [
  'CREATE SCHEMA raw',
  `CREATE TABLE raw.files (
    number INTEGER, key VARCHAR, path VARCHAR, source VARCHAR, dt VARCHAR, hour VARCHAR, bytes BIGINT)`,
  `CREATE TABLE raw.rows (
    ${OUTCOME_COLUMNS.map(({ name, type }) => `${name} ${DUCKDB_TYPES[type]}`).join(', ')}, file INTEGER)`,
  `CREATE VIEW outcomes AS
    SELECT ${OUTCOME_COLUMNS.map(({ name }) => `${name === 'source' ? 'f' : 'r'}.${name}`).join(', ')}, f.dt, f.hour
    FROM raw.rows r JOIN raw.files f ON f.number = r.file`,
  OUTCOMES_LATEST,
];

/**
 * Loads downloaded files. Columns are found by name: those of an older or newer schema version that are missing are
 * null, those that nobody knows are left out.
 */
export function insertRows(paths: readonly string[], condition: string): string {
  const list = paths.map(sqlText).join(', ');
  return `INSERT INTO raw.rows BY NAME
    SELECT ${OUTCOME_COLUMNS.map(loaded).join(', ')}, f.number AS file
    FROM (
      SELECT * FROM raw.rows WHERE false
      UNION ALL BY NAME
      SELECT * FROM read_parquet([${list}], union_by_name = true, hive_partitioning = false, filename = 'lake_path')
    ) r JOIN raw.files f ON f.path = r.lake_path
    WHERE ${condition}`;
}

function loaded({ name, type }: OutcomeColumn): string {
  // Parquet's timestamps are moments; as in Athena they become the UTC time of day, without a zone.
  const value = type === 'timestamp' ? `timezone('UTC', r.${name}::TIMESTAMPTZ)` : `r.${name}`;
  if (!KEY_COLUMNS.includes(name)) return `${value} AS ${name}`;
  return `coalesce(${value}, error('it holds a row without ${name}')) AS ${name}`;
}

export const sqlText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
