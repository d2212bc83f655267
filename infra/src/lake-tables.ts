import { OUTCOME_COLUMNS, type ColumnType } from '@aftercall/lake/schema';
import { pageStatement } from './lake-page.ts';
import type { OutcomeRecorded, OutcomeRow } from '@aftercall/schemas';

/** A column as Glue names it. */
export interface TableColumn {
  readonly name: string;
  readonly type: string;
}

/** As Hive, and so Glue, writes the lake's types. */
const GLUE_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'string',
  double: 'double',
  int32: 'int',
  timestamp: 'timestamp',
  boolean: 'boolean',
  'list<string>': 'array<string>',
};

/** As Athena's engine writes them. */
const TRINO_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'varchar',
  double: 'double',
  int32: 'integer',
  timestamp: 'timestamp(3)',
  boolean: 'boolean',
  'list<string>': 'array(varchar)',
};

/** What the partitions say, and no file of them. */
export const PARTITION_COLUMNS: readonly TableColumn[] = ['source', 'dt', 'hour'].map((name) => ({
  name,
  type: 'string',
}));

const isPartition = (name: string): boolean => PARTITION_COLUMNS.some((one) => one.name === name);

/** The columns of the lake's files. */
export const FILE_COLUMNS: readonly TableColumn[] = OUTCOME_COLUMNS.filter(
  ({ name }) => !isPartition(name),
).map(({ name, type }) => ({ name, type: GLUE_TYPES[type] }));

/** What a fact has besides the row. */
const OF_FACTS_ONLY = {
  violation_details: 'array<struct<code:string,category:string,severity:string,offset_ms:double>>',
  transcript_communication_id: 'string',
} as const satisfies Record<Exclude<keyof OutcomeRecorded, keyof OutcomeRow>, string>;

/** Facts as Firehose lands them: it takes no other timestamps than microseconds, so times are texts. */
export const LANDING_COLUMNS: readonly TableColumn[] = [
  ...OUTCOME_COLUMNS.map(({ name, type }) => ({
    name,
    type: type === 'timestamp' ? 'string' : GLUE_TYPES[type],
  })),
  ...Object.entries(OF_FACTS_ONLY).map(([name, type]) => ({ name, type })),
];

const CREATE = 'CREATE OR REPLACE VIEW outcomes_latest AS\n';

/** A view as Athena keeps it in Glue: its columns, and its text in an envelope of its engine's. */
export function athenaView(database: string): {
  readonly columns: readonly TableColumn[];
  readonly text: string;
} {
  const view = {
    originalSql: pageStatement('view', CREATE).slice(CREATE.length),
    catalog: 'awsdatacatalog',
    schema: database,
    columns: OUTCOME_COLUMNS.map(({ name, type }) => ({ name, type: TRINO_TYPES[type] })),
  };
  return {
    columns: OUTCOME_COLUMNS.map(({ name, type }) => ({ name, type: GLUE_TYPES[type] })),
    text: `/* Presto View: ${Buffer.from(JSON.stringify(view)).toString('base64')} */`,
  };
}
