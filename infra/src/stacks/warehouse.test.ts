import { OUTCOME_COLUMNS } from '@aftercall/lake/schema';
import { describe, expect, test } from '@jest/globals';
import { pageQueries } from '../lake-page.ts';
import { names } from '../names.ts';
import { validStage } from '../stage.ts';
import { stageNamed } from '../stages.ts';
import { resources, roleStatements, synthesisedStacks, type Block } from '../synthesised-stacks.ts';

const full = stageNamed('full');
const dev = stageNamed('dev');
const { warehouse } = synthesisedStacks(full);
const tables = resources(warehouse, 'aws_glue_catalog_table');
const named = names(full);

const columnsOf = (table: Block | undefined) =>
  (table?.storage_descriptor as { columns: readonly { name: string; type: string }[] }).columns;

test('the warehouse of a stage with everything is what was reviewed', () => {
  expect(warehouse).toMatchSnapshot();
});

describe('the table of outcomes', () => {
  test('has every column of the lake once, those of the path as partitions', () => {
    const partitions = tables.outcomes?.partition_keys as readonly { name: string }[];
    const inFiles = columnsOf(tables.outcomes).map(({ name }) => name);
    expect(partitions.map(({ name }) => name)).toEqual(['source', 'dt', 'hour']);
    expect([...inFiles, 'source'].toSorted()).toEqual(OUTCOME_COLUMNS.map(({ name }) => name).toSorted());
  });

  test('finds its partitions by itself: every way in, every hour since the first day', () => {
    expect(tables.outcomes?.parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.source.values': 'main,messaging,relay,partner,backfill',
      'projection.dt.range': '2026-11-01,NOW+1DAYS',
      'projection.hour.range': '0,23',
      'projection.hour.digits': '2',
    });
    expect(tables.outcomes?.storage_descriptor).toMatchObject({
      location: `s3://${named.lakeBucket}/outcomes/`,
    });
  });
});

