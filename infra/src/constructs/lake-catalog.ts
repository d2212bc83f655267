import { GlueCatalogDatabase } from '@cdktn/provider-aws/lib/glue-catalog-database/index.js';
import { GlueCatalogTable } from '@cdktn/provider-aws/lib/glue-catalog-table/index.js';
import type { Construct } from 'constructs';
import {
  athenaView,
  FILE_COLUMNS,
  LANDING_COLUMNS,
  PARTITION_COLUMNS,
  type TableColumn,
} from '../lake-tables.ts';
import type { Names } from '../names.ts';
import type { StageConfig } from '../stage.ts';
import type { WarehouseSettings } from '../warehouse-settings.ts';

const PARQUET = {
  inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
  outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
  serDeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
};

/** Which stage's lake. */
export interface LakeCatalogProps {
  readonly stage: StageConfig;
  readonly settings: WarehouseSettings;
  readonly names: Names;
}

/** The database in which AWS's engines find the lake: its files as a table, and what is known last of each conversation as a view. */
export function lakeCatalog(
  scope: Construct,
  { stage, settings, names }: LakeCatalogProps,
): GlueCatalogDatabase {
  const database = new GlueCatalogDatabase(scope, 'database', {
    name: names.lakeDatabase,
    description: 'The lake of Aftercall, see docs/lake.md.',
  });
  const table = (id: string, parameters: Readonly<Record<string, string>>, columns = FILE_COLUMNS) =>
    new GlueCatalogTable(scope, id, {
      name: id,
      databaseName: database.name,
      tableType: 'EXTERNAL_TABLE',
      parameters: { EXTERNAL: 'TRUE', classification: 'parquet', ...parameters },
      partitionKeys: mutable(PARTITION_COLUMNS),
      storageDescriptor: {
        location: `s3://${names.lakeBucket}/outcomes/`,
        columns: mutable(columns),
        ...PARQUET,
      },
    });
  table('outcomes', projection(stage, settings));
  // Spectrum knows no projection: it reads the partitions that are listed.
  if (settings.redshift) table('outcomes_partitions', {});
  latest(scope, database);
  if (settings.iceberg) landing(scope, database, names);
  return database;
}

const mutable = (columns: readonly TableColumn[]) => columns.map((column) => ({ ...column }));

/** Athena works the partitions out by itself: every source that the stage has, every hour since its first day. */
const projection = (stage: StageConfig, { since }: WarehouseSettings) => ({
  'projection.enabled': 'true',
  'projection.source.type': 'enum',
  'projection.source.values': sourceKeys(stage).join(','),
  'projection.dt.type': 'date',
  'projection.dt.format': 'yyyy-MM-dd',
  'projection.dt.range': `${since},NOW+1DAYS`,
  'projection.hour.type': 'integer',
  'projection.hour.range': '0,23',
  'projection.hour.digits': '2',
});

/** Every way in has a key, and each is a partition. */
const sourceKeys = ({ sources, partner = [], backfill }: StageConfig): readonly string[] =>
  [...sources, ...partner, ...(backfill?.sources ?? [])].map(({ key }) => key);

function latest(scope: Construct, database: GlueCatalogDatabase): void {
  const view = athenaView(database.nameInput ?? '');
  new GlueCatalogTable(scope, 'outcomes_latest', {
    name: 'outcomes_latest',
    databaseName: database.name,
    tableType: 'VIRTUAL_VIEW',
    parameters: { presto_view: 'true', comment: 'Presto View' },
    viewOriginalText: view.text,
    viewExpandedText: '/* Presto View */',
    storageDescriptor: { columns: mutable(view.columns) },
  });
}

function landing(scope: Construct, database: GlueCatalogDatabase, names: Names): void {
  new GlueCatalogTable(scope, 'outcomes_landing', {
    name: 'outcomes_landing',
    databaseName: database.name,
    tableType: 'EXTERNAL_TABLE',
    openTableFormatInput: { icebergInput: { metadataOperation: 'CREATE', version: '2' } },
    storageDescriptor: {
      location: `s3://${names.lakeBucket}/landing/`,
      columns: mutable(LANDING_COLUMNS),
    },
    // From then on the table's own metadata say how it is.
    lifecycle: { ignoreChanges: ['parameters', 'storage_descriptor'] },
  });
}
