import type { Construct } from 'constructs';
import { athena } from '../constructs/athena.ts';
import { firehose } from '../constructs/firehose.ts';
import { lakeCatalog } from '../constructs/lake-catalog.ts';
import { redshift } from '../constructs/redshift.ts';
import { scheduledQueries, type ScheduledQuery } from '../constructs/scheduled-query.ts';
import { pageQueries, pageStatement } from '../lake-page.ts';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';
import type { WarehouseSettings } from '../warehouse-settings.ts';

/** Longer than Firehose retries, so that nothing that is still to be merged is gone. */
const FORGET_LANDED = `DELETE FROM outcomes_landing
WHERE from_iso8601_timestamp(received_at) < current_timestamp - INTERVAL '7' DAY`;

/** The table that the merge writes is Athena's to make: Glue alone makes none that is partitioned by a day. */
const MERGED_TABLE = 'CREATE TABLE outcomes_iceberg';

/** On the page it is stage `dev`'s. */
const PAGE_LAKE = 'aftercall-dev-lake-111122223333';

/** The stage, its warehouse, and its names. */
export interface WarehouseProps {
  readonly stage: StageConfig;
  readonly warehouse: WarehouseSettings;
  readonly names: Names;
}

/** What queries the lake with SQL: Glue and Athena, and where the stage asks for it Redshift, or Firehose and Iceberg. */
export function warehouse(scope: Construct, { stage, warehouse: settings, names }: WarehouseProps): void {
  const database = lakeCatalog(scope, { stage, settings, names });
  const workgroup = athena(scope, {
    ...{ database, names, maxBytesPerQuery: settings.maxBytesPerQuery },
    queries: [
      ...pageQueries('query'),
      ...(settings.iceberg
        ? [{ heading: 'Make the table of merged outcomes, once', sql: mergedTable(names) }]
        : []),
    ],
  });
  scheduledQueries(scope, {
    ...{ workgroup, names, queries: scheduled(settings) },
    writtenPrefixes: settings.iceberg ? ['landing', 'iceberg'] : [],
  });
  if (settings.redshift) redshift(scope, { settings: settings.redshift, names });
  if (settings.iceberg) firehose(scope, { settings: settings.iceberg, names });
}

const scheduled = ({ redshift: spectrum, iceberg }: WarehouseSettings): Record<string, ScheduledQuery> => ({
  ...(spectrum && {
    partitions: { schedule: spectrum.partitionsSchedule, sql: 'MSCK REPAIR TABLE outcomes_partitions' },
  }),
  ...(iceberg && {
    merge: { schedule: iceberg.mergeSchedule, sql: pageStatement('iceberg', 'MERGE INTO outcomes_iceberg') },
    forget: { schedule: 'rate(1 day)', sql: FORGET_LANDED },
  }),
});

const mergedTable = ({ lakeBucket }: Names): string =>
  pageStatement('iceberg', MERGED_TABLE).replace(PAGE_LAKE, lakeBucket);