test('the view has the lake’s columns, and its text is that of the page', () => {
  const { view_original_text, view_expanded_text, parameters } = tables.outcomes_latest ?? {};
  const [, encoded = ''] = /^\/\* Presto View: (\S+) \*\/$/.exec(String(view_original_text)) ?? [];
  const view = JSON.parse(Buffer.from(encoded, 'base64').toString()) as {
    originalSql: string;
    schema: string;
    columns: readonly { name: string; type: string }[];
  };
  expect({ view_expanded_text, parameters }).toMatchObject({
    view_expanded_text: '/* Presto View */',
    parameters: { presto_view: 'true' },
  });
  expect(view.schema).toBe(named.lakeDatabase);
  expect(view.originalSql).toMatch(/^WITH ordered AS \(\n[^]*GROUP BY org, conversation_id$/);
  for (const columns of [view.columns, columnsOf(tables.outcomes_latest)])
    expect(columns.map(({ name }) => name)).toEqual(OUTCOME_COLUMNS.map(({ name }) => name));
});

describe('Athena', () => {
  test('reads no more than the stage allows, and its answers are encrypted and go away', () => {
    expect(resources(warehouse, 'aws_athena_workgroup').workgroup).toMatchObject({
      name: 'aftercall-full',
      configuration: {
        enforce_workgroup_configuration: true,
        bytes_scanned_cutoff_per_query: 1_000_000_000_000,
        result_configuration: { encryption_configuration: { encryption_option: 'SSE_KMS' } },
      },
    });
    expect(resources(warehouse, 'aws_s3_bucket_lifecycle_configuration').results_lifecycle).toMatchObject({
      rule: [{ expiration: [{ days: 7 }] }],
    });
  });

  test('has the queries of the page, as they are tested there', () => {
    const queries = Object.values(resources(warehouse, 'aws_athena_named_query'));
    expect(queries).toHaveLength(4);
    for (const { heading, sql } of pageQueries('query'))
      expect(queries.find(({ name }) => name === heading)?.query).toBe(sql);
  });
});

describe('Redshift', () => {
  test('is reached by nobody from outside, keeps its own password, and stops at the stage’s limit', () => {
    const namespace = resources(warehouse, 'aws_redshiftserverless_namespace').namespace;
    expect(namespace).toMatchObject({ manage_admin_password: true });
    expect(namespace).not.toHaveProperty('admin_user_password');
    expect(resources(warehouse, 'aws_redshiftserverless_workgroup').redshift).toMatchObject({
      publicly_accessible: false,
      config_parameter: [{ parameter_key: 'require_ssl', parameter_value: 'true' }],
    });
    expect(resources(warehouse, 'aws_redshiftserverless_usage_limit').limit).toMatchObject({
      amount: 100,
      breach_action: 'deactivate',
    });
    expect(resources(warehouse, 'aws_vpc_security_group_ingress_rule')).toEqual({});
  });

  test('reads outcomes through a table whose partitions are listed, and listed again by schedule', () => {
    expect(columnsOf(tables.outcomes_partitions)).toEqual(columnsOf(tables.outcomes));
    expect(JSON.stringify(tables.outcomes_partitions)).not.toContain('projection');
    const schedule = resources(warehouse, 'aws_scheduler_schedule').schedule_partitions;
    expect(JSON.stringify(schedule)).toContain('MSCK REPAIR TABLE outcomes_partitions');
  });
});

describe('Iceberg', () => {
  test('every outcome goes to Firehose as it is, and what Firehose refuses is kept', () => {
    expect(resources(warehouse, 'aws_cloudwatch_event_target').target).toMatchObject({
      arn: '${aws_kinesis_firehose_delivery_stream.firehose.arn}',
      input_path: '$.detail.data',
      dead_letter_config: { arn: '${aws_sqs_queue.queue_dead.arn}' },
    });
    expect(resources(warehouse, 'aws_kinesis_firehose_delivery_stream').firehose).toMatchObject({
      destination: 'iceberg',
      server_side_encryption: { enabled: true },
      iceberg_configuration: {
        append_only: true,
        destination_table_configuration: [
          { database_name: named.lakeDatabase, table_name: 'outcomes_landing' },
        ],
        s3_configuration: { error_output_prefix: 'landing-errors/' },
      },
    });
  });

  test('what lands is the fact: the lake’s columns, times as text, and what only facts have', () => {
    const landed = columnsOf(tables.outcomes_landing);
    expect(landed.map(({ name }) => name)).toEqual([
      ...OUTCOME_COLUMNS.map(({ name }) => name),
      'violation_details',
      'transcript_communication_id',
    ]);
    expect(landed.filter(({ type }) => type === 'timestamp')).toEqual([]);
  });

  test('is merged by the statement of the page, and what has landed is forgotten after a week', () => {
    const { schedule_merge, schedule_forget } = resources(warehouse, 'aws_scheduler_schedule');
    expect(JSON.stringify(schedule_merge)).toContain('MERGE INTO outcomes_iceberg t');
    expect(JSON.stringify(schedule_forget)).toContain("INTERVAL '7' DAY");
  });

  test('the table that is merged into is made by a named query, in the stage’s own bucket', () => {
    const make = Object.values(resources(warehouse, 'aws_athena_named_query')).find(({ query }) =>
      String(query).startsWith('CREATE TABLE outcomes_iceberg'),
    );
    expect(make?.query).toContain(`s3://${named.lakeBucket}/iceberg/`);
  });
});

test('each role of the warehouse is one service’s, for this account, and names what it may do', () => {
  const roles = Object.values(resources(warehouse, 'aws_iam_role'));
  expect(roles).toHaveLength(4);
  for (const { assume_role_policy } of roles)
    expect(JSON.parse(String(assume_role_policy))).toMatchObject({
      Statement: [{ Condition: { StringEquals: { 'aws:SourceAccount': full.account } } }],
    });
  for (const { Action, Resource } of roleStatements(warehouse)) {
    for (const action of Action) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
    for (const resource of Resource) expect(resource).not.toBe('*');
  }
});

test('a stage without a warehouse has none, and one may do without Redshift and Firehose', () => {
  expect(synthesisedStacks('dev')).not.toHaveProperty('warehouse');
  const stage = { ...dev, warehouse: { since: '2026-11-01', maxBytesPerQuery: 10_000_000 } };
  const plain = synthesisedStacks(validStage(stage)).warehouse;
  expect(JSON.stringify(plain)).not.toMatch(/redshift|firehose|scheduler|iam_role/);
});

test.each<[string, object, string]>([
  ['a day that is none', { since: '2026-13-01' }, 'warehouse.since: must be a day'],
  ['a limit below Athena’s least', { maxBytesPerQuery: 1 }, 'warehouse.maxBytesPerQuery: must be a whole'],
  [
    'Redshift without a network',
    { redshift: { baseCapacity: 8, hoursPerMonth: 1, partitionsSchedule: 'rate(1 hour)' } },
    'warehouse.redshift: needs a network of three zones',
  ],
])('a warehouse with %s is refused', (_, change, problem) => {
  const settings = { since: '2026-11-01', maxBytesPerQuery: 10_000_000, ...change };
  expect(() => validStage({ ...dev, warehouse: settings })).toThrow(`bad stage:\n  ${problem}`);
});
