import { DataAwsS3Bucket } from '@cdktn/provider-aws/lib/data-aws-s3-bucket/index.js';
import { SchedulerSchedule } from '@cdktn/provider-aws/lib/scheduler-schedule/index.js';
import type { AthenaWorkgroup } from '@cdktn/provider-aws/lib/athena-workgroup/index.js';
import type { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { serviceRole } from './service-role.ts';
import { stageKeyArn } from './stage-key.ts';
import { stageOf } from './stage-of.ts';
import { allow, type Statement } from './statement.ts';

/** A query of the lake that is asked again and again. */
export interface ScheduledQuery {
  readonly schedule: string;
  readonly sql: string;
}

/** Where queries are asked, and what they may read and write. */
export interface ScheduledQueriesProps {
  readonly workgroup: AthenaWorkgroup;
  readonly queries: Readonly<Record<string, ScheduledQuery>>;
  /** Of the lake, below which tables are written. */
  readonly writtenPrefixes: readonly string[];
  readonly names: Names;
}

/** Athena works with the rights of who asks: all queries share a role that may read the lake and write what they say. */
export function scheduledQueries(
  scope: Construct,
  { workgroup, queries, writtenPrefixes, names }: ScheduledQueriesProps,
): void {
  if (Object.keys(queries).length === 0) return;
  const keyArn = stageKeyArn(scope);
  const role = serviceRole(scope, 'scheduled', {
    name: names.scheduledQueries,
    services: ['scheduler.amazonaws.com'],
    grants: queryGrants(scope, { workgroup, writtenPrefixes, names }),
  });
  for (const [id, { schedule, sql }] of Object.entries(queries)) {
    new SchedulerSchedule(scope, `schedule_${id}`, {
      name: `${names.scheduledQueries}-${id}`,
      description: 'Of docs/lake.md.',
      scheduleExpression: schedule,
      flexibleTimeWindow: { mode: 'OFF' },
      ...(keyArn !== undefined && { kmsKeyArn: keyArn }),
      target: {
        arn: 'arn:aws:scheduler:::aws-sdk:athena:startQueryExecution',
        roleArn: role.arn,
        input: JSON.stringify({
          QueryString: sql,
          WorkGroup: workgroup.name,
          QueryExecutionContext: { Database: names.lakeDatabase },
        }),
      },
    });
  }
}

function queryGrants(
  scope: Construct,
  { workgroup, writtenPrefixes, names }: Omit<ScheduledQueriesProps, 'queries'>,
): readonly Statement[] {
  const lake = new DataAwsS3Bucket(scope, 'lake', { bucket: names.lakeBucket });
  const results = `arn:aws:s3:::${names.queryResultsBucket}`;
  const written = writtenPrefixes.map((prefix) => `${lake.arn}/${prefix}/*`);
  return [
    allow(['athena:StartQueryExecution'], [workgroup.arn]),
    allow(CATALOG_READS, catalogArns(scope, names)),
    allow(['glue:UpdateTable', 'glue:BatchCreatePartition'], catalogArns(scope, names)),
    allow(['s3:ListBucket', 's3:GetBucketLocation'], [lake.arn, results]),
    allow(['s3:GetObject'], [`${lake.arn}/outcomes/*`, `${results}/*`, ...written]),
    allow(['s3:PutObject', 's3:AbortMultipartUpload'], [`${results}/*`, ...written]),
    ...(written.length === 0 ? [] : [allow(['s3:DeleteObject'], written)]),
  ];
}

/** What it takes to know a table. */
export const CATALOG_READS = ['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartitions', 'glue:GetPartition'];

/** The database with its tables; Glue asks for the catalogue above them too. */
export function catalogArns(scope: Construct, names: Names): readonly string[] {
  const { region, account } = stageOf(scope);
  const glue = `arn:aws:glue:${region}:${account}`;
  return [
    `${glue}:catalog`,
    `${glue}:database/${names.lakeDatabase}`,
    `${glue}:table/${names.lakeDatabase}/*`,
  ];
}
